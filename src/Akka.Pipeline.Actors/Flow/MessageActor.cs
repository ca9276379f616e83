namespace Akka.Pipeline.Actors.Flow;

using Akka.Actor;

/// <summary>
/// An actor whose constructor says what it does with each kind of message; the first that fits does it. In the place of Akka.NET's ReceiveActor, which makes code for every kind of actor
/// while the program starts (expression trees, Akka.NET 1.5.71).
/// </summary>
public abstract class MessageActor : UntypedActor
{
    private readonly List<Func<object, bool>> handlers = [];

    /// <summary>What it does with messages of a type.</summary>
    protected void Receive<T>(Action<T> handle) => handlers.Add(message =>
    {
        if (message is not T known)
        {
            return false;
        }

        handle(known);
        return true;
    });

    /// <summary>What it does with those messages of a type that are meant.</summary>
    protected void Receive<T>(Predicate<T> isMeant, Action<T> handle) => handlers.Add(message =>
    {
        if (message is not T known || !isMeant(known))
        {
            return false;
        }

        handle(known);
        return true;
    });

    protected sealed override void OnReceive(object message)
    {
        foreach (var handler in handlers)
        {
            if (handler(message))
            {
                return;
            }
        }

        Unhandled(message);
    }
}
