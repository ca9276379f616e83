namespace Akka.Pipeline.Core.Failures;

/// <summary>
/// Stands before everything that shares a cause of failure (a bucket, a store). It closes with a failure, lets one attempt through when its time
/// has come, and opens with a success. Immutable: every event gives the next state.
/// </summary>
/// <param name="Attempts">Failed attempts in a row; 0 is open.</param>
/// <param name="NextAttemptAt">While closed: when one attempt may go.</param>
/// <param name="Probing">The one attempt is under way.</param>
/// <param name="Failure">Why it is closed.</param>
/// <param name="ClosedAt">Since when it is closed.</param>
public sealed record Gate(int Attempts, DateTimeOffset NextAttemptAt, bool Probing, Failure? Failure, DateTimeOffset ClosedAt)
{
    public static readonly Gate Open = new(0, default, false, null, default);

    public bool IsOpen => Attempts == 0;

    /// <summary>When the last attempt failed.</summary>
    public DateTimeOffset FailedAt { get; init; }

    /// <summary>Whether an attempt may go now: any while open, one when the time has come, or when the clock was stepped back since the last attempt.</summary>
    public bool Admits(DateTimeOffset now) => IsOpen || (!Probing && (now >= NextAttemptAt || now < FailedAt));

    /// <summary>An attempt goes.</summary>
    public Gate Admitted() => IsOpen ? this : this with { Probing = true };

    /// <summary>An attempt failed for a reason that all share. What was under way when the gate closed says nothing new and does not count.</summary>
    public Gate Failed(Failure failure, bool wasProbe, DateTimeOffset now, RetrySchedule schedule, double chance)
    {
        ArgumentNullException.ThrowIfNull(failure);
        ArgumentNullException.ThrowIfNull(schedule);
        if (!IsOpen && !wasProbe)
        {
            return this;
        }

        var attempts = Attempts + 1;
        return new Gate(attempts, now + schedule.DelayAfter(attempts, chance, failure.RetryAfter), false, failure, IsOpen ? now : ClosedAt) { FailedAt = now };
    }

    /// <summary>The probe ended without an answer to the question (its file was gone): another may go.</summary>
    public Gate ProbeWasted() => this with { Probing = false };

    /// <summary>Somebody asked to try at once.</summary>
    public Gate TryNow() => IsOpen ? this : this with { Attempts = 1, NextAttemptAt = DateTimeOffset.MinValue };
}
