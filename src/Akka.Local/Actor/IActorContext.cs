namespace Akka.Actor;

using System.Diagnostics.CodeAnalysis;

/// <summary>Handles a message; false leaves it unhandled.</summary>
public delegate bool Receive(object message);

/// <summary>Handles a message; calls Unhandled itself where it wants to.</summary>
public delegate void UntypedReceive(object message);

/// <summary>Makes actors.</summary>
public interface IActorRefFactory
{
    /// <summary>Makes a child; without a name it gets one that begins with <c>$</c>.</summary>
    /// <exception cref="InvalidActorNameException">The name is not valid or is taken.</exception>
    /// <exception cref="InvalidOperationException">The parent is terminating.</exception>
    IActorRef ActorOf(Props props, string? name = null);
}

public static class ActorRefFactoryExtensions
{
    public static IActorRef ActorOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActor>(this IActorRefFactory factory, string? name = null)
        where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);
}

public interface ICanWatch
{
    /// <summary>Has <see cref="Terminated"/> sent to this actor once the subject has stopped.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>As <see cref="Watch"/>, with a message of one's own.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>After this no <see cref="Terminated"/> of the subject is delivered, not even one that is already queued.</summary>
    IActorRef Unwatch(IActorRef subject);
}

/// <summary>What an actor sees of its surroundings; valid only while it handles a message.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    IActorRef Self { get; }

    Props Props { get; }

    /// <summary>Who sent the current message; the dead letters where nobody did.</summary>
    IActorRef Sender { get; }

    ActorSystem System { get; }

    IActorRef Parent { get; }

    void Become(Receive receive);

    void BecomeStacked(Receive receive);

    void UnbecomeStacked();

    /// <summary>The child of that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    IEnumerable<IActorRef> GetChildren();

    /// <summary>Stops a child, or this actor itself, after the current message.</summary>
    void Stop(IActorRef child);
}

public interface IUntypedActorContext : IActorContext
{
    void Become(UntypedReceive receive);

    void BecomeStacked(UntypedReceive receive);
}
