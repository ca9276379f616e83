namespace Akka.Pipeline.Benchmarks.Micro;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using BenchmarkDotNet.Attributes;

/// <summary>A message through a mailbox, and there and back.</summary>
public class MailboxBenchmark
{
    private const int Messages = 100_000;

    private ActorSystem _system = null!;
    private IActorRef _counter = null!;
    private IActorRef _player = null!;

    [GlobalSetup]
    public void Begin()
    {
        _system = ActorSystem.Create("micro");
        _counter = _system.ActorOf(Props.Create(() => new Counter()), "counter");
        _player = _system.ActorOf(Props.Create(() => new Player(_system.ActorOf(Props.Create(() => new Echo()), "echo"))), "player");
    }

    [GlobalCleanup]
    public Task StopAsync() => _system.Terminate();

    [Benchmark(OperationsPerInvoke = Messages)]
    public Task Tell()
    {
        var done = new TaskCompletionSource();
        _counter.Tell(new Start(done));
        for (var i = 0; i < Messages; i++)
        {
            _counter.Tell(Ball.Instance);
        }

        return done.Task;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public Task ThereAndBack()
    {
        var done = new TaskCompletionSource();
        _player.Tell(new Start(done));
        return done.Task;
    }

    private sealed record Start(TaskCompletionSource Done);

    private sealed record Ball
    {
        public static Ball Instance { get; } = new();
    }

    private sealed class Counter : MessageActor
    {
        private TaskCompletionSource? _done;
        private int _left;

        public Counter()
        {
            Receive<Start>(start => (_done, _left) = (start.Done, Messages));
            Receive<Ball>(_ =>
            {
                if (--_left == 0)
                {
                    _done!.SetResult();
                }
            });
        }
    }

    private sealed class Echo : MessageActor
    {
        public Echo() => Receive<Ball>(ball => Sender.Tell(ball));
    }

    private sealed class Player : MessageActor
    {
        private TaskCompletionSource? _done;
        private int _left;

        public Player(IActorRef other)
        {
            Receive<Start>(start =>
            {
                (_done, _left) = (start.Done, Messages / 2);
                other.Tell(Ball.Instance, Self);
            });
            Receive<Ball>(ball =>
            {
                if (--_left == 0)
                {
                    _done!.SetResult();
                }
                else
                {
                    other.Tell(ball, Self);
                }
            });
        }
    }
}
