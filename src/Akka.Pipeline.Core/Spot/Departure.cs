namespace Akka.Pipeline.Core.Spot;

/// <summary>The arithmetic of a node that has to leave by a certain time.</summary>
public static class Departure
{
    /// <summary>A spot instance is told two minutes before (spot-instance-termination-notices, 2026-11). More than that means that a clock is wrong.</summary>
    public static readonly TimeSpan LongestNotice = TimeSpan.FromMinutes(2);

    /// <summary>Taken for a notice without a time: the notice may be old.</summary>
    public static readonly TimeSpan UnknownTimeLeft = TimeSpan.FromSeconds(30);

    /// <summary>Hibernation begins with its notice (hibernation of Spot Instances, 2026-11): there is time only to hand back.</summary>
    public static readonly TimeSpan BeforeHibernation = TimeSpan.FromSeconds(2);

    /// <summary>A Date header tells whole seconds (RFC 9110, 5.6.7), cut off: its clock may be on by almost so much.</summary>
    public static readonly TimeSpan HeaderStep = TimeSpan.FromSeconds(1);

    /// <summary>Ten times what the end takes on an idle machine: everybody may be leaving at once.</summary>
    private static readonly TimeSpan LeastReserve = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan MostReserve = TimeSpan.FromSeconds(10);

    /// <summary>How long the machine is still ours.</summary>
    /// <param name="notice">What was announced.</param>
    /// <param name="now">By the clock that the notice's time is of.</param>
    public static TimeSpan TimeLeft(InstanceNotice notice, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(notice);
        var left = notice.At is { } at ? at - now : UnknownTimeLeft;
        var longest = notice.Fate == InstanceFate.Hibernate ? BeforeHibernation : LongestNotice;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left > longest ? longest : left;
    }

    /// <summary>How much of the time is kept for what comes after the last upload: records, removals and the end of the process. Of very little time all of it.</summary>
    public static TimeSpan Reserve(TimeSpan timeLeft)
    {
        var wanted = Longer(LeastReserve, timeLeft / 5);
        return Longer(TimeSpan.Zero, Shorter(timeLeft, Shorter(MostReserve, wanted)));
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
