namespace Akka.Actor;

/// <summary>What the runtime itself needs of a reference: the life-cycle commands that overtake user messages.</summary>
internal interface IInternalActorRef : IActorRef
{
    ActorSystem System { get; }

    void SendSystemMessage(SystemMessage message);
}

/// <summary>Equality and order by path and incarnation.</summary>
public abstract class ActorRefBase : IActorRef
{
    public abstract ActorPath Path { get; }

    public void Tell(object message, IActorRef? sender) => TellInternal(message, sender);

    protected abstract void TellInternal(object message, IActorRef? sender);

    public bool Equals(IActorRef? other) =>
        ReferenceEquals(this, other) || (other is not null && Path.Uid == other.Path.Uid && Path.Equals(other.Path));

    public override bool Equals(object? obj) => Equals(obj as IActorRef);

    public override int GetHashCode() => HashCode.Combine(Path.Uid, Path.Name);

    public int CompareTo(IActorRef? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byPath = Path.CompareTo(other.Path);
        return byPath != 0 ? byPath : Path.Uid.CompareTo(other.Path.Uid);
    }

    public int CompareTo(object? obj) => CompareTo(obj as IActorRef);

    public override string ToString() => Path.Uid == 0 ? $"[{Path}]" : $"[{Path}#{Path.Uid}]";
}

/// <summary>No actor: what is told to it vanishes.</summary>
public sealed class Nobody : ActorRefBase, IInternalActorRef
{
    private Nobody() => Path = new ActorPath(new Address("akka", "all-systems")) / "Nobody";

    public static Nobody Instance { get; } = new();

    public override ActorPath Path { get; }

    ActorSystem IInternalActorRef.System => throw new NotSupportedException("Nobody belongs to no actor system.");

    void IInternalActorRef.SendSystemMessage(SystemMessage message)
    {
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
    }
}

/// <summary>The reference of an actor in this process.</summary>
internal sealed class LocalActorRef : ActorRefBase, IInternalActorRef
{
    internal LocalActorRef(ActorSystem system, ActorPath path, Props props, IInternalActorRef parent)
    {
        Path = path;
        Cell = new ActorCell(system, this, props, parent);
    }

    public override ActorPath Path { get; }

    public ActorSystem System => Cell.SystemImpl;

    internal ActorCell Cell { get; }

    public void SendSystemMessage(SystemMessage message) => Cell.SendSystemMessage(message);

    protected override void TellInternal(object message, IActorRef? sender) => Cell.SendMessage(message, sender);
}

/// <summary>Where messages without a living receiver go; publishes them on the event stream.</summary>
internal sealed class DeadLetterActorRef : ActorRefBase, IInternalActorRef
{
    internal DeadLetterActorRef(ActorSystem system)
    {
        System = system;
        Path = system.RootPath / "deadLetters";
    }

    public override ActorPath Path { get; }

    public ActorSystem System { get; }

    public void SendSystemMessage(SystemMessage message)
    {
        if (message is Watch watch)
        {
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: false));
        }
    }

    /// <summary>Publishes a message that did not reach its receiver.</summary>
    internal void Publish(object message, IActorRef? sender, IActorRef recipient)
    {
        Event.AllDeadLetters letter = message switch
        {
            Event.AllDeadLetters already => already,
            Event.IDeadLetterSuppression suppressed => new Event.SuppressedDeadLetter(suppressed, sender ?? this, recipient),
            _ => new Event.DeadLetter(message, sender ?? this, recipient),
        };
        System.EventStream.Publish(letter);
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        if (message is null)
        {
            throw new InvalidMessageException();
        }

        Publish(message, sender, this);
    }
}
