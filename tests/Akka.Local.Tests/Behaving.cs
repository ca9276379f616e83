namespace Akka.Local.Tests;

using Akka.Actor;

/// <summary>An actor whose handlers and hooks are given by the test. The script runs again for each new instance.</summary>
internal sealed class Behaving : HandlingActor
{
    private readonly SupervisorStrategy? _strategy;

    public Behaving(Action<Behaving> script, SupervisorStrategy? strategy)
    {
        _strategy = strategy;
        script(this);
    }

    public Action? Starting { get; set; }

    public Action? Stopped { get; set; }

    public Action<Exception, object>? Restarting { get; set; }

    public Action<Exception>? Restarted { get; set; }

    public bool KeepsChildrenOnRestart { get; set; }

    public IActorRef Me => Self;

    public IActorRef From => Sender;

    public IUntypedActorContext Surroundings => Context;

    public static Props Props(Action<Behaving> script, SupervisorStrategy? strategy = null) =>
        Akka.Actor.Props.Create(() => new Behaving(script, strategy));

    public void On<T>(Action<T> handle) => Receive(handle);

    public void On<T>(Predicate<T> shouldHandle, Action<T> handle) => Receive<T>(message =>
    {
        var fits = shouldHandle(message);
        if (fits)
        {
            handle(message);
        }

        return fits;
    });

    public void OnAny(Action<object> handle) => Receive(handle);

    public void Turn(Action configure) => Become(Handlers(configure));

    public void TurnFor(Action configure) => BecomeStacked(Handlers(configure));

    public void TurnBack() => UnbecomeStacked();

    protected override SupervisorStrategy SupervisorStrategy() => _strategy ?? base.SupervisorStrategy();

    protected override void PreStart() => Starting?.Invoke();

    protected override void PostStop() => Stopped?.Invoke();

    protected override void PreRestart(Exception reason, object message)
    {
        Restarting?.Invoke(reason, message);
        if (!KeepsChildrenOnRestart)
        {
            base.PreRestart(reason, message);
        }
    }

    protected override void PostRestart(Exception reason)
    {
        Restarted?.Invoke(reason);
        base.PostRestart(reason);
    }
}

/// <summary>An actor that says what it does with each kind of message; the first that fits does it.</summary>
internal abstract class HandlingActor : UntypedActor
{
    private List<Func<object, bool>> _handlers = [];

    protected void Receive<T>(Action<T> handle) => Receive<T>(message =>
    {
        handle(message);
        return true;
    });

    protected void Receive<T>(Func<T, bool> handle) => _handlers.Add(message => message is T known && handle(known));

    protected UntypedReceive Handlers(Action configure)
    {
        var before = _handlers;
        _handlers = [];
        configure();
        var configured = _handlers;
        _handlers = before;
        return message => Handle(configured, message);
    }

    protected override void OnReceive(object message) => Handle(_handlers, message);

    private void Handle(List<Func<object, bool>> handlers, object message)
    {
        if (!handlers.Exists(handler => handler(message)))
        {
            Unhandled(message);
        }
    }
}

/// <summary>A failure that a test asks for.</summary>
internal sealed class Crash : Exception
{
    public Crash(string message)
        : base(message)
    {
    }
}
