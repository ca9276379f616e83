namespace Akka.Actor;

/// <summary>
/// A scheduler on the runtime's own timer queue, which sleeps until the next timer is due: nothing scheduled, or nothing due,
/// costs no time at all. Resolution is that of the runtime's timers, some milliseconds; it is never early.
/// </summary>
internal sealed class TimerQueueScheduler : IScheduler
{
    private volatile bool _stopped;

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellOnce(delay, receiver, message, sender, null);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Schedule(delay, Timeout.InfiniteTimeSpan, receiver, message, sender, cancelable);
    }

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        Schedule(initialDelay, interval, receiver, message, sender, cancelable);
    }

    internal void Stop() => _stopped = true;

    private void Schedule(TimeSpan delay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable)
    {
        if (_stopped)
        {
            throw new SchedulerException("cannot enqueue after timer shutdown");
        }

        if (cancelable is { IsCancellationRequested: true })
        {
            return;
        }

        var scheduled = new ScheduledTell(this, receiver, message, sender, cancelable, repeats: interval > TimeSpan.Zero);
        (cancelable as Cancelable)?.OnCancel(scheduled);
        scheduled.Start(delay, interval);
    }

    private sealed class ScheduledTell : IDisposable
    {
        private readonly TimerQueueScheduler _scheduler;
        private readonly ICanTell _receiver;
        private readonly object _message;
        private readonly IActorRef? _sender;
        private readonly ICancelable? _cancelable;
        private readonly bool _repeats;
        private readonly Timer _timer;

        internal ScheduledTell(TimerQueueScheduler scheduler, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable, bool repeats)
        {
            _scheduler = scheduler;
            _receiver = receiver;
            _message = message;
            _sender = sender;
            _cancelable = cancelable;
            _repeats = repeats;

            // The timer must not carry the asynchronous locals of whoever started it.
            var restore = !ExecutionContext.IsFlowSuppressed();
            if (restore)
            {
                ExecutionContext.SuppressFlow();
            }

            _timer = new Timer(static state => ((ScheduledTell)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (restore)
            {
                ExecutionContext.RestoreFlow();
            }
        }

        public void Dispose() => _timer.Dispose();

        internal void Start(TimeSpan delay, TimeSpan interval)
        {
            try
            {
                // A timer that runs without being referenced is kept alive by the timer queue.
                _timer.Change(delay, interval);
            }
            catch (ObjectDisposedException)
            {
                // Cancelled by another thread in between.
            }
        }

        private void Fire()
        {
            if (_scheduler._stopped || _cancelable is { IsCancellationRequested: true })
            {
                _timer.Dispose();
                return;
            }

            if (!_repeats)
            {
                _timer.Dispose();
            }

            _receiver.Tell(_message, _sender);
        }
    }
}

/// <summary>Calls off what was scheduled with it.</summary>
internal sealed class Cancelable : ICancelable
{
    private IDisposable? _scheduled;
    private volatile bool _cancelled;

    public bool IsCancellationRequested => _cancelled;

    public void Cancel()
    {
        _cancelled = true;
        Interlocked.Exchange(ref _scheduled, null)?.Dispose();
    }

    internal void OnCancel(IDisposable scheduled)
    {
        Interlocked.Exchange(ref _scheduled, scheduled);
        if (_cancelled)
        {
            scheduled.Dispose();
        }
    }
}
