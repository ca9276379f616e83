namespace Akka.Actor;

/// <summary>Stopping an actor and awaiting its end.</summary>
public static class GracefulStopSupport
{
    /// <summary>Sends <see cref="PoisonPill"/>; true once the actor has stopped, false when the time is over before.</summary>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>As above, with a message on which the actor stops itself.</summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var watchee = (IInternalActorRef)target;
        var end = new EndRef(watchee.System);
        watchee.SendSystemMessage(new Watch(watchee, end));
        target.Tell(stopMessage, ActorRefs.NoSender);
        try
        {
            await end.Reached.WaitAsync(timeout).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            watchee.SendSystemMessage(new Unwatch(end));
        }
    }

    private sealed class EndRef(ActorSystem system) : ActorRefBase, IInternalActorRef
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ActorPath Path { get; } = system.NextTemporaryPath("stop-");

        public ActorSystem System => system;

        internal Task Reached => _reached.Task;

        public void SendSystemMessage(SystemMessage message)
        {
            if (message is DeathWatchNotification)
            {
                _reached.TrySetResult();
            }
        }

        protected override void TellInternal(object message, IActorRef? sender)
        {
        }
    }
}
