namespace Akka.Actor;

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Event;

/// <summary>
/// Shuts an actor system down phase by phase: the tasks of one phase run side by side, and the next phase begins when they have ended or the
/// phase's time is over. A task that fails is reported and holds up nothing.
/// </summary>
public sealed class CoordinatedShutdown
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    // The order, and the times of Akka.NET's own configuration, akka.conf of 1.5.30: 5 s unless it says otherwise.
    private static readonly ImmutableArray<(string Name, TimeSpan Timeout)> Phases =
    [
        (PhaseBeforeServiceUnbind, TimeSpan.FromSeconds(5)),
        (PhaseServiceUnbind, TimeSpan.FromSeconds(5)),
        (PhaseServiceRequestsDone, TimeSpan.FromSeconds(5)),
        (PhaseServiceStop, TimeSpan.FromSeconds(5)),
        (PhaseBeforeClusterShutdown, TimeSpan.FromSeconds(5)),
        (PhaseClusterShardingShutdownRegion, TimeSpan.FromSeconds(10)),
        (PhaseClusterLeave, TimeSpan.FromSeconds(5)),
        (PhaseClusterExiting, TimeSpan.FromSeconds(10)),
        (PhaseClusterExitingDone, TimeSpan.FromSeconds(5)),
        (PhaseClusterShutdown, TimeSpan.FromSeconds(5)),
        (PhaseBeforeActorSystemTerminate, TimeSpan.FromSeconds(5)),
        (PhaseActorSystemTerminate, TimeSpan.FromSeconds(10)),
    ];

    private readonly ConcurrentDictionary<string, ImmutableList<(string Name, Func<Task<Done>> Task)>> _tasks = new();
    private readonly TaskCompletionSource<Done> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILoggingAdapter _log;
    private Reason? _reason;

    internal CoordinatedShutdown(ActorSystem system)
    {
        System = system;
        _log = Logging.GetLogger(system, typeof(CoordinatedShutdown));
        AddTask(PhaseActorSystemTerminate, "terminate-system", async () =>
        {
            await system.FinalTerminate().ConfigureAwait(false);
            return Done.Instance;
        });
    }

    public ActorSystem System { get; }

    /// <summary>Why the shutdown was begun; null before.</summary>
    public Reason? ShutdownReason => Volatile.Read(ref _reason);

    /// <summary>The longest that a run can take with the tasks that there are now.</summary>
    public TimeSpan TotalTimeout => _tasks.Keys.Aggregate(TimeSpan.Zero, (sum, phase) => sum + Timeout(phase));

    public static CoordinatedShutdown Get(ActorSystem sys) => sys.Shutdown;

    /// <summary>Adds a task to a phase. Once that phase has begun it comes too late, and is not run.</summary>
    /// <exception cref="ConfigurationException">There is no such phase.</exception>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        if (!IsKnown(phase))
        {
            throw new ConfigurationException(
                $"Unknown phase [{phase}], known phases [{string.Join(",", Phases.Select(p => p.Name))}]. " +
                "All phases (along with their optional dependencies) must be defined in configuration.");
        }

        _tasks.AddOrUpdate(phase, _ => [(taskName, task)], (_, others) => others.Add((taskName, task)));
    }

    /// <exception cref="ArgumentException">There is no such phase.</exception>
    public TimeSpan Timeout(string phase) => IsKnown(phase)
        ? Phases.First(p => p.Name == phase).Timeout
        : throw new ArgumentException($"Unknown phase [{phase}]. All phases must be defined in configuration.");

    /// <summary>Runs the phases once; every further call gets the same task.</summary>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _ = RunPhases(fromPhase);
        }

        return _done.Task;
    }

    private static bool IsKnown(string phase) => Phases.Any(p => p.Name == phase);

    private async Task RunPhases(string? fromPhase)
    {
        try
        {
            foreach (var (phase, timeout) in Phases.SkipWhile(p => fromPhase is not null && p.Name != fromPhase))
            {
                await RunPhase(phase, timeout).ConfigureAwait(false);
            }

            _done.TrySetResult(Done.Instance);
        }
        catch (Exception e)
        {
            _done.TrySetException(e);
        }
    }

    private async Task RunPhase(string phase, TimeSpan timeout)
    {
        if (!_tasks.TryGetValue(phase, out var tasks))
        {
            return;
        }

        _log.Debug("Performing phase [{0}] with [{1}] tasks: [{2}]", phase, tasks.Count, string.Join(",", tasks.Select(t => t.Name)));
        try
        {
            await Task.WhenAll(tasks.Select(t => RunTask(phase, t.Name, t.Task))).WaitAsync(timeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _log.Warning("Coordinated shutdown phase [{0}] timed out after {1}", phase, timeout);
        }
    }

    private async Task RunTask(string phase, string name, Func<Task<Done>> task)
    {
        try
        {
            await task().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _log.Warning("Task [{0}] failed in phase [{1}]: {2}", name, phase, e.Message);
        }
    }

    /// <summary>Why a shutdown runs.</summary>
    public class Reason
    {
        protected Reason()
        {
        }
    }

    public sealed class UnknownReason : Reason
    {
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason()
        {
        }
    }

    public sealed class ActorSystemTerminateReason : Reason
    {
        public static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason()
        {
        }
    }

    public sealed class ClrExitReason : Reason
    {
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason()
        {
        }
    }
}
