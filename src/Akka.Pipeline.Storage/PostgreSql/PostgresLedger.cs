namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;
using Npgsql;

/// <summary>
/// The ledger of a fleet, in PostgreSQL. Unlike the embedded one it has many writers: every node.
/// </summary>
/// <remarks>
/// <para>A commit is one round trip and one transaction. It relies on the server's fsync and synchronous_commit being on, as they are by default: see SqliteLedger for the reason.</para>
/// <para>
/// A commit whose answer was lost (<see cref="Failure.OutcomeUnknown"/>) may be repeated as it is: see ChangeBatch. After a restart of the server, the first use of a
/// connection may fail; look-ups get another one by themselves, commits are the caller's to repeat.
/// </para>
/// </remarks>
public sealed class PostgresLedger(PostgresDatabase database) : ILedger
{
    private const int PruneRows = 4_096;

    // Entries whose file was kept stay: they are what tells at the next walk that nothing is to be done.
    private static readonly string IsOver = $"progress = {(int)FileProgress.Done} AND fate <> {(int)LocalFate.Kept} AND updated_at < $1";

    public Task<IReadOnlyList<LedgerEntry?>> LookUpAsync(string route, IReadOnlyList<string> paths, CancellationToken cancellation) =>
        FindAsync(
            paths.Count,
            connection => connection
                .Ask($"SELECT {EntryRow.Columns}, t.n FROM unnest($2::bytea[]) WITH ORDINALITY AS t (path, n) JOIN file f ON f.path = t.path AND f.route_id = (SELECT id FROM route WHERE name = $1) "
                    + "LEFT JOIN bucket b ON b.id = f.bucket_id")
                .With(StoredText.OfName(route)).With(paths.Select(StoredText.OfPath).ToArray()),
            row => (row.GetInt64(EntryRow.ColumnCount), EntryRow.Read(row, database.Names, route)),
            cancellation);

    public Task<IReadOnlyList<ObjectOrigin?>> LookUpOriginsAsync(string store, IReadOnlyList<ObjectAddress> addresses, CancellationToken cancellation) =>
        FindAsync(
            addresses.Count,
            connection => connection
                .Ask($"SELECT {EntryRow.Columns}, t.n, r.name FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS t (bucket, key, n) JOIN bucket b ON b.store = $1 AND b.name = t.bucket "
                    + "CROSS JOIN LATERAL (SELECT * FROM file WHERE bucket_id = b.id AND key = t.key ORDER BY stored_at DESC LIMIT 1) f JOIN route r ON r.id = f.route_id")
                .With(StoredText.OfName(store)).With(addresses.Select(address => StoredText.OfName(address.Bucket)).ToArray()).With(addresses.Select(address => StoredText.OfPath(address.Key)).ToArray()),
            row =>
            {
                var entry = EntryRow.Read(row, database.Names, StoredText.ToName(row.GetFieldValue<byte[]>(EntryRow.ColumnCount + 1)));
                return (row.GetInt64(EntryRow.ColumnCount), new ObjectOrigin(entry.Route, entry.Path, entry.Stored!));
            },
            cancellation);

    public async Task CommitAsync(IReadOnlyList<LedgerChange> changes, CancellationToken cancellation)
    {
        if (changes.Count == 0)
        {
            return;
        }

        var tries = 0;
        await database.WriteAsync(
            async (connection, stop) =>
            {
                await using var batch = new NpgsqlBatch(connection);
                await new ChangeBatch(database.Names).AppendAsync(connection, batch, changes, alone: tries++ > 0, stop);
                return await batch.ExecuteNonQueryAsync(stop);
            },
            cancellation);
    }

    public Task<MultipartProgress?> FindMultipartAsync(string route, string path, CancellationToken cancellation) =>
        database.ReadAsync((connection, stop) => UploadRow.FindAsync(connection, database.Names, route, path, stop), cancellation);

    public Task<IReadOnlyList<MultipartProgress>> OpenMultipartsAsync(CancellationToken cancellation) =>
        database.ReadAsync((connection, stop) => UploadRow.ListAsync(connection, database.Names, stop), cancellation);

    public Task<IReadOnlyList<MultipartIntent>> OpenIntentsAsync(CancellationToken cancellation) =>
        database.ReadAsync((connection, stop) => UploadRow.IntentsAsync(connection, database.Names, stop), cancellation);

    public IAsyncEnumerable<LedgerEntry> FilesAsync(FileQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        return EntryListing.ListAsync(database, query, cancellation);
    }

    public Task<IReadOnlyList<RouteTally>> TallyAsync(CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<RouteTally>>(
            async (connection, stop) =>
            {
                // The one question that is about all rows.
                await using var batch = new NpgsqlBatch(connection);
                batch.Append("SELECT set_config('enable_seqscan', 'on', true)");
                batch.Append("SELECT r.name, t.progress, t.files, t.bytes FROM (SELECT route_id, progress, count(*) AS files, sum(size)::bigint AS bytes FROM file GROUP BY route_id, progress) t JOIN route r ON r.id = t.route_id");
                var tallies = new List<RouteTally>();
                await using var rows = await batch.ExecuteReaderAsync(stop);
                await rows.NextResultAsync(stop);
                while (await rows.ReadAsync(stop))
                {
                    tallies.Add(new RouteTally(StoredText.ToName(rows.GetFieldValue<byte[]>(0)), (FileProgress)rows.GetInt16(1), rows.GetInt64(2), rows.GetInt64(3)));
                }

                return [.. tallies.OrderBy(tally => tally.Route, StringComparer.Ordinal).ThenBy(tally => tally.Progress)];
            },
            cancellation);

    public Task<IReadOnlyList<Blockage>> BlockagesAsync(CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<Blockage>>(
            async (connection, stop) => await connection.Ask("SELECT scope, name, attempts, next_attempt_at, failure, since FROM blockage ORDER BY since, scope, name").ListAsync(
                row => new Blockage(
                    Enum.Parse<FailureScope>(row.GetString(0)),
                    StoredText.ToName(row.GetFieldValue<byte[]>(1)),
                    new Trouble(row.GetInt32(2), LedgerTime.ToTime(row.GetInt64(3)), FailureJson.Read(row.GetString(4))),
                    LedgerTime.ToTime(row.GetInt64(5))),
                stop),
            cancellation);

    public Task<int> RequestRetryAsync(string? route, string? path, DateTimeOffset at, CancellationToken cancellation) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await using var command = connection.Ask(
                    "WITH r AS (SELECT id FROM route WHERE $2::bytea IS NULL OR name = $2), "
                    + "b AS (UPDATE blockage SET attempts = 0, next_attempt_at = $1 RETURNING 1), "
                    + "f AS (UPDATE file SET progress = 2, attempts = 0, next_attempt_at = $1, updated_at = $1 "
                    + "WHERE failure IS NOT NULL AND route_id IN (SELECT id FROM r) AND ($3::bytea IS NULL OR path = $3) RETURNING 1), "
                    + "n AS (SELECT (SELECT count(*) FROM b) + (SELECT count(*) FROM f) AS changed), "
                    + "g AS (UPDATE retry SET generation = generation + 1), "
                    + "a AS (INSERT INTO audit (at, event, route_id, path, detail) SELECT $1, 'retry', (SELECT id FROM route WHERE name = $2), $3, changed || ' files and blockages' FROM n) "
                    + "SELECT changed FROM n")
                    .With(LedgerTime.From(at)).With(route is null ? null : StoredText.OfName(route)).With(path is null ? null : StoredText.OfPath(path));
                return (int)(long)(await command.ExecuteScalarAsync(stop))!;
            },
            cancellation);

    public Task<long> RetryGenerationAsync(CancellationToken cancellation) =>
        database.ReadAsync(
            async (connection, stop) => (await connection.Ask("SELECT generation FROM retry").ListAsync(row => row.GetInt64(0), stop))[0],
            cancellation);

    public async Task<int> PruneAsync(DateTimeOffset doneBefore, CancellationToken cancellation)
    {
        var before = LedgerTime.From(doneBefore);
        var pruned = 0;
        (int Route, byte[] Path)? last = (0, []);
        while (last is { } after)
        {
            // A stretch of all rows, so that an index gives it whatever the planner believes of how many are over; of them, those that are, and the last.
            var stretch = await database.ReadAsync(
                (connection, stop) => connection
                    .Ask($"WITH s AS MATERIALIZED (SELECT route_id, path, {IsOver} AS is_over FROM file WHERE (route_id, path) > ($2, $3) ORDER BY route_id, path LIMIT {PruneRows}) "
                        + "SELECT route_id, path, is_over FROM s WHERE is_over OR (route_id, path) = (SELECT route_id, path FROM s ORDER BY route_id DESC, path DESC LIMIT 1) ORDER BY route_id, path")
                    .With(before).With(after.Route).With(after.Path).ListAsync(row => (Route: row.GetInt32(0), Path: row.GetFieldValue<byte[]>(1), IsOver: row.GetValue(2) is true), stop),
                cancellation);
            var over = stretch.Where(row => row.IsOver).ToList();
            if (over.Count > 0)
            {
                // Asks again: a newer version may have come since the stretch was read.
                pruned += await ExecuteAsync(
                    connection => connection.Ask($"DELETE FROM file f USING unnest($2::int[], $3::bytea[]) AS d (route_id, path) WHERE f.route_id = d.route_id AND f.path = d.path AND {IsOver}")
                        .With(before).With(over.Select(row => row.Route).ToArray()).With(over.Select(row => row.Path).ToArray()),
                    cancellation);
            }

            last = stretch.Count > 0 ? (stretch[^1].Route, stretch[^1].Path) : null;
        }

        await ExecuteAsync(connection => connection.Ask("DELETE FROM audit WHERE at < $1").With(before), cancellation);
        return pruned;
    }

    /// <summary>The database is its owner's to close.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<int> ExecuteAsync(Func<NpgsqlConnection, NpgsqlCommand> ask, CancellationToken cancellation) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await using var command = ask(connection);
                return await command.ExecuteNonQueryAsync(stop);
            },
            cancellation);

    /// <summary>Answers by their places, counted from 1 in the rows; none where nothing was asked.</summary>
    private Task<IReadOnlyList<T?>> FindAsync<T>(
        int count, Func<NpgsqlConnection, NpgsqlCommand> ask, Func<NpgsqlDataReader, (long Place, T Found)> read, CancellationToken cancellation)
        where T : class
    {
        if (count == 0)
        {
            return Task.FromResult<IReadOnlyList<T?>>([]);
        }

        return database.ReadAsync<IReadOnlyList<T?>>(
            async (connection, stop) =>
            {
                var found = new T?[count];
                foreach (var (place, one) in await ask(connection).ListAsync(read, stop))
                {
                    found[place - 1] = one;
                }

                return found;
            },
            cancellation);
    }
}
