namespace Akka.Pipeline.Core.Ledger;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Stores;

/// <summary>How far a file version has come.</summary>
public enum FileProgress
{
    /// <summary>Its bytes are in the store, verified; the local file has not been dealt with yet.</summary>
    Stored,

    /// <summary>Stored, and the local file removed or moved, or kept as the route says: nothing is left to do.</summary>
    Done,

    /// <summary>An attempt failed; it is tried again when its time has come.</summary>
    Failing,

    /// <summary>Too many attempts failed; it waits for an operator (`pipeline retry`).</summary>
    SetAside,
}

/// <summary>What the ledger knows of the latest version of a file that it has met. One a route and path.</summary>
/// <param name="Route">The route.</param>
/// <param name="Path">The path below its source.</param>
/// <param name="Fingerprint">The version that this is about; a file that looks different now is a new version and starts afresh.</param>
/// <param name="Progress">How far it has come.</param>
/// <param name="Stored">What is in the store of this path's latest stored version, if any was ever stored (kept through failures of later versions).</param>
/// <param name="Trouble">With <see cref="FileProgress.Failing"/> and <see cref="FileProgress.SetAside"/>.</param>
/// <param name="UpdatedAt">When this was written, by the node's clock.</param>
public sealed record LedgerEntry(
    string Route,
    string Path,
    Fingerprint Fingerprint,
    FileProgress Progress,
    StoredVersion? Stored,
    Trouble? Trouble,
    DateTimeOffset UpdatedAt);

/// <summary>An object that we wrote, or found to be equal.</summary>
/// <param name="Fingerprint">The file version whose bytes it holds.</param>
/// <param name="Store">The store's name (<see cref="StoreTraits.Name"/>).</param>
/// <param name="Address">Where it lies.</param>
/// <param name="ETag">As the store gave it.</param>
/// <param name="Digests">Of the whole content, as far as known.</param>
/// <param name="VersionId">In a bucket with versions.</param>
/// <param name="At">When.</param>
public sealed record StoredVersion(Fingerprint Fingerprint, string Store, ObjectAddress Address, string ETag, DigestSet Digests, string? VersionId, DateTimeOffset At);

/// <summary>Why a file is not done.</summary>
/// <param name="Attempts">How many attempts failed in a row.</param>
/// <param name="NextAttemptAt">Not before this time; with <see cref="FileProgress.SetAside"/> without meaning.</param>
/// <param name="Failure">The last failure.</param>
public sealed record Trouble(int Attempts, DateTimeOffset NextAttemptAt, Failure Failure);

/// <summary>A multipart upload that was begun and not ended.</summary>
/// <param name="Route">The route.</param>
/// <param name="Path">The file.</param>
/// <param name="Fingerprint">The version; parts of another version are never joined with it.</param>
/// <param name="Store">The store's name (<see cref="StoreTraits.Name"/>).</param>
/// <param name="Address">The object.</param>
/// <param name="Attributes">What the object was begun with (<see cref="ObjectAttributes.Summary"/>); it cannot be changed any more.</param>
/// <param name="UploadId">Of the store.</param>
/// <param name="PartSizeBytes">Length of every part but the last.</param>
/// <param name="Parts">Finished parts, by number.</param>
/// <param name="BegunAt">When it was intended, by the node's clock.</param>
public sealed record MultipartProgress(
    string Route,
    string Path,
    Fingerprint Fingerprint,
    string Store,
    ObjectAddress Address,
    string Attributes,
    string UploadId,
    long PartSizeBytes,
    IReadOnlyList<PartFacts> Parts,
    DateTimeOffset BegunAt);

/// <summary>
/// A multipart upload that was about to be begun. The store may have begun it although no answer was recorded: the answer was lost, or the process
/// ended before it could be.
/// </summary>
/// <param name="Route">The route.</param>
/// <param name="Path">The file.</param>
/// <param name="Store">The store's name (<see cref="StoreTraits.Name"/>).</param>
/// <param name="Address">The object.</param>
/// <param name="At">When, by the node's clock; tells the intents of one file and object apart.</param>
public sealed record MultipartIntent(string Route, string Path, string Store, ObjectAddress Address, DateTimeOffset At);

/// <summary>Something bigger than a file that is blocked: a bucket, a store, a source.</summary>
/// <param name="Scope">How far it reaches.</param>
/// <param name="Name">The bucket, the store's name, or the route.</param>
/// <param name="Trouble">Why, and when it is tried again.</param>
/// <param name="Since">When it began.</param>
public sealed record Blockage(FailureScope Scope, string Name, Trouble Trouble, DateTimeOffset Since);
