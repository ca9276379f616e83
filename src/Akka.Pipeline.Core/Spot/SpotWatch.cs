namespace Akka.Pipeline.Core.Spot;

/// <summary>What is known of the machine's future.</summary>
public enum SpotPhase
{
    /// <summary>Nothing is announced.</summary>
    Normal,

    /// <summary>The machine is more likely to be taken than others. Goes back to <see cref="Normal"/> when the recommendation is gone.</summary>
    RebalanceRecommended,

    /// <summary>The machine will be taken. There is no way back.</summary>
    Interrupted,
}

/// <summary>State of the watch over the machine's notices: a look comes in, what follows from it goes out.</summary>
/// <param name="Phase">What is known.</param>
/// <param name="WasReachable">The service has answered at some time, so this is such a machine.</param>
/// <param name="FailedLooks">In a row.</param>
public sealed record SpotWatch(SpotPhase Phase, bool WasReachable, int FailedLooks)
{
    /// <summary>AWS recommends a look every 5 seconds (spot-instance-termination-notices, 2026-11); the two minutes are ours only from the look that sees the notice.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>The longest pause between looks at a service that has never answered.</summary>
    public static readonly TimeSpan RareInterval = TimeSpan.FromMinutes(5);

    /// <summary>The longest pause between looks at a service that has answered before.</summary>
    public static readonly TimeSpan HiccupInterval = TimeSpan.FromSeconds(10);

    /// <summary>Failed looks after which a service that answered before is said to be silent: about half a minute.</summary>
    public const int SilentAfterLooks = 5;

    /// <summary>At the start of a process.</summary>
    public static SpotWatch Start { get; } = new(SpotPhase.Normal, false, 0);

    /// <summary>Takes a look in.</summary>
    /// <param name="look">What it found.</param>
    /// <param name="wallClock">Of this machine; stands in for the service's clock where that was not told.</param>
    public (SpotWatch Next, SpotNews News) After(InstanceLook look, DateTimeOffset wallClock)
    {
        ArgumentNullException.ThrowIfNull(look);
        if (!look.IsReachable)
        {
            // What was said stays said: a rebalance recommendation is gone only when the service says so.
            var failed = Math.Min(FailedLooks + 1, int.MaxValue - 1);
            return (this with { FailedLooks = failed }, new SpotNews(FellSilent: WasReachable && failed == SilentAfterLooks));
        }

        var news = new SpotNews(FirstAnswer: !WasReachable, SpokeAgain: WasReachable && FailedLooks >= SilentAfterLooks);
        var reached = this with { WasReachable = true, FailedLooks = 0 };
        if (Phase == SpotPhase.Interrupted)
        {
            return (reached, news);
        }

        if (InstanceNotice.Read(look.Action) is { } notice)
        {
            var left = Departure.TimeLeft(notice, look.ServerTime + Departure.HeaderStep ?? wallClock);
            return (reached with { Phase = SpotPhase.Interrupted }, news with { Interruption = new Interruption(notice.Fate, left) });
        }

        var recommended = InstanceNotice.IsRebalance(look.Rebalance);
        return recommended == (Phase == SpotPhase.RebalanceRecommended)
            ? (reached, news)
            : (reached with { Phase = recommended ? SpotPhase.RebalanceRecommended : SpotPhase.Normal }, news with { Rebalance = recommended });
    }

    /// <summary>How long to wait before the next look: rarely where there is no such service, so that a machine elsewhere is not bothered.</summary>
    public TimeSpan Pause()
    {
        if (FailedLooks == 0)
        {
            return Interval;
        }

        var longest = WasReachable ? HiccupInterval : RareInterval;
        var doubled = Interval * Math.Pow(2, Math.Min(FailedLooks, 20));
        return doubled < longest ? doubled : longest;
    }
}

/// <summary>What a look changed.</summary>
/// <param name="Interruption">The machine will be taken.</param>
/// <param name="Rebalance">A recommendation came (true) or is gone (false).</param>
/// <param name="FirstAnswer">The service answered for the first time.</param>
/// <param name="FellSilent">It has not answered for a while.</param>
/// <param name="SpokeAgain">It answers again after that.</param>
public sealed record SpotNews(Interruption? Interruption = null, bool? Rebalance = null, bool FirstAnswer = false, bool FellSilent = false, bool SpokeAgain = false);

/// <summary>The machine will be taken.</summary>
/// <param name="Fate">What becomes of it.</param>
/// <param name="TimeLeft">From the look that saw the notice on. Zero or more.</param>
public sealed record Interruption(InstanceFate Fate, TimeSpan TimeLeft);
