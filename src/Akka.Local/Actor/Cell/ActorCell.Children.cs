namespace Akka.Actor;

using System.Diagnostics.CodeAnalysis;

/// <summary>The children. Only the guardians are given children from outside, but then by any thread: hence the lock.</summary>
internal sealed partial class ActorCell
{
    private readonly Lock _childrenLock = new();
    private Dictionary<string, LocalActorRef>? _children;
    private long _nextName;
    private int _dyingChildren;
    private WaitReason? _waitingFor;
    private bool _acceptsNoChildren;

    // These belong to the parent, which keeps them here to have no record of its own for every child.
    private bool _toldToDie;
    private RestartWindow? _restarts;

    public IActorRef ActorOf(Props props, string? name = null)
    {
        if (props is null)
        {
            throw new ArgumentNullException(nameof(props), "Props must not be null.");
        }

        if (name is not null && !ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException(name.Length == 0
                ? "Actor name must not be empty."
                : $"Illegal actor name [{name}]. Actor paths MUST: not start with `$`, include only ASCII letters and can only contain these special characters: {ActorPath.ValidSymbols}.");
        }

        LocalActorRef child;
        lock (_childrenLock)
        {
            if (_acceptsNoChildren)
            {
                throw new InvalidOperationException("Cannot create child while terminating or terminated");
            }

            name ??= "$" + Base36(_nextName++);
            _children ??= [];
            if (_children.ContainsKey(name))
            {
                throw new InvalidActorNameException($"Actor name \"{name}\" is not unique!");
            }

            var path = new ActorPath(_self.Path, name, SystemImpl.NextUid());
            child = new LocalActorRef(SystemImpl, path, props, _self);
            _children.Add(name, child);
        }

        child.Cell.Start();
        return child;
    }

    public IActorRef Child(string name)
    {
        lock (_childrenLock)
        {
            return _children is not null && _children.TryGetValue(name, out var child) ? child : ActorRefs.Nobody;
        }
    }

    public IEnumerable<IActorRef> GetChildren() => Children();

    public void Stop(IActorRef child)
    {
        lock (_childrenLock)
        {
            if (TryGetChild(child, out var own) && !own.Cell._toldToDie)
            {
                own.Cell._toldToDie = true;
                _dyingChildren++;
            }
        }

        ((IInternalActorRef)child).SendSystemMessage(new Terminate());
    }

    private void StopSelf() => _self.SendSystemMessage(new Terminate());

    private LocalActorRef[] Children()
    {
        lock (_childrenLock)
        {
            return _children is null ? [] : [.. _children.Values];
        }
    }

    private bool TryGetChild(IActorRef? child, [NotNullWhen(true)] out LocalActorRef? own)
    {
        own = null;
        return child is LocalActorRef local
            && _children is not null
            && _children.TryGetValue(local.Path.Name, out own)
            && ReferenceEquals(own, local);
    }

    private bool IsChild(IActorRef child)
    {
        lock (_childrenLock)
        {
            return TryGetChild(child, out _);
        }
    }

    // Before the children are stopped: one that is added by another thread in between would be left behind.
    private void AcceptNoMoreChildren()
    {
        lock (_childrenLock)
        {
            _acceptsNoChildren = true;
        }
    }

    /// <summary>Notes what is to happen once the dying children are gone; false if there are none, so that it can happen now.</summary>
    private bool WaitForDyingChildren(WaitReason reason)
    {
        lock (_childrenLock)
        {
            if (_dyingChildren == 0)
            {
                return false;
            }
        }

        _waitingFor = reason;
        return true;
    }

    private void RemoveChild(LocalActorRef child)
    {
        WaitReason? done = null;
        lock (_childrenLock)
        {
            _children!.Remove(child.Path.Name);
            if (child.Cell._toldToDie && --_dyingChildren == 0)
            {
                done = _waitingFor;
            }
        }

        if (done is null)
        {
            return;
        }

        _waitingFor = null;
        switch (done)
        {
            case WaitReason.Recreation:
                FinishRecreate(_restartCause!);
                break;
            case WaitReason.Creation:
                FinishCreate();
                break;
            case WaitReason.Termination:
                FinishTerminate();
                break;
        }
    }

    private static string Base36(long number)
    {
        const string Digits = "abcdefghijklmnopqrstuvwxyz0123456789";
        Span<char> buffer = stackalloc char[16];
        var at = buffer.Length;
        do
        {
            buffer[--at] = Digits[(int)(number % Digits.Length)];
            number /= Digits.Length;
        }
        while (number > 0);

        return new string(buffer[at..]);
    }

    private enum WaitReason
    {
        Recreation,
        Creation,
        Termination,
    }
}
