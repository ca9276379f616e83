namespace Akka.Actor;

using Akka.Event;

/// <summary>Failing, being suspended, resumed, restarted and stopped.</summary>
internal sealed partial class ActorCell
{
    // Whose failure this actor is suspended for: its own, or a child's that it has passed on.
    private IActorRef? _perpetrator;
    private Exception? _restartCause;

    private Type ActorType => _actor?.GetType() ?? _props.Type;

    /// <summary>The restarts that this child has had. Only for its parent.</summary>
    internal static RestartWindow RestartsOf(LocalActorRef child) => child.Cell._restarts ??= new RestartWindow();

    private void HandleInvokeFailure(Exception cause)
    {
        if (_perpetrator is not null || _terminated)
        {
            return;
        }

        _suspendCount++;
        var failedChild = (_currentMessage as Failed)?.Child;
        _perpetrator = failedChild ?? _self;
        foreach (var child in Children())
        {
            if (!ReferenceEquals(child, failedChild))
            {
                child.SendSystemMessage(new Suspend());
            }
        }

        _parent.SendSystemMessage(new Failed(_self, cause));
    }

    private void HandleFailed(Failed failed)
    {
        if (!IsChild(failed.Child))
        {
            return;
        }

        _currentMessage = failed;
        _sender = failed.Child;
        if (!_actor!.SupervisorStrategyInternal.HandleFailure(this, (LocalActorRef)failed.Child, failed.Cause, Children()))
        {
            // Escalation: this actor fails for its child.
            global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failed.Cause);
        }

        _currentMessage = null;
    }

    private void FaultSuspend()
    {
        _suspendCount++;
        foreach (var child in Children())
        {
            child.SendSystemMessage(new Suspend());
        }
    }

    private void FaultResume(Exception? causedByFailure)
    {
        if (_actor is null)
        {
            FaultCreate();
            return;
        }

        var perpetrator = _perpetrator;
        ResumeMailbox();
        if (causedByFailure is not null)
        {
            _perpetrator = null;
        }

        foreach (var child in Children())
        {
            // Only the child that failed is told that its failure is over.
            child.SendSystemMessage(new Resume(child.Equals(perpetrator) ? causedByFailure : null));
        }
    }

    private void FaultRecreate(Exception cause)
    {
        if (_actor is null)
        {
            FaultCreate();
            return;
        }

        var failedActor = _actor;
        var message = _currentMessage;
        try
        {
            failedActor.AroundPreRestart(cause, message!);
        }
        catch (Exception e)
        {
            var failure = new PreRestartException(_self, e, cause, message);
            Publish(new Error(failure, _self.Path.ToString(), failedActor.GetType(), e.Message));
        }
        finally
        {
            Clear(failedActor);
            _currentMessage = null;
        }

        _restartCause = cause;
        if (!WaitForDyingChildren(WaitReason.Recreation))
        {
            FinishRecreate(cause);
        }
    }

    private void FinishRecreate(Exception cause)
    {
        _restartCause = null;
        var survivors = Children();
        try
        {
            ResumeMailbox();
            _perpetrator = null;
            _actor = NewActor();
            _actor.AroundPostRestart(cause, null!);
            foreach (var survivor in survivors)
            {
                survivor.SendSystemMessage(new Recreate(cause));
            }
        }
        catch (Exception e)
        {
            HandleInvokeFailure(new PostRestartException(_self, e, cause));
        }
    }

    private void FaultCreate()
    {
        StopChildren();
        if (!WaitForDyingChildren(WaitReason.Creation))
        {
            FinishCreate();
        }
    }

    private void FinishCreate()
    {
        ResumeMailbox();
        _perpetrator = null;
        GuardedCreate();
    }

    private void ResumeMailbox()
    {
        if (_suspendCount > 0)
        {
            _suspendCount--;
        }
    }

    private void TerminateCell()
    {
        if (_waitingFor == WaitReason.Termination)
        {
            return;
        }

        UnwatchAll();
        AcceptNoMoreChildren();
        StopChildren();
        if (WaitForDyingChildren(WaitReason.Termination))
        {
            _suspendCount++;
            _perpetrator = _self;
        }
        else
        {
            FinishTerminate();
        }
    }

    private void StopChildren()
    {
        foreach (var child in Children())
        {
            Stop(child);
        }
    }

    private void FinishTerminate()
    {
        var actor = _actor;
        try
        {
            actor?.AroundPostStop();
        }
        catch (Exception e)
        {
            Publish(new Error(e, _self.Path.ToString(), ActorType, e.Message));
        }

        _terminated = true;
        BuryMessages();
        SystemImpl.EventStream.UnsubscribeTerminated(_self);
        _parent.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true));
        TellWatchers();
        UnwatchAll();
        Clear(actor);
        _actor = null;
        _currentMessage = null;
        BuryPostponed();
    }

    private void BuryPostponed()
    {
        var postponed = _postponed;
        _postponed = null;
        foreach (var message in postponed ?? [])
        {
            SystemImpl.DeadLettersRef.SendSystemMessage(message);
        }
    }

    private void Publish(LogEvent logEvent) => SystemImpl.EventStream.Publish(logEvent);
}
