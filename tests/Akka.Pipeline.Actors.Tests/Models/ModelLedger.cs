namespace Akka.Pipeline.Actors.Tests.Models;

using System.Runtime.CompilerServices;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>A ledger in memory that keeps the promises of <see cref="ILedger"/>.</summary>
internal sealed class ModelLedger(Journal journal) : ILedger
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Route, string Path), LedgerEntry> entries = [];
    private readonly Dictionary<string, MultipartProgress> multiparts = new(StringComparer.Ordinal);
    private readonly List<MultipartIntent> intents = [];
    private readonly Dictionary<(FailureScope, string), Blockage> blockages = [];
    private long retryGeneration;

    /// <summary>Called before a commit; may throw or wait.</summary>
    public Func<IReadOnlyList<LedgerChange>, Task>? BeforeCommit { get; set; }

    /// <summary>Called before anything is read, with the name of the operation; may throw or wait.</summary>
    public Func<string, Task>? BeforeRead { get; set; }

    public int Commits { get; private set; }

    public static LedgerException Trouble(string code = "SQLITE_FULL") =>
        new(new Failure(FailureScope.Node, FailureNature.Passing, code, "The ledger cannot be written: the disk is full.", "Free some space."));

    public LedgerEntry? Find(string path, string route = "shots")
    {
        lock (gate)
        {
            return entries.GetValueOrDefault((route, path));
        }
    }

    public IReadOnlyList<MultipartProgress> Multiparts
    {
        get
        {
            lock (gate)
            {
                return [.. multiparts.Values.OrderBy(m => m.BegunAt)];
            }
        }
    }

    public IReadOnlyList<MultipartIntent> Intents
    {
        get
        {
            lock (gate)
            {
                return [.. intents];
            }
        }
    }

    public IReadOnlyList<Blockage> Blocked
    {
        get
        {
            lock (gate)
            {
                return [.. blockages.Values];
            }
        }
    }

    public void Add(params LedgerChange[] changes)
    {
        lock (gate)
        {
            foreach (var change in changes)
            {
                Apply(change);
            }
        }
    }

    public async Task<IReadOnlyList<LedgerEntry?>> LookUpAsync(string route, IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        await ReadingAsync("files");
        lock (gate)
        {
            return [.. paths.Select(path => entries.GetValueOrDefault((route, path)))];
        }
    }

    public async Task<IReadOnlyList<ObjectOrigin?>> LookUpOriginsAsync(string store, IReadOnlyList<ObjectAddress> addresses, CancellationToken cancellation)
    {
        await ReadingAsync("origins");
        lock (gate)
        {
            return [.. addresses.Select(address => entries.Values
                .Where(e => e.Stored is { } stored && stored.Address == address && string.Equals(stored.Store, store, StringComparison.Ordinal))
                .OrderBy(e => e.Stored!.At)
                .Select(e => new ObjectOrigin(e.Route, e.Path, e.Stored!))
                .LastOrDefault())];
        }
    }

    public async Task CommitAsync(IReadOnlyList<LedgerChange> changes, CancellationToken cancellation)
    {
        await Task.Yield();
        if (BeforeCommit is { } before)
        {
            await before(changes);
        }

        lock (gate)
        {
            Commits++;
            foreach (var change in changes)
            {
                Apply(change);
            }
        }
    }

    public async Task<MultipartProgress?> FindMultipartAsync(string route, string path, CancellationToken cancellation)
    {
        await ReadingAsync("multipart");
        lock (gate)
        {
            return multiparts.Values.Where(m => m.Route == route && m.Path == path).OrderBy(m => m.BegunAt).LastOrDefault();
        }
    }

    public Task<IReadOnlyList<MultipartProgress>> OpenMultipartsAsync(CancellationToken cancellation) => Task.FromResult(Multiparts);

    public async Task<IReadOnlyList<MultipartIntent>> OpenIntentsAsync(CancellationToken cancellation)
    {
        await ReadingAsync("intents");
        return Intents;
    }

    public async IAsyncEnumerable<LedgerEntry> FilesAsync(FileQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        List<LedgerEntry> found;
        lock (gate)
        {
            found = [.. entries.Values.Where(e => (query.Route is null || e.Route == query.Route) && query.Progress?.Contains(e.Progress) != false).OrderBy(e => e.Path, StringComparer.Ordinal)];
        }

        foreach (var entry in found)
        {
            yield return entry;
        }
    }

    public Task<IReadOnlyList<RouteTally>> TallyAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<RouteTally>>([]);

    public Task<IReadOnlyList<Blockage>> BlockagesAsync(CancellationToken cancellation) => Task.FromResult(Blocked);

    public Task<int> RequestRetryAsync(string? route, string? path, DateTimeOffset at, CancellationToken cancellation)
    {
        lock (gate)
        {
            retryGeneration++;
            var waiting = entries.Values.Where(e => e.Progress is FileProgress.Failing or FileProgress.SetAside).ToList();
            foreach (var entry in waiting)
            {
                entries[(entry.Route, entry.Path)] = entry with { Progress = FileProgress.Failing, Trouble = entry.Trouble! with { Attempts = 0, NextAttemptAt = at } };
            }

            return Task.FromResult(waiting.Count);
        }
    }

    public async Task<long> RetryGenerationAsync(CancellationToken cancellation)
    {
        await ReadingAsync("retries");
        return Interlocked.Read(ref retryGeneration);
    }

    public Task<int> PruneAsync(DateTimeOffset doneBefore, CancellationToken cancellation) => Task.FromResult(0);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task ReadingAsync(string what)
    {
        await Task.Yield();
        if (BeforeRead is { } before)
        {
            await before(what);
        }
    }

    private void Apply(LedgerChange change)
    {
        switch (change)
        {
            case FileStored stored:
                journal.Add($"recorded {stored.Path}");
                entries[(stored.Route, stored.Path)] = new LedgerEntry(stored.Route, stored.Path, stored.Stored.Fingerprint, FileProgress.Stored, stored.Stored, null, stored.At);
                break;
            case FileDone done when entries.TryGetValue((done.Route, done.Path), out var entry) && entry.Fingerprint == done.Fingerprint:
                journal.Add($"done {done.Path} {done.Fate}");
                entries[(done.Route, done.Path)] = entry with { Progress = FileProgress.Done, Trouble = null };
                break;
            case FileFailed failed:
                journal.Add($"failed {failed.Path} {failed.Trouble.Attempts}{(failed.SetAside ? " set aside" : "")}");
                entries[(failed.Route, failed.Path)] = new LedgerEntry(
                    failed.Route,
                    failed.Path,
                    failed.Fingerprint,
                    failed.SetAside ? FileProgress.SetAside : FileProgress.Failing,
                    entries.GetValueOrDefault((failed.Route, failed.Path))?.Stored,
                    failed.Trouble,
                    failed.At);
                break;
            case MultipartIntended intended:
                intents.Add(intended.Intent);
                break;
            case MultipartIntentResolved resolved:
                intents.Remove(resolved.Intent);
                break;
            case MultipartBegun begun:
                intents.RemoveAll(i => i.Route == begun.Upload.Route && i.Path == begun.Upload.Path && i.Address == begun.Upload.Address && i.At == begun.Upload.BegunAt);
                journal.Add($"begun {begun.Upload.UploadId}");
                multiparts[begun.Upload.UploadId] = begun.Upload;
                break;
            case PartStored part when multiparts.TryGetValue(part.UploadId, out var upload):
                journal.Add($"part recorded {part.Part.PartNumber}");
                multiparts[part.UploadId] = upload with { Parts = [.. upload.Parts.Where(p => p.PartNumber != part.Part.PartNumber), part.Part] };
                break;
            case MultipartEnded ended:
                journal.Add($"ended {ended.UploadId}");
                multiparts.Remove(ended.UploadId);
                break;
            case BlockageSeen seen:
                blockages[(seen.Blockage.Scope, seen.Blockage.Name)] = seen.Blockage;
                break;
            case BlockageCleared cleared:
                blockages.Remove((cleared.Scope, cleared.Name));
                break;
        }
    }
}
