namespace Akka.Actor;

/// <summary>Asking an actor and awaiting its answer, from outside of actors.</summary>
public static class Futures
{
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<object>(message, timeout, CancellationToken.None);

    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<object>(message, null, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<T>(message, null, cancellationToken);

    /// <summary>
    /// Sends the message with a temporary sender, and completes with what that sender is told. Without a timeout it waits for ever.
    /// A <see cref="Status.Failure"/> becomes its cause, unless T takes it as an answer; an answer of another type is an <see cref="ArgumentException"/>.
    /// </summary>
    /// <exception cref="AskTimeoutException">No answer in time.</exception>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var system = (self as IInternalActorRef)?.System ?? ActorCell.Current?.SystemImpl
            ?? throw new ArgumentException("Unable to resolve the target Provider", nameof(self));
        var answer = new AnswerRef<T>(system);
        answer.ExpireAfter(timeout, cancellationToken);
        self.Tell(message, answer);
        return answer.Answer;
    }

    private sealed class AnswerRef<T>(ActorSystem system) : ActorRefBase, IInternalActorRef
    {
        // The asker must not run on the thread of the actor that answers.
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ActorPath? _path;

        public override ActorPath Path => _path ?? Interlocked.CompareExchange(ref _path, system.NextTemporaryPath(), null) ?? _path;

        public ActorSystem System => system;

        internal Task<T> Answer => _answer.Task;

        public void SendSystemMessage(SystemMessage message)
        {
            if (message is Watch)
            {
                system.DeadLettersRef.SendSystemMessage(message);
            }
        }

        internal void ExpireAfter(TimeSpan? timeout, CancellationToken cancellationToken)
        {
            var expires = timeout is { } given && given > TimeSpan.Zero;
            if (!expires && !cancellationToken.CanBeCanceled)
            {
                return;
            }

            Timer? timer = null;
            if (expires)
            {
                var after = timeout!.Value;
                timer = new Timer(_ => _answer.TrySetException(new AskTimeoutException($"Timeout after {after.TotalSeconds:F2} seconds")));
                timer.Change(after, Timeout.InfiniteTimeSpan);
            }

            var registration = cancellationToken.Register(() => _answer.TrySetCanceled(CancellationToken.None));
            _ = _answer.Task.ContinueWith(
                _ =>
                {
                    timer?.Dispose();
                    registration.Dispose();
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        protected override void TellInternal(object message, IActorRef? sender)
        {
            var taken = message switch
            {
                T answer => _answer.TrySetResult(answer),
                null => _answer.TrySetResult(default!),
                Status.Failure failure => _answer.TrySetException(failure.Cause ?? new TaskCanceledException("Task cancelled by actor via Failure message.")),
                _ => Refuse(message),
            };
            if (!taken && !_answer.Task.IsCanceled && message is not null)
            {
                system.DeadLetters.Tell(message, this);
            }
        }

        private bool Refuse(object message)
        {
            _answer.TrySetException(new ArgumentException($"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]"));
            return false;
        }
    }
}
