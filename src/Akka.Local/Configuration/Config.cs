namespace Akka.Configuration;

/// <summary>
/// Settings of the actor system, as HOCON. This runtime is as if the one setting that it takes were made: no hook of its own ends the actors when the process is told to end.
/// </summary>
public class Config
{
    private const string NoHook = "akka.coordinated-shutdown.run-by-clr-shutdown-hook = off";

    private Config()
    {
    }

    /// <exception cref="ConfigurationException">The text says something else than <c>akka.coordinated-shutdown.run-by-clr-shutdown-hook = off</c>.</exception>
    public static implicit operator Config(string str) => str == NoHook
        ? new Config()
        : throw new ConfigurationException($"Akka.Local has no setting but '{NoHook}', and was given '{str}'.");
}
