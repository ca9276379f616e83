namespace Akka.Pipeline.Storage.Tests.S3;

/// <summary>Timers that come due when a test says so, not when the machine is slow.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly List<HandTimer> timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(() => callback(state), dueTime);
        lock (timers)
        {
            timers.Add(timer);
        }

        return timer;
    }

    public void Elapse(TimeSpan time)
    {
        List<HandTimer> due;
        lock (timers)
        {
            due = timers.FindAll(timer => timer.Due <= time);
        }

        due.ForEach(timer => timer.Fire());
    }

    private sealed class HandTimer(Action fire, TimeSpan due) : ITimer
    {
        private int isOver;

        public TimeSpan Due => due;

        public void Fire()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
            {
                fire();
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => Interlocked.Exchange(ref isOver, 1);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
