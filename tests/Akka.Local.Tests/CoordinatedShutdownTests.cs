namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.Configuration;

public sealed class CoordinatedShutdownTests
{
    private readonly ActorSystem _system = ActorSystem.Create("shutdown");
    private readonly List<string> _ran = [];

    [Fact]
    public async Task The_phases_run_in_order_and_the_system_ends_last()
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        string[] phases =
        [
            CoordinatedShutdown.PhaseBeforeServiceUnbind, CoordinatedShutdown.PhaseServiceUnbind, CoordinatedShutdown.PhaseServiceRequestsDone,
            CoordinatedShutdown.PhaseServiceStop, CoordinatedShutdown.PhaseBeforeClusterShutdown, CoordinatedShutdown.PhaseClusterShutdown,
            CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
        ];
        foreach (var phase in phases.Reverse())
        {
            shutdown.AddTask(phase, "note", Note(phase));
        }

        _system.ActorOf(Behaving.Props(me => me.Stopped = () => Ran("actor stopped")));
        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance);

        Assert.Equal([.. phases, "actor stopped"], _ran);
        Assert.True(_system.WhenTerminated.IsCompleted);
        Assert.Same(CoordinatedShutdown.UnknownReason.Instance, shutdown.ShutdownReason);
    }

    [Fact]
    public async Task Tasks_of_one_phase_run_side_by_side()
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        var first = new TaskCompletionSource();
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "first", async () =>
        {
            await first.Task;
            Ran("first");
            return Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "second", () =>
        {
            Ran("second");
            first.SetResult();
            return Task.FromResult(Done.Instance);
        });

        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance);

        Assert.Equal(["second", "first"], _ran);
    }

    [Fact]
    public async Task A_task_that_fails_holds_up_nothing()
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "throws", () => throw new Crash("at once"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "fails", () => Task.FromException<Done>(new Crash("later")));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "next", Note("next"));

        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance);

        Assert.Equal(["next"], _ran);
    }

    // The phases have no shorter time than 5 seconds without configuration.
    [Fact]
    public async Task A_task_that_hangs_holds_up_its_phase_for_its_time_only()
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "hangs", () => new TaskCompletionSource<Done>().Task);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "next", Note("next"));
        var start = DateTime.UtcNow;

        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance);

        Assert.Equal(["next"], _ran);
        Assert.InRange(DateTime.UtcNow - start, TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Terminating_the_system_runs_the_shutdown_once()
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "note", Note("ran"));

        await _system.Terminate();
        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance);

        Assert.Equal(["ran"], _ran);
        Assert.Same(CoordinatedShutdown.ActorSystemTerminateReason.Instance, shutdown.ShutdownReason);
    }

    [Fact]
    public async Task A_run_from_a_later_phase_leaves_out_the_earlier_ones()
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "early", Note("early"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "late", Note("late"));

        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance, CoordinatedShutdown.PhaseServiceStop);

        Assert.Equal(["late"], _ran);
    }

    [Fact]
    public async Task A_task_that_actors_do_is_done_before_they_are_stopped()
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        var actor = _system.ActorOf(Behaving.Props(me =>
        {
            me.OnAny(_ => me.From.Tell(Done.Instance));
            me.Stopped = () => Ran("stopped");
        }));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "drain", async () =>
        {
            var done = await actor.Ask<Done>("drain", TimeSpan.FromSeconds(3));
            Ran("drained");
            return done;
        });

        await shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance);

        Assert.Equal(["drained", "stopped"], _ran);
    }

    [Fact]
    public async Task An_unknown_phase_is_refused_and_the_known_ones_have_their_times()
    {
        var shutdown = CoordinatedShutdown.Get(_system);

        Assert.Throws<ConfigurationException>(() => shutdown.AddTask("no-such-phase", "x", Note("x")));
        Assert.Throws<ArgumentException>(() => shutdown.Timeout("no-such-phase"));
        Assert.Equal(TimeSpan.FromSeconds(5), shutdown.Timeout(CoordinatedShutdown.PhaseServiceStop));
        Assert.Equal(TimeSpan.FromSeconds(10), shutdown.Timeout(CoordinatedShutdown.PhaseActorSystemTerminate));
        Assert.Null(shutdown.ShutdownReason);
        await _system.Terminate();
    }

    private void Ran(string what)
    {
        lock (_ran)
        {
            _ran.Add(what);
        }
    }

    private Func<Task<Done>> Note(string what) => () =>
    {
        Ran(what);
        return Task.FromResult(Done.Instance);
    };
}
