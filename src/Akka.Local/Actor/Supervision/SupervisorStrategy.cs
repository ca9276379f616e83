namespace Akka.Actor;

using Akka.Event;

/// <summary>How an actor answers the failures of its children.</summary>
public abstract class SupervisorStrategy
{
    // Declared before the strategies that use it: static fields are set in this order.
    public static readonly IDecider DefaultDecider = Actor.Decider.From(
        Directive.Restart,
        Directive.Stop.When<ActorInitializationException>(),
        Directive.Stop.When<ActorKilledException>(),
        Directive.Stop.When<DeathPactException>());

    /// <summary>Stops a child that could not be made, was killed, or broke a death pact; restarts it otherwise, without a limit.</summary>
    public static readonly SupervisorStrategy DefaultStrategy = new OneForOneStrategy(DefaultDecider);

    public static readonly OneForOneStrategy StoppingStrategy = new(_ => Directive.Stop);

    private protected SupervisorStrategy(int maxNumberOfRetries, int withinTimeRangeMilliseconds, IDecider decider, bool loggingEnabled)
    {
        MaxNumberOfRetries = maxNumberOfRetries;
        WithinTimeRangeMilliseconds = withinTimeRangeMilliseconds;
        Decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    /// <summary>Restarts that a child may have before it is stopped; below 0 there is no limit.</summary>
    internal int MaxNumberOfRetries { get; }

    /// <summary>Milliseconds within which the restarts are counted; 0 or less counts them for ever.</summary>
    internal int WithinTimeRangeMilliseconds { get; }

    public IDecider Decider { get; }

    protected bool LoggingEnabled { get; set; }

    /// <summary>Acts on a child's failure; false means that the supervisor fails for it.</summary>
    internal bool HandleFailure(ActorCell supervisor, LocalActorRef child, Exception cause, IReadOnlyList<LocalActorRef> children)
    {
        var directive = Decider.Decide(cause);
        if (LoggingEnabled)
        {
            Log(supervisor.SystemImpl, child, cause, directive);
        }

        switch (directive)
        {
            case Directive.Escalate:
                return false;
            case Directive.Resume:
                child.SendSystemMessage(new Resume(cause));
                return true;
            default:
                ProcessFailure(supervisor, directive == Directive.Restart, child, cause, children);
                return true;
        }
    }

    internal abstract void ProcessFailure(ActorCell supervisor, bool restart, LocalActorRef child, Exception cause, IReadOnlyList<LocalActorRef> children);

    private protected static int Milliseconds(TimeSpan? withinTimeRange) =>
        (int)withinTimeRange.GetValueOrDefault(Timeout.InfiniteTimeSpan).TotalMilliseconds;

    private protected bool MayRestart(LocalActorRef child) =>
        ActorCell.RestartsOf(child).RequestPermission(MaxNumberOfRetries, WithinTimeRangeMilliseconds);

    private static void Log(ActorSystem system, LocalActorRef child, Exception cause, Directive directive)
    {
        if (directive == Directive.Escalate)
        {
            return;
        }

        var message = cause is ActorInitializationException { InnerException: { } inner } ? inner.Message : cause.Message;
        var source = child.Path.ToString();
        var strategy = typeof(SupervisorStrategy);
        system.EventStream.Publish(directive == Directive.Resume
            ? new Warning(cause, source, strategy, message)
            : new Error(cause, source, strategy, message));
    }
}

/// <summary>The directive is for the child that failed, alone.</summary>
public class OneForOneStrategy : SupervisorStrategy
{
    public OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : this(maxNrOfRetries ?? -1, Milliseconds(withinTimeRange), localOnlyDecider)
    {
    }

    public OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(maxNrOfRetries ?? -1, Milliseconds(withinTimeRange), decider)
    {
    }

    public OneForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(maxNrOfRetries, withinTimeMilliseconds, new LocalOnlyDecider(localOnlyDecider), loggingEnabled)
    {
    }

    public OneForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, IDecider decider, bool loggingEnabled = true)
        : base(maxNrOfRetries, withinTimeMilliseconds, decider, loggingEnabled)
    {
    }

    public OneForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, -1, localOnlyDecider)
    {
    }

    public OneForOneStrategy(Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(-1, -1, localOnlyDecider, loggingEnabled)
    {
    }

    public OneForOneStrategy(IDecider decider)
        : this(-1, -1, decider)
    {
    }

    public OneForOneStrategy WithMaxNrOfRetries(int maxNrOfRetries) => new(maxNrOfRetries, WithinTimeRangeMilliseconds, Decider);

    internal override void ProcessFailure(ActorCell supervisor, bool restart, LocalActorRef child, Exception cause, IReadOnlyList<LocalActorRef> children)
    {
        if (restart && MayRestart(child))
        {
            child.SendSystemMessage(new Recreate(cause));
        }
        else
        {
            supervisor.Stop(child);
        }
    }
}

/// <summary>The directive is for all children, whichever of them failed.</summary>
public class AllForOneStrategy : SupervisorStrategy
{
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : this(maxNrOfRetries ?? -1, Milliseconds(withinTimeRange), localOnlyDecider)
    {
    }

    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(maxNrOfRetries ?? -1, Milliseconds(withinTimeRange), decider)
    {
    }

    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(maxNrOfRetries, withinTimeMilliseconds, new LocalOnlyDecider(localOnlyDecider), loggingEnabled)
    {
    }

    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, IDecider decider, bool loggingEnabled = true)
        : base(maxNrOfRetries, withinTimeMilliseconds, decider, loggingEnabled)
    {
    }

    public AllForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, -1, localOnlyDecider)
    {
    }

    public AllForOneStrategy(IDecider decider)
        : this(-1, -1, decider)
    {
    }

    internal override void ProcessFailure(ActorCell supervisor, bool restart, LocalActorRef child, Exception cause, IReadOnlyList<LocalActorRef> children)
    {
        if (!restart || !children.All(MayRestart))
        {
            foreach (var each in children)
            {
                supervisor.Stop(each);
            }

            return;
        }

        foreach (var each in children)
        {
            if (!ReferenceEquals(each, child))
            {
                each.SendSystemMessage(new Suspend());
            }

            each.SendSystemMessage(new Recreate(cause));
        }
    }
}
