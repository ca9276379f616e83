namespace Akka.Pipeline.Core.Ledger;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Stores;

/// <summary>One fact for the ledger. Many are committed in one transaction, in order.</summary>
public abstract record LedgerChange(DateTimeOffset At);

/// <summary>A version's bytes are in the store, verified. Clears its trouble.</summary>
public sealed record FileStored(string Route, string Path, StoredVersion Stored, DateTimeOffset At) : LedgerChange(At);

/// <summary>The local file of a stored version was dealt with as the route says. Without effect when the entry is about another version by now.</summary>
public sealed record FileDone(string Route, string Path, Fingerprint Fingerprint, LocalFate Fate, DateTimeOffset At) : LedgerChange(At);

/// <summary>What happened to the local file.</summary>
public enum LocalFate
{
    Removed,
    Moved,
    Kept,

    /// <summary>It was gone already.</summary>
    Gone,
}

/// <summary>An attempt at a version failed.</summary>
/// <param name="Route">The route.</param>
/// <param name="Path">The file.</param>
/// <param name="Fingerprint">The version.</param>
/// <param name="Trouble">Attempts so far, the next time, the failure.</param>
/// <param name="SetAside">True: no more attempts until somebody asks for them.</param>
/// <param name="At">When.</param>
public sealed record FileFailed(string Route, string Path, Fingerprint Fingerprint, Trouble Trouble, bool SetAside, DateTimeOffset At) : LedgerChange(At);

/// <summary>A multipart upload is about to be begun. Until <see cref="MultipartBegun"/> or <see cref="MultipartIntentResolved"/> the store may hold one that nobody knows.</summary>
public sealed record MultipartIntended(MultipartIntent Intent) : LedgerChange(Intent.At);

/// <summary>The store holds no upload that came of this intent and is not known.</summary>
public sealed record MultipartIntentResolved(MultipartIntent Intent, DateTimeOffset At) : LedgerChange(At);

/// <summary>
/// A multipart upload was begun; resolves the intent of the same file and object whose time is the upload's <see cref="MultipartProgress.BegunAt"/>.
/// An earlier upload of the same file stays open until it is ended.
/// </summary>
public sealed record MultipartBegun(MultipartProgress Upload, DateTimeOffset At) : LedgerChange(At);

/// <summary>A part is in the store, confirmed.</summary>
public sealed record PartStored(string UploadId, PartFacts Part, DateTimeOffset At) : LedgerChange(At);

/// <summary>The upload was completed or aborted; the store holds no loose parts of it any more.</summary>
public sealed record MultipartEnded(string UploadId, DateTimeOffset At) : LedgerChange(At);

/// <summary>A bucket, store or source is blocked, or blocked still.</summary>
public sealed record BlockageSeen(Blockage Blockage, DateTimeOffset At) : LedgerChange(At);

/// <summary>It is blocked no longer.</summary>
public sealed record BlockageCleared(FailureScope Scope, string Name, DateTimeOffset At) : LedgerChange(At);
