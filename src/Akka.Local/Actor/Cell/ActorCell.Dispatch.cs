namespace Akka.Actor;

using System.Collections.Concurrent;

/// <summary>
/// The mailbox. It has no thread: whoever sends the first message puts the cell on the thread pool, where it works off a batch and, if there
/// is more, queues up again behind the others.
/// </summary>
internal sealed partial class ActorCell : IThreadPoolWorkItem
{
    // Large enough to spread the cost of a turn on the pool, small enough that one busy actor does not hold up the others.
    private const int MessagesPerTurn = 64;

    // Made with the first message: an actor that has had none has no queue. Measured against a linked queue for many producers and one
    // consumer of our own, this one is the faster, and allocates nothing per message.
    private ConcurrentQueue<Envelope>? _messages;
    private SystemMessage? _systemMessages;
    private List<SystemMessage>? _postponed;
    private int _scheduled;
    private int _suspendCount;
    private bool _created;
    private volatile bool _terminated;

    private bool IsSuspended => _suspendCount > 0;

    /// <summary>Puts the cell to work for the first time, which makes the actor. Safe from outside.</summary>
    internal void Start() => Schedule();

    /// <summary>Safe from outside.</summary>
    internal void SendMessage(object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        var messages = _messages ?? Interlocked.CompareExchange(ref _messages, new ConcurrentQueue<Envelope>(), null) ?? _messages;
        messages.Enqueue(new Envelope(message, sender));
        Schedule();
    }

    /// <summary>Safe from outside.</summary>
    internal void SendSystemMessage(SystemMessage message)
    {
        SystemMessage? head;
        do
        {
            head = Volatile.Read(ref _systemMessages);
            message.Next = head;
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _systemMessages, message, head), head));

        Schedule();
    }

    void IThreadPoolWorkItem.Execute()
    {
        var previous = current;
        current = this;
        try
        {
            RunTurn();
        }
        finally
        {
            current = previous;
        }

        Volatile.Write(ref _scheduled, 0);
        Interlocked.MemoryBarrier();
        if (HasWork)
        {
            Schedule();
        }
    }

    private bool HasWork =>
        Volatile.Read(ref _systemMessages) is not null
        || (_messages is { IsEmpty: false } && (_suspendCount == 0 || _terminated));

    private void Schedule()
    {
        // What was just queued must be visible before the flag is read. A turn that ends does it the other way round (it clears the flag, then
        // looks for work), so that one of the two sees the other, and no message is left behind.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _scheduled) == 0 && Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void RunTurn()
    {
        if (!_created)
        {
            _created = true;
            GuardedCreate();
        }

        RunSystemMessages();
        for (var left = MessagesPerTurn; left > 0 && !IsSuspended && !_terminated; left--)
        {
            if (_messages is null || !_messages.TryDequeue(out var envelope))
            {
                break;
            }

            Invoke(envelope.Message, envelope.Sender);
            RunSystemMessages();
        }

        _sender = null;
        if (_terminated)
        {
            BuryMessages();
        }
    }

    private void RunSystemMessages()
    {
        while (Volatile.Read(ref _systemMessages) is not null)
        {
            var message = Reverse(Interlocked.Exchange(ref _systemMessages, null));
            while (message is not null)
            {
                var next = message.Next;
                message.Next = null;
                Run(message);
                message = next;
            }
        }
    }

    // The list is pushed at its head, so it comes out latest first.
    private static SystemMessage? Reverse(SystemMessage? latestFirst)
    {
        SystemMessage? earliestFirst = null;
        while (latestFirst is not null)
        {
            var next = latestFirst.Next;
            latestFirst.Next = earliestFirst;
            earliestFirst = latestFirst;
            latestFirst = next;
        }

        return earliestFirst;
    }

    private void Run(SystemMessage message)
    {
        if (_terminated)
        {
            SystemImpl.DeadLettersRef.SendSystemMessage(message);
            return;
        }

        if (MustWait(message))
        {
            (_postponed ??= []).Add(message);
            return;
        }

        GuardedProcess(message);
        RunPostponed();
    }

    private void RunPostponed()
    {
        while (!_terminated && _postponed is { Count: > 0 })
        {
            var index = _postponed.FindIndex(message => !MustWait(message));
            if (index < 0)
            {
                return;
            }

            var message = _postponed[index];
            _postponed.RemoveAt(index);
            GuardedProcess(message);
        }
    }

    // While a failure of its own is undecided, an actor judges no child; while it waits for children to stop, it changes no course.
    private bool MustWait(SystemMessage message) => message switch
    {
        Failed => IsSuspended || _waitingFor is not null,
        Recreate or Suspend or Resume => _waitingFor is not null,
        _ => false,
    };

    private void GuardedCreate()
    {
        try
        {
            Create();
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
    }

    private void GuardedProcess(SystemMessage message)
    {
        try
        {
            Process(message);
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
    }

    private void Process(SystemMessage message)
    {
        switch (message)
        {
            case Terminate:
                TerminateCell();
                break;
            case Suspend:
                FaultSuspend();
                break;
            case Resume resume:
                FaultResume(resume.CausedByFailure);
                break;
            case Recreate recreate:
                FaultRecreate(recreate.Cause);
                break;
            case Failed failed:
                HandleFailed(failed);
                break;
            case Watch watch:
                AddWatcher(watch.Watcher);
                break;
            case Unwatch unwatch:
                _watchers?.Remove(unwatch.Watcher);
                break;
            case DeathWatchNotification notification:
                WatchedActorTerminated(notification.Actor, notification.ExistenceConfirmed);
                break;
        }
    }

    private void BuryMessages()
    {
        while (_messages is not null && _messages.TryDequeue(out var envelope))
        {
            SystemImpl.DeadLettersRef.Publish(envelope.Message, envelope.Sender, _self);
        }
    }

    private readonly record struct Envelope(object Message, IActorRef? Sender);
}
