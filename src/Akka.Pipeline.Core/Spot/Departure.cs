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

    /// <summary>How much of the time is kept for what comes after the last upload: records, removals, the end of the process, and a clock that is a little off.</summary>
    public static TimeSpan Reserve(TimeSpan timeLeft)
    {
        var fifth = timeLeft / 5;
        return fifth < TimeSpan.Zero ? TimeSpan.Zero : fifth > MostReserve ? MostReserve : fifth;
    }
}
