namespace Akka.Local.Tests;

using Akka.Actor;

/// <summary>An actor whose handlers and hooks are given by the test. The script runs again for each new instance.</summary>
internal sealed class Behaving : ReceiveActor
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

    public void On<T>(Predicate<T> shouldHandle, Action<T> handle) => Receive(shouldHandle, handle);

    public void OnFunction<T>(Func<T, bool> handle) => Receive(handle);

    public void OnAny(Action<object> handle) => ReceiveAny(handle);

    public void Turn(Action configure) => Become(configure);

    public void TurnFor(Action configure) => BecomeStacked(configure);

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

/// <summary>A failure that a test asks for.</summary>
internal sealed class Crash : Exception
{
    public Crash(string message)
        : base(message)
    {
    }
}
