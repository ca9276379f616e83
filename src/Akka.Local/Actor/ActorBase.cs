namespace Akka.Actor;

using Akka.Event;

/// <summary>An actor: handles one message at a time, and owns its state alone.</summary>
public abstract class ActorBase
{
    private SupervisorStrategy? _supervisorStrategy;
    private IActorRef? _clearedSelf;

    protected ActorBase()
    {
        var cell = ActorCell.Current
            ?? throw new ActorInitializationException("Do not create actors using 'new', always create them using an ActorContext/System");
        if (this is IWithTimers withTimers)
        {
            withTimers.Timers = new TimerScheduler(cell);
        }

        cell.Become(Receive);
    }

    protected static IActorContext Context =>
        ActorCell.Current
        ?? throw new NotSupportedException("There is no active ActorContext, this is most likely due to use of async operations from within this actor.");

    protected IActorRef Sender => Context.Sender;

    /// <summary>This actor's reference. It needs the actor's own context, except after this instance has ended: then it is the dead letters.</summary>
    protected IActorRef Self => _clearedSelf ?? Context.Self;

    internal SupervisorStrategy SupervisorStrategyInternal => _supervisorStrategy ??= SupervisorStrategy();

    protected abstract bool Receive(object message);

    /// <summary>How failures of the children are answered; asked for once for each instance.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    protected internal virtual bool AroundReceive(Receive receive, object message)
    {
        if (message is TimerMessage timer)
        {
            var content = timer.Owner.Take(timer, this);
            if (content is null)
            {
                return true;
            }

            if (content is IAutoReceivedMessage)
            {
                ActorCell.Current!.AutoReceive(content);
                return true;
            }

            message = content;
        }

        var handled = receive(message);
        if (!handled)
        {
            Unhandled(message);
        }

        return handled;
    }

    /// <summary>Publishes <see cref="UnhandledMessage"/>; an unhandled <see cref="Terminated"/> fails the actor.</summary>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
        {
            throw new DeathPactException(terminated.ActorRef);
        }

        Context.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    protected void Become(Receive receive) => Context.Become(receive);

    protected void BecomeStacked(Receive receive) => Context.BecomeStacked(receive);

    protected void UnbecomeStacked() => Context.UnbecomeStacked();

    /// <summary>Runs before the first message, on the first start only (see <see cref="PostRestart"/>).</summary>
    protected virtual void PreStart()
    {
    }

    /// <summary>Runs once the actor takes no more messages and its children have stopped.</summary>
    protected virtual void PostStop()
    {
    }

    /// <summary>Runs on the failed instance before it is replaced; by default stops the children and calls <see cref="PostStop"/>.</summary>
    protected virtual void PreRestart(Exception reason, object message)
    {
        foreach (var child in Context.GetChildren())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }

        PostStop();
    }

    /// <summary>Runs on the new instance; by default calls <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    public virtual void AroundPreStart() => PreStart();

    public virtual void AroundPreRestart(Exception cause, object message)
    {
        CancelTimers();
        PreRestart(cause, message);
    }

    public virtual void AroundPostRestart(Exception cause, object message) => PostRestart(cause);

    public virtual void AroundPostStop()
    {
        CancelTimers();
        PostStop();
    }

    internal void UseStrategy(SupervisorStrategy? strategy) => _supervisorStrategy = strategy;

    internal virtual void Initialized()
    {
    }

    internal void Clear(IActorRef self) => _clearedSelf = self;

    private void CancelTimers()
    {
        if (this is IWithTimers withTimers)
        {
            withTimers.Timers?.CancelAll();
        }
    }
}

/// <summary>An actor with one handler, which decides itself what is unhandled.</summary>
public abstract class UntypedActor : ActorBase
{
    protected static new IUntypedActorContext Context => (IUntypedActorContext)ActorBase.Context;

    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    protected abstract void OnReceive(object message);

    protected void Become(UntypedReceive receive) => Context.Become(receive);

    protected void BecomeStacked(UntypedReceive receive) => Context.BecomeStacked(receive);
}
