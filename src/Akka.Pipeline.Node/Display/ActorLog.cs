namespace Akka.Pipeline.Node.Display;

using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

/// <summary>
/// Shows what actors log. It listens on the event stream, because what Akka.NET's logger for the host's logging hands on differs between its versions.
/// </summary>
internal sealed class ActorLog
{
    private static readonly TimeSpan MostFlushing = TimeSpan.FromMilliseconds(500);

    private ActorLog()
    {
    }

    /// <summary>Starts it; from then on everything is shown that is worth an operator's attention.</summary>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(Listener))]
    public static IActorRef Start(ActorSystem system, LogLines lines)
    {
        var log = system.ActorOf(Props.Create<Listener>(lines), "log");
        foreach (var kind in new[] { typeof(Info), typeof(Warning), typeof(Error) })
        {
            system.EventStream.Subscribe(log, kind);
        }

        return log;
    }

    /// <summary>Returns once everything is shown that was logged before, or at the latest after half a second: a line that is late is no reason to be late.</summary>
    public static async Task FlushAsync(IActorRef log)
    {
        try
        {
            await log.Ask<Flushed>(new Flush(), MostFlushing);
        }
        catch (AskTimeoutException)
        {
            // It is shown when its turn comes, or lost with the process.
        }
    }

    // An operator reads what happened, not which actor and thread said so. A dead letter at the end of a run is no news, and neither is how the actor system ends.
    private static void Show(LogLines lines, LogEvent logged)
    {
        if (logged.LogSource.Contains("deadLetters", StringComparison.OrdinalIgnoreCase) || (logged.LogClass == typeof(CoordinatedShutdown) && logged is Info))
        {
            return;
        }

        var level = logged switch
        {
            Error => LogLevel.Error,
            Warning => LogLevel.Warning,
            _ => LogLevel.Information,
        };
        lines.Write(level, logged.Cause is null ? $"{logged.Message}" : $"{logged.Message} {logged.Cause}");
    }

    private sealed class Listener : MessageActor
    {
        public Listener(LogLines lines)
        {
            Receive<LogEvent>(logged => Show(lines, logged));
            Receive<Flush>(_ => Sender.Tell(new Flushed()));
        }
    }

    private sealed record Flush;

    private sealed record Flushed;
}
