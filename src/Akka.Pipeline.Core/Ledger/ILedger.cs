namespace Akka.Pipeline.Core.Ledger;

using Akka.Pipeline.Core.Stores;

/// <summary>
/// The record of every file's progress. It is not needed to find work: the file system says what is left, the store says what has
/// arrived. A lost ledger costs time, never data. One process writes; others may read and ask for retries at the same time.
/// Failures are <see cref="LedgerException"/>.
/// </summary>
public interface ILedger : IAsyncDisposable
{
    /// <summary>The entries of the named files, in the order of the paths; null where there is none.</summary>
    Task<IReadOnlyList<LedgerEntry?>> LookUpAsync(string route, IReadOnlyList<string> paths, CancellationToken cancellation);

    /// <summary>
    /// Which file each object was last written from, by any route to the same store, in the order of the addresses; null where none is known.
    /// Only for entries that are not pruned; a guard against two files that map to one key.
    /// </summary>
    /// <param name="store">Name of the store, as in <see cref="StoreTraits.Name"/>.</param>
    Task<IReadOnlyList<ObjectOrigin?>> LookUpOriginsAsync(string store, IReadOnlyList<ObjectAddress> addresses, CancellationToken cancellation);

    /// <summary>Commits the changes, all or none, in order, durably (they survive a power loss once this returns).</summary>
    /// <exception cref="LedgerException">
    /// Nothing of it was committed, unless <see cref="LedgerException.Failure"/> says OutcomeUnknown: then all of it may have been, or yet be; every change may be committed again.
    /// A retry can help when it says Passing.
    /// </exception>
    Task CommitAsync(IReadOnlyList<LedgerChange> changes, CancellationToken cancellation);

    /// <summary>The unfinished multipart upload of a file, if any; the one that was begun last if there are several.</summary>
    Task<MultipartProgress?> FindMultipartAsync(string route, string path, CancellationToken cancellation);

    /// <summary>All unfinished multipart uploads (without their parts), oldest first.</summary>
    Task<IReadOnlyList<MultipartProgress>> OpenMultipartsAsync(CancellationToken cancellation);

    /// <summary>All multipart uploads that were intended and of which nobody knows yet whether they were begun, oldest first.</summary>
    Task<IReadOnlyList<MultipartIntent>> OpenIntentsAsync(CancellationToken cancellation);

    /// <summary>Entries that match, ordered by route and path, streamed.</summary>
    IAsyncEnumerable<LedgerEntry> FilesAsync(FileQuery query, CancellationToken cancellation);

    /// <summary>Counts of entries by route and progress, and bytes.</summary>
    Task<IReadOnlyList<RouteTally>> TallyAsync(CancellationToken cancellation);

    /// <summary>What is blocked now.</summary>
    Task<IReadOnlyList<Blockage>> BlockagesAsync(CancellationToken cancellation);

    /// <summary>
    /// An operator asks that failing and set-aside files (all, of a route, or one path) and all blockages be tried now. The attempts start
    /// from zero. Returns how many files and blockages that were. The running daemon learns of it by <see cref="RetryGenerationAsync"/>.
    /// </summary>
    Task<int> RequestRetryAsync(string? route, string? path, DateTimeOffset at, CancellationToken cancellation);

    /// <summary>A number that grows with every <see cref="RequestRetryAsync"/>; cheap to ask for every few seconds.</summary>
    Task<long> RetryGenerationAsync(CancellationToken cancellation);

    /// <summary>Forgets entries that are done and whose local file is gone, written before the given time. Returns how many.</summary>
    Task<int> PruneAsync(DateTimeOffset doneBefore, CancellationToken cancellation);
}

/// <summary>Which entries to list; null means any.</summary>
public sealed record FileQuery(string? Route = null, IReadOnlyList<FileProgress>? Progress = null, string? PathPrefix = null, int? Limit = null);

/// <summary>Where an object came from.</summary>
public sealed record ObjectOrigin(string Route, string Path, StoredVersion Stored);

/// <summary>Counts of one route.</summary>
public sealed record RouteTally(string Route, FileProgress Progress, long Files, long Bytes);

/// <summary>The ledger failed.</summary>
public sealed class LedgerException : Exception
{
    public LedgerException(Failures.Failure failure, Exception? inner = null)
        : base(failure?.Cause, inner)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Failure = failure;
    }

    public Failures.Failure Failure { get; }
}
