namespace Akka.Actor;

using Akka.Configuration;
using Akka.Event;

/// <summary>A tree of actors with its scheduler, event stream and dead letters. One for each process is the rule.</summary>
public sealed class ActorSystem : IActorRefFactory, IDisposable
{
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimerQueueScheduler _scheduler = new();
    private readonly LocalActorRef _userGuardian;
    private readonly LocalActorRef _systemGuardian;
    private readonly IActorRef _deadLetterListener;
    private long _lastUid;
    private long _lastTemporaryName;

    private ActorSystem(string name, IReadOnlyList<ILogSink> sinks, LogLevel logLevel)
    {
        Name = name;
        RootPath = new ActorPath(new Address("akka", name));
        EventStream = new EventStream(sinks);
        EventStream.SetLogLevel(logLevel);
        DeadLettersRef = new DeadLetterActorRef(this);
        Log = Logging.GetLogger(this, "ActorSystem");
        var root = new RootGuardian(this);
        _userGuardian = new LocalActorRef(this, RootPath / "user", Props.Create<Guardian>(SupervisorStrategy.DefaultStrategy), root);
        _systemGuardian = new LocalActorRef(this, RootPath / "system", Props.Create<Guardian>(SupervisorStrategy.DefaultStrategy), root);
        root.Start(_userGuardian, _systemGuardian);
        _deadLetterListener = SystemActorOf(Props.Create<DeadLetterListener>(SupervisorStrategy.DefaultStrategy), "deadLetterListener");
        EventStream.Subscribe(_deadLetterListener, typeof(AllDeadLetters));
        Shutdown = new CoordinatedShutdown(this);
    }

    public string Name { get; }

    public EventStream EventStream { get; }

    public IActorRef DeadLetters => DeadLettersRef;

    public IScheduler Scheduler => _scheduler;

    public ILoggingAdapter Log { get; }

    /// <summary>Completes once every actor has stopped.</summary>
    public Task WhenTerminated => _terminated.Task;

    internal ActorPath RootPath { get; }

    internal DeadLetterActorRef DeadLettersRef { get; }

    internal CoordinatedShutdown Shutdown { get; }

    /// <exception cref="ArgumentException">The name is not made of letters, digits, <c>-</c> and <c>_</c>, beginning with a letter or a digit.</exception>
    public static ActorSystem Create(string name) => Create(name, [new ConsoleLogSink()], LogLevel.InfoLevel);

    /// <exception cref="ArgumentException">As without settings.</exception>
    public static ActorSystem Create(string name, Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Create(name, config.HasLoggers ? [new ConsoleLogSink()] : [], LogLevel.InfoLevel);
    }

    internal static ActorSystem Create(string name, IReadOnlyList<ILogSink> sinks, LogLevel logLevel)
    {
        var valid = !string.IsNullOrEmpty(name)
            && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        if (!valid)
        {
            throw new ArgumentException(
                $"Invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-')",
                nameof(name));
        }

        return new ActorSystem(name, sinks, logLevel);
    }

    public IActorRef ActorOf(Props props, string? name = null) => _userGuardian.Cell.ActorOf(props, name);

    /// <summary>Stops an actor after the message that it is handling; what is still in its mailbox becomes dead letters.</summary>
    public void Stop(IActorRef actor)
    {
        if (actor is LocalActorRef local && local.Path.Parent.Equals(_userGuardian.Path))
        {
            _userGuardian.Cell.Stop(actor);
        }
        else
        {
            ((IInternalActorRef)actor).SendSystemMessage(new Terminate());
        }
    }

    /// <summary>Runs <see cref="CoordinatedShutdown"/>, whose last phase stops all actors.</summary>
    public Task Terminate()
    {
        _ = Shutdown.Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        return WhenTerminated;
    }

    public void Dispose() => _ = Terminate();

    public override string ToString() => RootPath.Address.ToString();

    internal IActorRef SystemActorOf(Props props, string? name) => _systemGuardian.Cell.ActorOf(props, name);

    internal Task FinalTerminate()
    {
        // What is lost by ending everything is no news, and not logged.
        EventStream.Unsubscribe(_deadLetterListener);
        _userGuardian.SendSystemMessage(new Terminate());
        return WhenTerminated;
    }

    internal long NextUid() => Interlocked.Increment(ref _lastUid);

    internal ActorPath NextTemporaryPath(string? prefix = null) => RootPath / "temp" / $"{prefix}${Interlocked.Increment(ref _lastTemporaryName)}";

    private void Terminated()
    {
        _scheduler.Stop();
        _terminated.TrySetResult();
    }

    /// <summary>The parent of the actors that the program makes.</summary>
    private sealed class Guardian : ActorBase
    {
        protected override bool Receive(object message) => false;

        // The children of a guardian are stopped by its own end only.
        protected override void PreRestart(Exception reason, object message)
        {
        }
    }

    /// <summary>Above the guardians: ends the system when they have ended.</summary>
    private sealed class RootGuardian(ActorSystem system) : ActorRefBase, IInternalActorRef
    {
        private LocalActorRef _user = null!;
        private LocalActorRef _system = null!;

        public override ActorPath Path => system.RootPath;

        public ActorSystem System => system;

        public void SendSystemMessage(SystemMessage message)
        {
            switch (message)
            {
                case Failed failed:
                    system.Log.Error(failed.Cause, "guardian {0} failed, shutting down system", failed.Child);
                    ((IInternalActorRef)failed.Child).SendSystemMessage(new Terminate());
                    break;
                case DeathWatchNotification notification when notification.Actor.Equals(_user):
                    _system.SendSystemMessage(new Terminate());
                    break;
                case DeathWatchNotification notification when notification.Actor.Equals(_system):
                    system.Terminated();
                    break;
                case Watch watch:
                    system.DeadLettersRef.SendSystemMessage(watch);
                    break;
            }
        }

        internal void Start(LocalActorRef user, LocalActorRef systemGuardian)
        {
            _user = user;
            _system = systemGuardian;
            user.Cell.Start();
            systemGuardian.Cell.Start();
        }

        protected override void TellInternal(object message, IActorRef? sender) => system.DeadLettersRef.Publish(message, sender, this);
    }
}
