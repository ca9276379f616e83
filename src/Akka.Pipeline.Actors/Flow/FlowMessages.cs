namespace Akka.Pipeline.Actors.Flow;

using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;

/// <summary>A stage can take this many more files. Flows against the files: uploaders -> dedupe -> stability -> scanner.</summary>
public sealed record WorkRequested(int Count);

/// <summary>A file that may be work, and what the ledger knows of it.</summary>
public sealed record Candidate(FileSighting Seen, LedgerEntry? Known)
{
    /// <summary>Another node had it, and its session ended: it may have stored it.</summary>
    public bool WasHeldBefore { get; init; }

    /// <summary>A walk has just come by, and nobody has found it unfinished before.</summary>
    public bool IsFresh { get; init; }
}

/// <summary>scanner -> stability: files that are not done.</summary>
public sealed record CandidatesFound(IReadOnlyList<Candidate> Files);

/// <summary>scanner -> stability: something happened to files that are on their way already; a held one is looked at now.</summary>
public sealed record FilesHinted(IReadOnlyList<string> Paths);

/// <summary>stability -> dedupe: files that are finished.</summary>
public sealed record FilesStabilized(IReadOnlyList<Candidate> Files);

/// <summary>dedupe -> uploaders: files to bring into the store.</summary>
public sealed record UploadFiles(IReadOnlyList<UploadPlan> Plans);

/// <summary>A file version whose bytes are in the store, and the ledger knows it.</summary>
public sealed record StoredFile(string Path, Fingerprint Fingerprint, long? ChangedUnixNs, int FailedAttempts);

/// <summary>ledger -> cleanup (through the route): the local files may go.</summary>
public sealed record FilesRecorded(IReadOnlyList<StoredFile> Files);

/// <summary>any stage, or the ledger as its confirmation -> scanner (through the route): these files are on their way no longer.</summary>
public sealed record FilesSettled(IReadOnlyList<SettledFile> Files);

/// <summary>How a file left the pipeline.</summary>
/// <param name="Path">The file.</param>
/// <param name="How">What became of it.</param>
/// <param name="LookAgainAt">With <see cref="Settlement.Retry"/> and <see cref="Settlement.Blocked"/>: not before this time.</param>
/// <param name="Failure">Why, where something went wrong.</param>
public sealed record SettledFile(string Path, Settlement How, DateTimeOffset LookAgainAt = default, Failure? Failure = null);

/// <summary>What became of a file.</summary>
public enum Settlement
{
    /// <summary>Stored, and the local file dealt with; or gone by itself.</summary>
    Done,

    /// <summary>It changed on its way: it starts afresh at once.</summary>
    Changed,

    /// <summary>An attempt failed, or it could not be held; it comes back later.</summary>
    Retry,

    /// <summary>It waits for an operator.</summary>
    SetAside,

    /// <summary>What it needs is blocked; it comes back later.</summary>
    Blocked,

    /// <summary>What it needs stays blocked, and this run tries no more.</summary>
    GivenUp,

    /// <summary>Somebody still writes it, and this run waits no more.</summary>
    BeingWritten,

    /// <summary>It, or what is in the folder, could not be looked at.</summary>
    Unread,
}

/// <summary>scanner -> pipeline (through the route), in a run that ends: the source holds nothing more that this run can bring away.</summary>
public sealed record SourceEmptied(string Route, RouteRemainder Remainder);

/// <summary>What a run that ends leaves in a source.</summary>
/// <param name="SetAside">Files that wait for an operator.</param>
/// <param name="GivenUp">Files whose bucket or store stayed blocked.</param>
/// <param name="BeingWritten">Files that somebody still writes.</param>
/// <param name="SourceFailure">The source itself could not be read.</param>
/// <param name="Examples">Some of these files, with the reason.</param>
/// <param name="Unread">Folders (or entries) that could not be looked into.</param>
public sealed record RouteRemainder(long SetAside, long GivenUp, long BeingWritten, Failure? SourceFailure, IReadOnlyList<SettledFile> Examples, long Unread = 0)
{
    public bool IsEmpty => SetAside + GivenUp + BeingWritten + Unread == 0 && SourceFailure is null;
}

/// <summary>On the event stream: an operator asked for retries.</summary>
public sealed record RetryRequested;

/// <summary>pipeline -> scanner (through the route): bring nothing new.</summary>
public sealed record StopScanning;

/// <summary>pipeline -> scanner (through the route): walk the source now, and say <see cref="SourceEmptied"/> once nothing of it is on its way.</summary>
/// <param name="Until">Monotonic clock: what comes back later than that is not waited for.</param>
public sealed record EmptySource(TimeSpan Until);

/// <summary>pipeline -> a route: count what the source still holds that is not stored; answered by <see cref="RouteCounted"/>.</summary>
/// <param name="Until">Monotonic clock; what is not counted by then is left out.</param>
public sealed record CountRemaining(TimeSpan Until);

/// <summary>What a source still holds.</summary>
/// <param name="Route">The route.</param>
/// <param name="Remaining">What was counted.</param>
public sealed record RouteCounted(string Route, RemainingFiles Remaining);

/// <summary>Take nothing new, and answer <see cref="Drained"/> once nothing is under way.</summary>
/// <param name="CutOffAt">Monotonic clock: what is under way then is broken off. Null: it may take as long as it takes.</param>
public sealed record Drain(TimeSpan? CutOffAt = null);

/// <summary>Nothing is under way.</summary>
public sealed record Drained;
