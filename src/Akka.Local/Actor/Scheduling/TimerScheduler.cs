namespace Akka.Actor;

using Akka.Event;

/// <summary>What a timer puts into the mailbox. It counts only as long as it is the current timer of its key.</summary>
internal sealed class TimerMessage(TimerScheduler owner, object key, object content, bool repeats) : IDeadLetterSuppression
{
    internal TimerScheduler Owner { get; } = owner;

    internal object Key { get; } = key;

    internal object Content { get; } = content;

    internal bool Repeats { get; } = repeats;

    internal ICancelable Task { get; set; } = null!;

    public override string ToString() => $"TimerMsg(key={Key}, message={Content})";
}

/// <summary>The timers of one incarnation of an actor.</summary>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, TimerMessage> _timers = [];

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => StartPeriodicTimer(key, msg, interval, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef? sender) => StartPeriodicTimer(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) => StartPeriodicTimer(key, msg, initialDelay, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef? sender)
    {
        Cancel(key);
        var timer = new TimerMessage(this, key, msg, repeats: true);
        timer.Task = cell.System.Scheduler.ScheduleTellRepeatedlyCancelable(initialDelay, interval, cell.Self, timer, sender);
        _timers[key] = timer;
    }

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => StartSingleTimer(key, msg, timeout, null);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef? sender)
    {
        Cancel(key);
        var timer = new TimerMessage(this, key, msg, repeats: false);
        timer.Task = cell.System.Scheduler.ScheduleTellOnceCancelable(timeout, cell.Self, timer, sender);
        _timers[key] = timer;
    }

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var timer))
        {
            timer.Task.Cancel();
        }
    }

    public void CancelAll()
    {
        foreach (var timer in _timers.Values)
        {
            timer.Task.Cancel();
        }

        _timers.Clear();
    }

    /// <summary>The content of a timer's message, or null if that timer is no longer current for this instance.</summary>
    internal object? Take(TimerMessage message, ActorBase actor)
    {
        var isCurrent = actor is IWithTimers { Timers: TimerScheduler timers }
            && ReferenceEquals(timers, this)
            && _timers.TryGetValue(message.Key, out var timer)
            && ReferenceEquals(timer, message);
        if (!isCurrent)
        {
            return null;
        }

        if (!message.Repeats)
        {
            _timers.Remove(message.Key);
        }

        return message.Content;
    }
}
