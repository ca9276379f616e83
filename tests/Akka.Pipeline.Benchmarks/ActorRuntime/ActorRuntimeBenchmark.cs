namespace Akka.Pipeline.Benchmarks.ActorRuntime;

using System.Diagnostics;
using Akka.Actor;
using Akka.Pipeline.Actors.Flow;

/// <summary>What the actor runtime itself costs: messages, actors, and standing still. Runs on either runtime.</summary>
public static class ActorRuntimeBenchmark
{
    private const int PingPongs = 2_000_000;
    private const int Producers = 8;
    private const int MessagesEach = 250_000;
    private const int Spawned = 100_000;
    private const int Idle = 10_000;
    private const int Rounds = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    public static async Task RunAsync()
    {
        Console.WriteLine($"actor runtime: {typeof(ActorSystem).Assembly.GetName().Name}, {Environment.ProcessorCount} cores, best of {Rounds} rounds after a warm-up");
        await Measure("ping-pong, two actors", PingPongs, PingPong);
        await Measure($"fan-in, {Producers} producers to 1", Producers * MessagesEach, FanIn);
        await Spawn();
        await StandStill();
    }

    private static async Task Measure(string what, int messages, Func<ActorSystem, int, Task> run)
    {
        var best = TimeSpan.MaxValue;
        long allocated = 0;
        for (var round = 0; round <= Rounds; round++)
        {
            var system = ActorSystem.Create("bench");
            GC.Collect();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var start = Stopwatch.GetTimestamp();
            await run(system, messages).WaitAsync(Limit);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (round > 0 && elapsed < best)
            {
                best = elapsed;
                allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            }

            await system.Terminate();
        }

        Console.WriteLine($"{what,-28} {messages / best.TotalSeconds,12:N0} messages/s   {best.TotalNanoseconds / messages,7:N0} ns and {(double)allocated / messages,5:N1} B each");
    }

    private static async Task PingPong(ActorSystem system, int messages)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pong = system.ActorOf(Props.Create(() => new Pong()));
        var ping = system.ActorOf(Props.Create(() => new Ping(pong, messages / 2, done)));
        ping.Tell(Ball.Instance);
        await done.Task;
    }

    private static async Task FanIn(ActorSystem system, int messages)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sink = system.ActorOf(Props.Create(() => new Sink(messages, done)));
        for (var i = 0; i < Producers; i++)
        {
            system.ActorOf(Props.Create(() => new Producer(sink, messages / Producers))).Tell(Ball.Instance);
        }

        await done.Task;
    }

    private static async Task Spawn()
    {
        var best = TimeSpan.MaxValue;
        long bytes = 0;
        for (var round = 0; round <= Rounds; round++)
        {
            var system = ActorSystem.Create("bench");
            var started = new CountdownEvent(Spawned);
            var props = Props.Create(() => new Quiet(started));
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Spawned; i++)
            {
                system.ActorOf(props);
            }

            await Task.Run(() => started.Wait(Limit));
            var elapsed = Stopwatch.GetElapsedTime(start);
            var held = GC.GetTotalMemory(forceFullCollection: true) - before;
            if (round > 0 && elapsed < best)
            {
                best = elapsed;
                bytes = held;
            }

            await system.Terminate();
        }

        Console.WriteLine($"spawn, {Spawned:N0} actors        {Spawned / best.TotalSeconds,12:N0} actors/s     {best.TotalMicroseconds / Spawned,7:N2} µs and {(double)bytes / Spawned,5:N0} B each, held");
    }

    private static async Task StandStill()
    {
        var system = ActorSystem.Create("bench");
        var started = new CountdownEvent(Idle);
        var props = Props.Create(() => new Quiet(started));
        for (var i = 0; i < Idle; i++)
        {
            system.ActorOf(props);
        }

        await Task.Run(() => started.Wait(Limit));
        for (var i = 0; i < 5; i++)
        {
            system.ActorOf(Props.Create(() => new Ticking()));
        }

        GC.Collect();
        await Task.Delay(500);
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        await Task.Delay(IdleTime);
        process.Refresh();
        var used = process.TotalProcessorTime - before;
        Console.WriteLine($"idle, {Idle:N0} actors, 5 timers of 1 s: {used.TotalMilliseconds:N0} ms of processor time in {IdleTime.TotalSeconds:N0} s, {ThreadPool.ThreadCount} pool threads");
        await system.Terminate();
    }

    private sealed class Ball
    {
        public static readonly Ball Instance = new();
    }

    private sealed class Ping : MessageActor
    {
        public Ping(IActorRef pong, int rounds, TaskCompletionSource done)
        {
            var left = rounds;
            Receive<Ball>(ball =>
            {
                if (left-- == 0)
                {
                    done.SetResult();
                }
                else
                {
                    pong.Tell(ball, Self);
                }
            });
        }
    }

    private sealed class Pong : MessageActor
    {
        public Pong() => Receive<Ball>(ball => Sender.Tell(ball, Self));
    }

    private sealed class Producer : MessageActor
    {
        public Producer(IActorRef sink, int count) => Receive<Ball>(ball =>
        {
            for (var i = 0; i < count; i++)
            {
                sink.Tell(ball, Self);
            }
        });
    }

    private sealed class Sink : MessageActor
    {
        public Sink(int expected, TaskCompletionSource done)
        {
            var left = expected;
            Receive<Ball>(_ =>
            {
                if (--left == 0)
                {
                    done.SetResult();
                }
            });
        }
    }

    private sealed class Quiet : UntypedActor
    {
        private readonly CountdownEvent _started;

        public Quiet(CountdownEvent started) => _started = started;

        protected override void PreStart() => _started.Signal();

        protected override void OnReceive(object message) => Unhandled(message);
    }

    private sealed class Ticking : MessageActor, IWithTimers
    {
        public Ticking() => Receive<Ball>(_ => { });

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer("tick", Ball.Instance, TimeSpan.FromSeconds(1));
    }
}
