namespace Akka.TestKit;

using System.Linq.Expressions;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;

/// <summary>A test kit that sends without the test actor as the sender.</summary>
public interface INoImplicitSender
{
}

/// <summary>An actor that collects messages, and the expectations about them. One test uses it at a time.</summary>
public abstract partial class TestKitBase : IActorRefFactory
{
    private static readonly TimeSpan DefaultExpectation = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(10);
    private static int lastTestActor;

    private readonly Channel<MessageEnvelope> _queue = Channel.CreateUnbounded<MessageEnvelope>();
    private TimeSpan? _end;
    private bool _lastWasNoMsg;
    private MessageEnvelope _last;

    protected TestKitBase(ActorSystem system, string? testActorName)
    {
        Sys = system;
        Log = Logging.GetLogger(system, GetType());
        TestActor = CreateTestActor(testActorName ?? "testActor" + Interlocked.Increment(ref lastTestActor));
        if (this is INoImplicitSender)
        {
            return;
        }

        var cell = ((LocalActorRef)TestActor).Cell;
        ActorCell.SetCurrent(cell);
        SynchronizationContext.SetSynchronizationContext(new ImplicitSenderContext(cell));
    }

    public static TimeSpan Now => TimeSpan.FromTicks(DateTime.UtcNow.Ticks);

    public ActorSystem Sys { get; }

    public ILoggingAdapter Log { get; }

    public IActorRef TestActor { get; }

    public IActorRef LastSender => _last.Sender ?? Sys.DeadLetters;

    public object? LastMessage => _last.Message;

    public bool HasMessages => _queue.Reader.Count > 0;

    /// <summary>What is left of the enclosing Within, or the default of 3 seconds.</summary>
    public TimeSpan RemainingOrDefault => RemainingOr(DefaultExpectation);

    /// <summary>What is left of the enclosing Within.</summary>
    public TimeSpan Remaining => _end is { } end
        ? end - Now
        : throw new InvalidOperationException("Remaining may not be called outside of \"within\"");

    public IActorRef ActorOf(Props props) => Sys.ActorOf(props);

    public IActorRef ActorOf(Props props, string? name) => Sys.ActorOf(props, name);

    public IActorRef ActorOf<TActor>()
        where TActor : ActorBase, new() => Sys.ActorOf<TActor>();

    public IActorRef ActorOf<TActor>(string name)
        where TActor : ActorBase, new() => Sys.ActorOf<TActor>(name);

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory));

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string name)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory), name);

    public IActorRef CreateTestActor(string name) =>
        Sys.SystemActorOf(Props.Create(() => new CollectingActor(_queue.Writer)), name);

    public virtual TestProbe CreateTestProbe(string? name = null) => new(Sys, name);

    public virtual TestProbe CreateTestProbe(ActorSystem system, string? name = null) => new(system, name);

    /// <summary>Has <see cref="Terminated"/> sent to the test actor; in force when it returns.</summary>
    public IActorRef Watch(IActorRef actorToWatch) => WatchAsync(actorToWatch).GetAwaiter().GetResult();

    public async Task<IActorRef> WatchAsync(IActorRef actorToWatch)
    {
        await RunInTestActor(context => context.Watch(actorToWatch)).ConfigureAwait(false);
        return actorToWatch;
    }

    public IActorRef Unwatch(IActorRef actorToUnwatch) => UnwatchAsync(actorToUnwatch).GetAwaiter().GetResult();

    public async Task<IActorRef> UnwatchAsync(IActorRef actorToUnwatch)
    {
        await RunInTestActor(context => context.Unwatch(actorToUnwatch)).ConfigureAwait(false);
        return actorToUnwatch;
    }

    /// <summary>Stops the actor system, and waits for it.</summary>
    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        var stopped = Sys.Terminate().Wait(duration ?? ShutdownTime);
        if (!stopped && verifySystemShutdown)
        {
            throw new TimeoutException($"Failed to stop [{Sys.Name}] within {duration ?? ShutdownTime}");
        }
    }

    protected TimeSpan RemainingOr(TimeSpan duration) => _end is { } end ? end - Now : duration;

    private TimeSpan RemainingOrDilated(TimeSpan? duration) => duration ?? RemainingOrDefault;

    private Task RunInTestActor(Action<IActorContext> action)
    {
        var run = new RunInside(action, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        TestActor.Tell(run, ActorRefs.NoSender);
        return run.Done.Task;
    }

    private readonly record struct MessageEnvelope(object? Message, IActorRef? Sender);

    private sealed record RunInside(Action<IActorContext> Action, TaskCompletionSource Done);

    private sealed class CollectingActor(ChannelWriter<MessageEnvelope> queue) : ActorBase
    {
        protected override bool Receive(object message)
        {
            if (message is RunInside run)
            {
                run.Action(Context);
                run.Done.SetResult();
            }
            else
            {
                queue.TryWrite(new MessageEnvelope(message, Sender));
            }

            return true;
        }
    }

    /// <summary>Makes the test actor the sender after an await, too.</summary>
    private sealed class ImplicitSenderContext(ActorCell cell) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(
            _ =>
            {
                var previousContext = Current;
                var previousCell = ActorCell.Current;
                SetSynchronizationContext(this);
                ActorCell.SetCurrent(cell);
                try
                {
                    d(state);
                }
                finally
                {
                    ActorCell.SetCurrent(previousCell);
                    SetSynchronizationContext(previousContext);
                }
            });

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }
}
