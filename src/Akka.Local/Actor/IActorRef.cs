namespace Akka.Actor;

/// <summary>Whatever a message can be told to.</summary>
public interface ICanTell
{
    /// <summary>Sends without waiting; never fails because of the receiver.</summary>
    /// <exception cref="ArgumentNullException">The message is null.</exception>
    void Tell(object message, IActorRef? sender);
}

/// <summary>The handle of an actor. It stays valid over restarts; after the actor has stopped, messages become dead letters.</summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, IComparable
{
    ActorPath Path { get; }
}

/// <summary>Sending with the sender taken from the actor that is running.</summary>
public static class ActorRefImplicitSenderExtensions
{
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.CurrentSelf);

    /// <summary>Passes a message on with the sender that it came with.</summary>
    public static void Forward(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.CurrentSender);
}

public static class ActorRefExtensions
{
    /// <summary>Whether there is no actor behind this: null or <see cref="ActorRefs.Nobody"/>.</summary>
    public static bool IsNobody(this IActorRef? actorRef) => actorRef is null or Nobody;
}

public static class ActorRefs
{
    public static readonly Nobody Nobody = Nobody.Instance;

    public static readonly IActorRef? NoSender;
}
