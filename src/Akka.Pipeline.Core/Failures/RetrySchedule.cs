namespace Akka.Pipeline.Core.Failures;

/// <summary>When a failed attempt is repeated: growing, jittered delays.</summary>
/// <param name="FirstDelay">Before the second attempt.</param>
/// <param name="MaximumDelay">No delay is longer.</param>
/// <param name="MaximumAttempts">A file that failed this often is set aside; 1 or more.</param>
public sealed record RetrySchedule(TimeSpan FirstDelay, TimeSpan MaximumDelay, int MaximumAttempts)
{
    /// <summary>
    /// The delay after the given number of failed attempts in a row: it doubles with each, up to the maximum, and lies anywhere between
    /// half of that and all of it, so that what failed together does not come back together.
    /// </summary>
    /// <param name="failedAttempts">1 or more.</param>
    /// <param name="chance">0 to 1.</param>
    /// <param name="askedFor">What the other side asked for; waited at least, up to the maximum.</param>
    public TimeSpan DelayAfter(int failedAttempts, double chance, TimeSpan? askedFor = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failedAttempts, 1);
        var doublings = Math.Min(failedAttempts - 1, 30);
        var full = Math.Min(FirstDelay.Ticks * Math.Pow(2, doublings), MaximumDelay.Ticks);
        var delay = TimeSpan.FromTicks((long)(full * (0.5 + (Math.Clamp(chance, 0, 1) / 2))));
        return askedFor is { } asked && asked > delay ? (asked < MaximumDelay ? asked : MaximumDelay) : delay;
    }

    /// <summary>Whether a file that failed this often waits for an operator now.</summary>
    public bool IsExhausted(int failedAttempts) => failedAttempts >= MaximumAttempts;
}
