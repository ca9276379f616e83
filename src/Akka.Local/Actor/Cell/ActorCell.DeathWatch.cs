namespace Akka.Actor;

/// <summary>Watching, and being watched.</summary>
internal sealed partial class ActorCell
{
    // The value is the message that WatchWith asked for, or null for Terminated.
    private Dictionary<IActorRef, object?>? _watching;
    private Dictionary<IActorRef, object?>? _terminatedQueued;
    private HashSet<IInternalActorRef>? _watchers;

    public IActorRef Watch(IActorRef subject) => AddWatch(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return AddWatch(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (_watching is not null && _watching.Remove(subject))
        {
            ((IInternalActorRef)subject).SendSystemMessage(new Unwatch(_self));
        }

        _terminatedQueued?.Remove(subject);
        return subject;
    }

    private IActorRef AddWatch(IActorRef subject, object? message)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var watchee = (IInternalActorRef)subject;
        if (!watchee.Equals(_self) && (_watching ??= []).TryAdd(subject, message))
        {
            watchee.SendSystemMessage(new Watch(watchee, _self));
        }

        return subject;
    }

    private void AddWatcher(IInternalActorRef watcher)
    {
        if (!watcher.Equals(_self))
        {
            (_watchers ??= []).Add(watcher);
        }
    }

    private void WatchedActorTerminated(IActorRef actor, bool existenceConfirmed)
    {
        if (_watching is not null && _watching.Remove(actor, out var message) && _waitingFor != WaitReason.Termination)
        {
            // It goes through the mailbox, so that it comes after what the actor had sent before it stopped.
            (_terminatedQueued ??= [])[actor] = message;
            SendMessage(new Terminated(actor, existenceConfirmed, addressTerminated: false), actor);
        }

        if (actor is LocalActorRef child && IsChild(child))
        {
            RemoveChild(child);
        }
    }

    private void ReceivedTerminated(Terminated terminated)
    {
        if (_terminatedQueued is not null && _terminatedQueued.Remove(terminated.ActorRef, out var message))
        {
            _actor!.AroundReceive(_behavior!, message ?? terminated);
        }
    }

    private void TellWatchers()
    {
        var watchers = _watchers;
        _watchers = null;
        foreach (var watcher in watchers ?? [])
        {
            // The parent is told in any case.
            if (!watcher.Equals(_parent))
            {
                watcher.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true));
            }
        }
    }

    private void UnwatchAll()
    {
        var watching = _watching;
        _watching = null;
        _terminatedQueued = null;
        foreach (var subject in watching?.Keys ?? Enumerable.Empty<IActorRef>())
        {
            ((IInternalActorRef)subject).SendSystemMessage(new Unwatch(_self));
        }
    }
}
