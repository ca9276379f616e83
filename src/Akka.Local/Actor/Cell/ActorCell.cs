namespace Akka.Actor;

using Akka.Event;

/// <summary>
/// One actor's inside: its instance, behaviour, children and mailbox. Everything here that is not marked as safe from outside runs
/// on the one thread that currently runs the actor.
/// </summary>
internal sealed partial class ActorCell : IUntypedActorContext
{
    [ThreadStatic]
    private static ActorCell? current;

    private readonly LocalActorRef _self;
    private readonly IInternalActorRef _parent;
    private readonly Props _props;
    private ActorBase? _actor;
    private object? _currentMessage;
    private IActorRef? _sender;
    private Receive? _behavior;
    private Stack<Receive>? _buriedBehaviors;

    internal ActorCell(ActorSystem system, LocalActorRef self, Props props, IInternalActorRef parent)
    {
        SystemImpl = system;
        _self = self;
        _props = props;
        _parent = parent;
    }

    internal static ActorCell? Current => current;

    internal static IActorRef? CurrentSelf => current?._self;

    internal static IActorRef? CurrentSender => current?.Sender;

    internal ActorSystem SystemImpl { get; }

    public IActorRef Self => _self;

    public Props Props => _props;

    public IActorRef Sender => _sender ?? SystemImpl.DeadLetters;

    public ActorSystem System => SystemImpl;

    public IActorRef Parent => _parent;

    public void Become(Receive receive) => _behavior = receive;

    public void Become(UntypedReceive receive) => Become(Handles(receive));

    public void BecomeStacked(Receive receive)
    {
        (_buriedBehaviors ??= new Stack<Receive>()).Push(_behavior!);
        _behavior = receive;
    }

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(Handles(receive));

    public void UnbecomeStacked()
    {
        if (_buriedBehaviors is { Count: > 0 })
        {
            _behavior = _buriedBehaviors.Pop();
        }
    }

    /// <summary>Lets the code that runs on this thread count as this actor, or as none. For test kits.</summary>
    internal static void SetCurrent(ActorCell? cell) => current = cell;

    private static Receive Handles(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };

    private void Create()
    {
        try
        {
            _actor = NewActor();
            _actor.AroundPreStart();
        }
        catch (Exception e)
        {
            Clear(_actor);
            _actor = null;
            throw new ActorInitializationException(_self, "Exception during creation", e);
        }
    }

    private ActorBase NewActor()
    {
        _behavior = null;
        _buriedBehaviors = null;
        var actor = _props.NewActor()
            ?? throw new ActorInitializationException(_self, "Actor instance passed to ActorOf can't be 'null'");
        actor.Initialized();
        actor.UseStrategy(_props.SupervisorStrategy);
        return actor;
    }

    /// <summary>Ends an instance: it is disposed of where it can be, and what it tells to itself from now on are dead letters.</summary>
    private void Clear(ActorBase? actor)
    {
        _behavior = null;
        _buriedBehaviors = null;
        if (actor is null)
        {
            return;
        }

        try
        {
            (actor as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            SystemImpl.Log.Error(e, "An error occurred while disposing {0} actor. Reason: {1}", actor.GetType(), e.Message);
        }

        actor.Clear(SystemImpl.DeadLetters);
    }

    private void Invoke(object message, IActorRef? sender)
    {
        try
        {
            _currentMessage = message;
            _sender = sender;
            if (message is IAutoReceivedMessage)
            {
                AutoReceive(message);
            }
            else
            {
                _actor!.AroundReceive(_behavior!, message);
            }

            _currentMessage = null;
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
    }

    internal void AutoReceive(object message)
    {
        switch (message)
        {
            case Terminated terminated:
                ReceivedTerminated(terminated);
                break;
            case PoisonPill:
                StopSelf();
                break;
            case Kill:
                throw new ActorKilledException("Kill");
        }
    }
}
