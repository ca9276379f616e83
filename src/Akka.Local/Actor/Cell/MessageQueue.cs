namespace Akka.Actor;

using System.Diagnostics.CodeAnalysis;

/// <summary>
/// An unbounded queue for many producers and one consumer, without locks: a producer swaps itself in as the head and then links
/// its predecessor to itself, so messages of one producer keep their order. Between those two steps the chain has a gap, for which
/// the consumer waits; it is a few instructions long.
/// </summary>
internal sealed class MessageQueue
{
    private Node _head;
    private Node _tail;

    internal MessageQueue() => _head = _tail = new Node();

    /// <summary>Exact for the consumer; a hint for all others.</summary>
    internal bool IsEmpty => ReferenceEquals(Volatile.Read(ref _head), _tail);

    internal void Enqueue(object message, IActorRef? sender)
    {
        var node = new Node { Message = message, Sender = sender };
        var previous = Interlocked.Exchange(ref _head, node);
        Volatile.Write(ref previous.Next, node);
    }

    /// <summary>Only for the one consumer of the moment.</summary>
    internal bool TryDequeue([NotNullWhen(true)] out object? message, out IActorRef? sender)
    {
        var tail = _tail;
        var next = Volatile.Read(ref tail.Next);
        if (next is null)
        {
            if (ReferenceEquals(Volatile.Read(ref _head), tail))
            {
                message = null;
                sender = null;
                return false;
            }

            next = WaitForLink(tail);
        }

        message = next.Message!;
        sender = next.Sender;
        next.Message = null;
        next.Sender = null;
        _tail = next;
        return true;
    }

    private static Node WaitForLink(Node tail)
    {
        var spin = default(SpinWait);
        Node? next;
        while ((next = Volatile.Read(ref tail.Next)) is null)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return next;
    }

    private sealed class Node
    {
        internal Node? Next;
        internal object? Message;
        internal IActorRef? Sender;
    }
}
