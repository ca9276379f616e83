namespace Akka.Actor;

/// <summary>Names an actor system: <c>akka://name</c>. There are no remote ones.</summary>
public sealed record Address
{
    internal Address(string protocol, string system)
    {
        Protocol = protocol;
        System = system;
    }

    public string Protocol { get; }

    public string System { get; }

    public override string ToString() => $"{Protocol}://{System}";
}
