namespace Akka.Pipeline.Core.Scanning;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;

/// <summary>What a sighting means, given what the ledger knows.</summary>
public enum SiftVerdict
{
    /// <summary>It is work.</summary>
    Candidate,

    /// <summary>This version is stored and kept: nothing to do, and nothing to ask.</summary>
    Settled,

    /// <summary>This version failed and its time has not come.</summary>
    NotDue,

    /// <summary>This version waits for an operator.</summary>
    SetAside,
}

/// <summary>Decides which sightings of a walk are work.</summary>
public static class Sifting
{
    /// <summary>Judges one sighting.</summary>
    /// <param name="seen">What the walk saw.</param>
    /// <param name="known">What the ledger knows of that path.</param>
    /// <param name="afterUpload">Of the route.</param>
    /// <param name="now">Wall clock.</param>
    /// <param name="longestDelay">No honest retry time is further away: a later one comes from a clock that was stepped, and is due.</param>
    public static SiftVerdict Judge(FileSighting seen, LedgerEntry? known, AfterUpload afterUpload, DateTimeOffset now, TimeSpan longestDelay)
    {
        ArgumentNullException.ThrowIfNull(seen);
        if (known is null || known.Fingerprint != seen.Fingerprint)
        {
            return SiftVerdict.Candidate;
        }

        return known.Progress switch
        {
            // A version that is done and yet there again, although the route removes: its removal was undone, or the route kept it until now.
            FileProgress.Done => afterUpload == AfterUpload.Keep ? SiftVerdict.Settled : SiftVerdict.Candidate,
            FileProgress.SetAside => SiftVerdict.SetAside,
            FileProgress.Failing when known.Trouble is { } trouble && trouble.NextAttemptAt > now && trouble.NextAttemptAt - now <= longestDelay => SiftVerdict.NotDue,
            _ => SiftVerdict.Candidate,
        };
    }
}
