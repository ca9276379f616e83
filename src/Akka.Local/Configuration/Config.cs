namespace Akka.Configuration;

/// <summary>
/// Settings of the actor system, as HOCON, one a line. Besides that there is no logger, they only say what holds here anyway: no hook of the runtime's own ends the actors when the process is told
/// to end, without a logger nothing is written to the standard output, and the scheduler is never more than 100 ms late (it sleeps until the next timer is due).
/// </summary>
public class Config
{
    private const string NoLoggers = "akka.loggers = []";

    private static readonly string[] Known = [NoLoggers, "akka.coordinated-shutdown.run-by-clr-shutdown-hook = off", "akka.stdout-loglevel = OFF", "akka.scheduler.tick-duration = 100ms"];

    private Config(bool hasLoggers) => HasLoggers = hasLoggers;

    internal bool HasLoggers { get; }

    /// <exception cref="ConfigurationException">A line is none of the settings that there are.</exception>
    public static implicit operator Config(string str)
    {
        var lines = str.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Except(Known, StringComparer.Ordinal).FirstOrDefault() is { } unknown
            ? throw new ConfigurationException($"Akka.Local has no setting '{unknown}', only: {string.Join(", ", Known)}")
            : new Config(!lines.Contains(NoLoggers, StringComparer.Ordinal));
    }
}
