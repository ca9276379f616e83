namespace Akka.Pipeline.Storage.Sqlite;

using System.Runtime.CompilerServices;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;

/// <summary>
/// The ledger of one node, in one SQLite file on a local disk.
/// </summary>
/// <remarks>
/// <para>Three connections: commits, look-ups (which go on while a commit runs: the log is written ahead) and listings (which may take long).</para>
/// <para>
/// Commits sync the log (synchronous = FULL). With NORMAL a power loss would undo the last commits, and one such fact matters to the first
/// promise: that an object was written from file A. A's local file is removed only after that fact was committed; were the fact undone and the
/// removal not, a file B that maps to the same key would no longer be seen as a conflict, and would overwrite the only copy of A.
/// Everything else that a lost commit takes with it costs a re-check. The price is one sync a group commit.
/// </para>
/// </remarks>
public sealed class SqliteLedger : ILedger
{
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(10);

    private readonly SqliteSession writer;
    private readonly SqliteSession lookups;
    private readonly SqliteSession listings;
    private readonly ChangeWriter changes;
    private readonly LedgerReserve? reserve;

    private SqliteLedger(SqliteSession writer, SqliteSession lookups, SqliteSession listings, LedgerReserve? reserve)
    {
        this.reserve = reserve;
        this.writer = writer;
        this.lookups = lookups;
        this.listings = listings;
        changes = new ChangeWriter(writer);
    }

    /// <summary>For tests that spoil it.</summary>
    internal SqliteSession Writer => writer;

    /// <summary>Opens the ledger; as <see cref="LedgerAccess.ReadWrite"/> makes it when it is not there (its folder must be) and brings it up to date.</summary>
    /// <param name="file">Path of the file; SQLite keeps two more beside it, ending in -wal and -shm.</param>
    /// <param name="access">What for.</param>
    /// <param name="cancellation">Ends the waiting, not an opening under way.</param>
    /// <exception cref="LedgerException">It cannot be opened: no ledger, damaged, of a newer program, not writable. A retry helps only where its failure says Passing.</exception>
    public static Task<SqliteLedger> OpenAsync(string file, LedgerAccess access, CancellationToken cancellation) => OpenAsync(file, access, DefaultBusyTimeout, cancellation);

    internal static Task<SqliteLedger> OpenAsync(string file, LedgerAccess access, TimeSpan busyTimeout, CancellationToken cancellation) =>
        Task.Run(() => SqliteOpening.Open(file, access, busyTimeout, (writer, lookups, listings, reserve) => new SqliteLedger(writer, lookups, listings, reserve)), cancellation);

    public Task<IReadOnlyList<LedgerEntry?>> LookUpAsync(string route, IReadOnlyList<string> paths, CancellationToken cancellation) =>
        lookups.ReadAsync<IReadOnlyList<LedgerEntry?>>(
            () =>
            {
                var found = new LedgerEntry?[paths.Count];
                if (lookups.Names.FindRoute(route) is { } routeId && HasFiles(routeId))
                {
                    for (var i = 0; i < found.Length; i++)
                    {
                        found[i] = FileRow.Find(lookups, routeId, route, paths[i]);
                    }
                }

                return found;
            },
            cancellation);

    public Task<IReadOnlyList<ObjectOrigin?>> LookUpOriginsAsync(string store, IReadOnlyList<ObjectAddress> addresses, CancellationToken cancellation) =>
        lookups.ReadAsync<IReadOnlyList<ObjectOrigin?>>(
            () =>
            {
                var found = new ObjectOrigin?[addresses.Count];
                long? bucketId = null;
                for (var i = 0; i < found.Length; i++)
                {
                    if (i == 0 || addresses[i].Bucket != addresses[i - 1].Bucket)
                    {
                        bucketId = lookups.Names.FindBucket(store, addresses[i].Bucket);
                    }

                    found[i] = bucketId is { } id ? FindOrigin(id, addresses[i].Key) : null;
                }

                return found;
            },
            cancellation);

    public async Task CommitAsync(IReadOnlyList<LedgerChange> changes, CancellationToken cancellation)
    {
        while (changes.Count > 0)
        {
            try
            {
                await writer.WriteAsync(() => Apply(changes), cancellation);
                if (reserve is { IsTapped: true })
                {
                    await RefillAsync(reserve);
                }

                return;
            }
            catch (LedgerException failed) when (SqliteFailures.MayLackSpace(failed) && reserve is not null && reserve.Release())
            {
                await SaveSpaceAsync(cancellation);
            }
        }
    }

    public Task<MultipartProgress?> FindMultipartAsync(string route, string path, CancellationToken cancellation) =>
        lookups.ReadAsync(() => MultipartRow.Find(lookups, route, path), cancellation);

    public Task<IReadOnlyList<MultipartProgress>> OpenMultipartsAsync(CancellationToken cancellation) =>
        listings.ReadAsync(() => MultipartRow.List(listings), cancellation);

    public Task<IReadOnlyList<MultipartIntent>> OpenIntentsAsync(CancellationToken cancellation) =>
        lookups.ReadAsync(() => MultipartRow.Intents(lookups), cancellation);

    public async IAsyncEnumerable<LedgerEntry> FilesAsync(FileQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Progress is { Count: 0 })
        {
            yield break;
        }

        var routes = query.Route is { } only ? [only] : await listings.ReadAsync(listings.Names.Routes, cancellation);
        var left = query.Limit;
        foreach (var route in routes)
        {
            var listing = new FileListing(route, query.Progress, query.PathPrefix);
            while (!listing.Ended && left is null or > 0)
            {
                var page = await listings.ReadAsync(() => listing.Next(listings, left), cancellation);
                left -= page.Count;
                foreach (var entry in page)
                {
                    yield return entry;
                }
            }
        }
    }

    public Task<IReadOnlyList<RouteTally>> TallyAsync(CancellationToken cancellation) =>
        listings.ReadAsync<IReadOnlyList<RouteTally>>(
            () =>
            {
                var tallies = new List<RouteTally>();

                // Filtered sums go along the primary key; grouping by progress as well would sort all rows first.
                var sums = string.Join(", ", Enum.GetValues<FileProgress>().Select(p => $"COUNT(*) FILTER (WHERE progress = {(int)p}), SUM(size) FILTER (WHERE progress = {(int)p})"));
                using var statement = listings.Once($"SELECT route_id, {sums} FROM file GROUP BY route_id");
                while (statement.Step())
                {
                    var route = listings.Names.Route(statement.Int64(0));
                    foreach (var progress in Enum.GetValues<FileProgress>())
                    {
                        var column = 1 + (2 * (int)progress);
                        if (statement.Int64(column) is > 0 and var files)
                        {
                            tallies.Add(new RouteTally(route, progress, files, statement.Int64(column + 1)));
                        }
                    }
                }

                return [.. tallies.OrderBy(tally => tally.Route, StringComparer.Ordinal).ThenBy(tally => tally.Progress)];
            },
            cancellation);

    public Task<IReadOnlyList<Blockage>> BlockagesAsync(CancellationToken cancellation) =>
        lookups.ReadAsync<IReadOnlyList<Blockage>>(
            () =>
            {
                var blockages = new List<Blockage>();
                using var statement = lookups.Once("SELECT scope, name, attempts, next_attempt_at, failure, since FROM blockage ORDER BY since, scope, name");
                while (statement.Step())
                {
                    var trouble = new Trouble((int)statement.Int64(2), LedgerTime.ToTime(statement.Int64(3)), FailureJson.Read(statement.Text(4)!));
                    blockages.Add(new Blockage(Enum.Parse<FailureScope>(statement.Text(0)!), statement.Text(1)!, trouble, LedgerTime.ToTime(statement.Int64(5))));
                }

                return blockages;
            },
            cancellation);

    public Task<int> RequestRetryAsync(string? route, string? path, DateTimeOffset at, CancellationToken cancellation) =>
        writer.WriteAsync(() => RetryRequest.Write(writer, route, path, at), cancellation);

    public Task<long> RetryGenerationAsync(CancellationToken cancellation) =>
        lookups.ReadAsync(() => long.Parse(lookups.Scalar("SELECT generation FROM retry")!, System.Globalization.CultureInfo.InvariantCulture), cancellation);

    public async Task<int> PruneAsync(DateTimeOffset doneBefore, CancellationToken cancellation)
    {
        var pruned = await new Pruning(listings, writer, doneBefore).RunAsync(cancellation);
        reserve?.Fill();
        return pruned;
    }

    /// <summary>Closes it; what was committed is in the file, and the log beside it is gone when no other process has it open.</summary>
    public async ValueTask DisposeAsync()
    {
        await lookups.DisposeAsync();
        await listings.DisposeAsync();
        await writer.DisposeAsync();
    }

    private int Apply(IReadOnlyList<LedgerChange> changes)
    {
        foreach (var change in changes)
        {
            this.changes.Apply(change);
        }

        return changes.Count;
    }

    // What is in the log goes into the file, so that the log can be written over. Where even that lacks space, the log grows into what was released.
    private async Task SaveSpaceAsync(CancellationToken cancellation)
    {
        try
        {
            await writer.ExecuteAsync($"PRAGMA wal_autocheckpoint = {SqliteOpening.SparingCheckpointPages}; PRAGMA wal_checkpoint(PASSIVE)", cancellation);
        }
        catch (LedgerException)
        {
            // The commit that is repeated tells.
        }
    }

    // The commit is done: whatever happens here is no failure of it, and nothing to wait for less.
    private async Task RefillAsync(LedgerReserve tapped)
    {
        tapped.Refill();
        if (!tapped.IsTapped)
        {
            await writer.ExecuteAsync($"PRAGMA wal_autocheckpoint = {SqliteOpening.CheckpointPages}", CancellationToken.None);
        }
    }

    /// <summary>Spares a new route, whose files are all unknown, a search for each.</summary>
    private bool HasFiles(long routeId)
    {
        var statement = lookups.Prepared("SELECT 1 FROM file WHERE route_id = ?1 LIMIT 1").Bind(1, routeId);
        try
        {
            return statement.Step();
        }
        finally
        {
            statement.Reset();
        }
    }

    private ObjectOrigin? FindOrigin(long bucketId, string key)
    {
        var statement = lookups.Prepared($"SELECT {FileRow.Columns}, route_id, path FROM file WHERE bucket_id = ?1 AND key = ?2 ORDER BY stored_at DESC LIMIT 1").Bind(1, bucketId).BindBytesOf(2, key);
        try
        {
            if (!statement.Step())
            {
                return null;
            }

            var route = lookups.Names.Route(statement.Int64(FileRow.ColumnCount));
            var path = statement.Path(FileRow.ColumnCount + 1);
            return new ObjectOrigin(route, path, FileRow.Read(statement, lookups.Names, route, path).Stored!);
        }
        finally
        {
            statement.Reset();
        }
    }
}
