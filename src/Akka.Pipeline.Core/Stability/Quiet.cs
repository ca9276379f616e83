namespace Akka.Pipeline.Core.Stability;

using Akka.Pipeline.Core.Files;

/// <summary>What is known of a file that is held back. Instants are readings of a monotonic clock.</summary>
/// <param name="Fingerprint">At the last look.</param>
/// <param name="ChangedUnixNs">Its ctime then: a change whose mtime was set back shows only there.</param>
/// <param name="QuietSince">It has not changed since then, for all we know.</param>
/// <param name="LookedAt">The last look.</param>
/// <param name="LooksWithWriter">How many looks in a row found it open for writing.</param>
public sealed record Quiet(Fingerprint Fingerprint, long ChangedUnixNs, TimeSpan QuietSince, TimeSpan LookedAt, int LooksWithWriter);

/// <summary>What to do with a file after a look.</summary>
public abstract record StabilityVerdict
{
    /// <summary>It is finished.</summary>
    public sealed record Ready : StabilityVerdict;

    /// <summary>It is not there any more.</summary>
    public sealed record Gone : StabilityVerdict;

    /// <summary>Look again later.</summary>
    /// <param name="State">What is known now.</param>
    /// <param name="LookAgainAt">On the monotonic clock.</param>
    /// <param name="BeingWritten">It is held back because somebody has it open for writing.</param>
    public sealed record Hold(Quiet State, TimeSpan LookAgainAt, bool BeingWritten) : StabilityVerdict;
}

/// <summary>
/// Decides when a file is finished: its fingerprint has not changed for the quiet period, and nobody has it open for writing.
/// </summary>
/// <param name="StableAfter">The quiet period.</param>
/// <param name="TrustsChangeTime">
/// The file system's clock is this machine's, so that a ctime in the past proves quiet time; not so on a network file system, where only
/// time that we watched ourselves counts.
/// </param>
public sealed record StabilityRule(TimeSpan StableAfter, bool TrustsChangeTime)
{
    /// <summary>Longest wait between two looks at a file that somebody has open; an event of the watch makes it shorter.</summary>
    public static readonly TimeSpan LongestWriterWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ShortestWriterWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Judges one look.</summary>
    /// <param name="seen">What the look saw.</param>
    /// <param name="before">What was known, or null at the first look.</param>
    /// <param name="nowUnixNs">Wall clock, in nanoseconds since the Unix epoch.</param>
    /// <param name="monotonicNow">Monotonic clock.</param>
    public StabilityVerdict Judge(FileObservation seen, Quiet? before, long nowUnixNs, TimeSpan monotonicNow)
    {
        ArgumentNullException.ThrowIfNull(seen);
        if (seen.Sighting is not { } sighting)
        {
            return new StabilityVerdict.Gone();
        }

        var unchanged = before is not null && before.Fingerprint == sighting.Fingerprint && (!TrustsChangeTime || before.ChangedUnixNs == sighting.ChangedUnixNs);
        var quietSince = unchanged
            ? before!.QuietSince
            : LastChange(sighting, before, nowUnixNs, monotonicNow);

        if (seen.Writer == WriterState.Open)
        {
            var looks = (before?.LooksWithWriter ?? 0) + 1;
            var wait = ShortestWriterWait * Math.Pow(2, Math.Min(looks - 1, 10));
            return new StabilityVerdict.Hold(
                new Quiet(sighting.Fingerprint, sighting.ChangedUnixNs, quietSince, monotonicNow, looks),
                monotonicNow + (wait < LongestWriterWait ? wait : LongestWriterWait),
                BeingWritten: true);
        }

        return monotonicNow - quietSince >= StableAfter
            ? new StabilityVerdict.Ready()
            : new StabilityVerdict.Hold(new Quiet(sighting.Fingerprint, sighting.ChangedUnixNs, quietSince, monotonicNow, 0), quietSince + StableAfter, BeingWritten: false);
    }

    /// <summary>Whether the times of a file alone tell that it was quiet for long enough. Somebody may have it open all the same.</summary>
    /// <param name="sighting">What was seen of it.</param>
    /// <param name="nowUnixNs">Wall clock, in nanoseconds since the Unix epoch.</param>
    public bool IsQuietByChangeTime(FileSighting sighting, long nowUnixNs)
    {
        ArgumentNullException.ThrowIfNull(sighting);
        return TrustsChangeTime && nowUnixNs - sighting.ChangedUnixNs >= StableAfter.Ticks * TimeSpan.NanosecondsPerTick;
    }

    // A ctime in the future (the clock was stepped back) proves nothing: the quiet period then begins with this look. And a change seen
    // between two looks is no older than the first of them, whatever a clock that was stepped forward says.
    private TimeSpan LastChange(FileSighting sighting, Quiet? before, long nowUnixNs, TimeSpan monotonicNow)
    {
        var ageNs = nowUnixNs - sighting.ChangedUnixNs;
        if (!TrustsChangeTime || ageNs < 0)
        {
            return monotonicNow;
        }

        var changed = monotonicNow - TimeSpan.FromTicks(ageNs / TimeSpan.NanosecondsPerTick);
        return before is not null && changed < before.LookedAt ? before.LookedAt : changed;
    }
}
