namespace Akka.Actor;

/// <summary>An actor whose handlers are declared by message type, in its constructor or within Become; the first that fits wins.</summary>
public abstract class ReceiveActor : UntypedActor
{
    private readonly Stack<List<Handler>> _declaring = new();
    private Handler[] _initial = [];

    protected ReceiveActor() => _declaring.Push([]);

    internal override void Initialized()
    {
        if (_declaring.Count > 0)
        {
            _initial = [.. _declaring.Pop()];
        }
    }

    protected sealed override void OnReceive(object message) => Handle(_initial, message);

    protected void Become(Action configure)
    {
        var handlers = Declare(configure);
        Context.Become(message => Handle(handlers, message));
    }

    protected void BecomeStacked(Action configure)
    {
        var handlers = Declare(configure);
        Context.BecomeStacked(message => Handle(handlers, message));
    }

    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => Add(new ActionHandler<T>(handler, shouldHandle));

    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    protected void Receive<T>(Func<T, bool> handler) => Add(new FunctionHandler<T>(handler));

    protected void ReceiveAny(Action<object> handler) => Add(new ActionHandler<object>(handler, null));

    private void Add(Handler handler)
    {
        if (!_declaring.TryPeek(out var handlers))
        {
            throw new InvalidOperationException("You may only call Receive-methods when constructing the actor and inside Become().");
        }

        if (handlers.Count > 0 && handlers[^1].TakesEverything)
        {
            throw new InvalidOperationException("A handler that catches all messages has been added. No handler can be added after that.");
        }

        handlers.Add(handler);
    }

    private Handler[] Declare(Action configure)
    {
        _declaring.Push([]);
        configure();
        return [.. _declaring.Pop()];
    }

    private void Handle(Handler[] handlers, object message)
    {
        foreach (var handler in handlers)
        {
            if (handler.TryHandle(message))
            {
                return;
            }
        }

        Unhandled(message);
    }

    private abstract class Handler
    {
        internal virtual bool TakesEverything => false;

        internal abstract bool TryHandle(object message);
    }

    private sealed class ActionHandler<T>(Action<T> handle, Predicate<T>? shouldHandle) : Handler
    {
        internal override bool TakesEverything => typeof(T) == typeof(object) && shouldHandle is null;

        internal override bool TryHandle(object message)
        {
            if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed)))
            {
                return false;
            }

            handle(typed);
            return true;
        }
    }

    private sealed class FunctionHandler<T>(Func<T, bool> handle) : Handler
    {
        internal override bool TryHandle(object message) => message is T typed && handle(typed);
    }
}
