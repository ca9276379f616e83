namespace Akka.Pipeline.Node.Running;

using System.Reflection;
using Akka.Actor;

/// <summary>Which implementation of the actors this program was built on.</summary>
public static class ActorRuntime
{
    /// <summary>
    /// What the actor system is told. Signals are the run's business, which drains first: Akka.NET's hook would stop the actors at once, on .NET 10 at SIGTERM too (seen with 1.5.71). And the standard output
    /// is for --json. And its scheduler wakes up ten times a second, not a hundred times, which was 3 % of a core in a daemon that does nothing (seen with 1.5.71): no timer of the actors needs more.
    /// </summary>
    public const string Settings = """
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        akka.loggers = []
        akka.stdout-loglevel = OFF
        akka.scheduler.tick-duration = 100ms
        """;

    /// <summary>"Akka.NET 1.5.30" or "Akka.Local 0.1.0".</summary>
    public static string Description
    {
        get
        {
            var assembly = typeof(ActorSystem).Assembly.GetName();
            var version = typeof(ActorSystem).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.Version?.ToString();
            return $"{(string.Equals(assembly.Name, "Akka", StringComparison.Ordinal) ? "Akka.NET" : assembly.Name)} {version}";
        }
    }

    /// <summary>The version of the product.</summary>
    public static string ProductVersion { get; } =
        typeof(ActorRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
