namespace Akka.Actor;

/// <summary>The base of every error that the actor runtime itself raises.</summary>
public abstract class AkkaException : Exception
{
    protected AkkaException()
    {
    }

    protected AkkaException(string? message, Exception? cause = null)
        : base(message, cause)
    {
    }

    protected Exception? Cause => InnerException;
}

/// <summary>A name that is no valid path element, or that a living sibling has. A retry helps only once that sibling has terminated.</summary>
public class InvalidActorNameException : AkkaException
{
    public InvalidActorNameException(string message)
        : base(message)
    {
    }

    public InvalidActorNameException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>No answer came in time. The request may still be worked on.</summary>
public class AskTimeoutException : AkkaException
{
    public AskTimeoutException(string message)
        : base(message)
    {
    }
}

/// <summary>An actor could not be made: its constructor or its PreStart failed. The default supervision stops it.</summary>
public class ActorInitializationException : AkkaException
{
    public ActorInitializationException()
    {
    }

    public ActorInitializationException(string message)
        : base(message)
    {
    }

    public ActorInitializationException(string message, Exception? cause)
        : base(message, cause)
    {
    }

    public ActorInitializationException(IActorRef? actor, string message, Exception? cause = null)
        : base(message, cause) => Actor = actor;

    public IActorRef? Actor { get; set; }

    public override string ToString() => Actor is null ? base.ToString() : Actor + ": " + base.ToString();
}

/// <summary>PreRestart of the failed instance failed. It is reported, and the restart goes on.</summary>
public class PreRestartException : ActorInitializationException
{
    public PreRestartException(IActorRef actor, Exception restartException, Exception cause, object? optionalMessage)
        : base(actor, $"Exception pre restart ({restartException.GetType()})", cause)
    {
        RestartException = restartException;
        OptionalMessage = optionalMessage;
    }

    public Exception RestartException { get; }

    public object? OptionalMessage { get; }
}

/// <summary>The new instance failed in its constructor or in PostRestart.</summary>
public class PostRestartException : ActorInitializationException
{
    public PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
        : base(actor, $"Exception post restart ({originalCause.GetType()})", cause) => OriginalCause = originalCause;

    public Exception OriginalCause { get; }
}

/// <summary>The actor was sent <see cref="Kill"/>. The default supervision stops it.</summary>
public class ActorKilledException : AkkaException
{
    public ActorKilledException()
    {
    }

    public ActorKilledException(string message)
        : base(message)
    {
    }
}

/// <summary>A watched actor terminated, and the watcher has no handler for <see cref="Terminated"/>.</summary>
public class DeathPactException : AkkaException
{
    public DeathPactException(IActorRef deadActor)
        : base("Monitored actor [" + deadActor + "] terminated") => DeadActor = deadActor;

    public IActorRef DeadActor { get; }
}

/// <summary>Null was told to the dead letters. (Any other actor refuses it by an <see cref="ArgumentNullException"/>.)</summary>
public class InvalidMessageException : AkkaException
{
    public InvalidMessageException()
        : this("Message is null")
    {
    }

    public InvalidMessageException(string message)
        : base(message)
    {
    }
}

/// <summary>The scheduler was asked for something after its actor system had terminated.</summary>
public sealed class SchedulerException : AkkaException
{
    public SchedulerException(string message)
        : base(message)
    {
    }
}
