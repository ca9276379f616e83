namespace Akka.Pipeline.Core.Deduplication;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>How a finished file is to be brought into the store.</summary>
/// <param name="Route">The route.</param>
/// <param name="Path">The file.</param>
/// <param name="Fingerprint">The version that was found finished.</param>
/// <param name="ChangedUnixNs">Its ctime then; null where that proves nothing.</param>
/// <param name="Address">Where it goes.</param>
/// <param name="Confirm">The ledger says that this very version is stored: one HEAD confirms it, and nothing is sent.</param>
/// <param name="Condition">On what the write depends at first.</param>
/// <param name="MayOverwrite">When other content is in the way: replace it (a new version of the same file), or set the file aside (another file's object).</param>
/// <param name="FailedAttempts">Attempts that failed so far.</param>
public sealed record UploadPlan(
    string Route,
    string Path,
    Fingerprint Fingerprint,
    long? ChangedUnixNs,
    ObjectAddress Address,
    StoredVersion? Confirm,
    WriteCondition Condition,
    bool MayOverwrite,
    int FailedAttempts)
{
    /// <summary>Somebody may have stored it without being able to record it, so it is worth asking before much is sent.</summary>
    public bool MayBeStored { get; init; }
}

/// <summary>Decides how a finished file is brought into the store, from what the ledger knows.</summary>
public static class UploadPlanning
{
    /// <summary>Plans one file.</summary>
    /// <param name="route">Its route.</param>
    /// <param name="seen">The file, finished.</param>
    /// <param name="address">Where it goes.</param>
    /// <param name="known">What the ledger knows of the file.</param>
    /// <param name="origin">Which file the ledger last saw going to that address.</param>
    /// <param name="store">Name of the store.</param>
    /// <param name="trustsChangeTime">The file system is local, so that its ctimes are by this machine's clock.</param>
    public static UploadPlan Plan(RouteSettings route, FileSighting seen, ObjectAddress address, LedgerEntry? known, ObjectOrigin? origin, string store, bool trustsChangeTime)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(seen);
        var attempts = known is { Trouble: { } trouble } && known.Fingerprint == seen.Fingerprint ? trouble.Attempts : 0;
        var ours = known?.Stored is { } stored && stored.Address == address && string.Equals(stored.Store, store, StringComparison.Ordinal) ? stored : null;

        // Size and mtime are those that were stored, but the file was touched since: perhaps rewritten with its time set back. Then its bytes decide.
        var touched = trustsChangeTime && ours?.Fingerprint == seen.Fingerprint && seen.ChangedUnixNs > (ours.At - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var anothersObject = IsAnothers(origin, route.Name, seen.Path);

        return new UploadPlan(
            route.Name,
            seen.Path,
            seen.Fingerprint,
            trustsChangeTime ? seen.ChangedUnixNs : null,
            address,
            Confirm: !anothersObject && !touched && ours?.Fingerprint == seen.Fingerprint ? ours : null,
            Condition: !anothersObject && !touched && ours is { ETag.Length: > 0 } ? WriteCondition.IfMatches(ours.ETag) : WriteCondition.IfAbsent,
            MayOverwrite: !anothersObject || route.Conflict == ConflictMode.Overwrite,
            attempts);
    }

    /// <summary>Whether an object is the one that the ledger knows to be made of another file, or of another version of this one. Its size says nothing then.</summary>
    public static bool IsMadeOfOtherBytes(ObjectFacts facts, ObjectOrigin? origin, UploadPlan plan)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(plan);
        return origin is not null
            && facts.ETag.Length > 0
            && string.Equals(facts.ETag, origin.Stored.ETag, StringComparison.Ordinal)
            && (origin.Stored.Fingerprint != plan.Fingerprint || IsAnothers(origin, plan.Route, plan.Path));
    }

    /// <summary>Whether an object was made from another file than this one.</summary>
    public static bool IsAnothers(ObjectOrigin? origin, string route, string path) =>
        origin is not null && !(string.Equals(origin.Route, route, StringComparison.Ordinal) && string.Equals(origin.Path, path, StringComparison.Ordinal));
}
