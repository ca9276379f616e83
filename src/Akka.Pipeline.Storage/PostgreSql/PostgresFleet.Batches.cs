namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Fleet;
using Npgsql;

/// <content>Scan leases, batches, and what is committed for them.</content>
public sealed partial class PostgresFleet
{
    public Task<ScanAnswer> TakeScanLeaseAsync(SessionId session, string route, CancellationToken cancellation) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await database.Names.EnsureAsync(connection, [route], [], stop);
                var answer = await AskAsync();
                if (answer.Outcome == FleetOutcome.ClaimLost && await ReapAsync(connection, session, stop) > 0)
                {
                    answer = await AskAsync();
                }

                return answer;

                async Task<ScanAnswer> AskAsync()
                {
                    var rows = await connection.Ask(FleetSql.TakeScan).With(session.Epoch).With(database.Names.Route(route)).ListAsync(
                        row => row.IsDBNull(0)
                            ? new ScanAnswer(FleetOutcome.ClaimLost, null, row.IsDBNull(2) ? null : new SessionId(row.GetInt64(2)))
                            : new ScanAnswer(FleetOutcome.Done, new ScanLease(route, row.GetInt64(0), row.GetInt64(1)), session),
                        stop);
                    return rows is [var one] ? one : new ScanAnswer(FleetOutcome.SessionEnded, null, null);
                }
            },
            cancellation);

    public Task ReturnScanLeaseAsync(SessionId session, ScanLease lease, CancellationToken cancellation) =>
        WriteForAsync(
            session,
            [lease.Route],
            batch =>
            {
                batch.Append("UPDATE fleet_scan SET session_id = NULL WHERE session_id = $1 AND route_id = $2 AND epoch = $3")
                    .With(session.Epoch).With(database.Names.Route(lease.Route)).With(lease.Epoch);
                batch.Append("SELECT pg_notify('akka_pipeline', 'sessions')");
            },
            cancellation);

    public Task<Publication> PublishAsync(
        SessionId session, ScanLease lease, long firstNumber, IReadOnlyList<IReadOnlyList<BatchFile>> batches, int mostUnclaimed, CancellationToken cancellation)
    {
        if (batches.Any(files => files.Count == 0))
        {
            throw new ArgumentException("A batch has at least one file.", nameof(batches));
        }

        return RefusableAsync(
            async (connection, stop) =>
            {
                await database.Names.EnsureAsync(connection, [lease.Route], [], stop);
                var published = await connection.Ask("SELECT published, room FROM fleet_publish($1, $2, $3, $4, $5, $6, $7, $8)")
                    .With(session.Epoch).With(database.Names.Route(lease.Route)).With(lease.Epoch).With(firstNumber).With(mostUnclaimed)
                    .With(batches.Select(files => files.Count).ToArray())
                    .With(batches.Select(files => files.Sum(file => file.Fingerprint.SizeBytes)).ToArray())
                    .With(batches.Select(BatchContent.Write).ToArray())
                    .ListAsync(row => new Publication(FleetOutcome.Done, row.GetInt32(0), row.GetInt32(1), firstNumber + row.GetInt32(0)), stop);
                return published[0];
            },
            outcome => new Publication(outcome, 0, 0, firstNumber),
            cancellation);
    }

    public Task<IReadOnlyList<OpenBatch>> OpenBatchesAsync(string route, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<OpenBatch>>(
            async (connection, stop) => await connection
                .Ask("SELECT number, content FROM fleet_batch WHERE route_id = (SELECT id FROM route WHERE name = $1) ORDER BY number").With(StoredText.OfName(route))
                .ListAsync(row => new OpenBatch(row.GetInt64(0), BatchContent.Read(row.GetFieldValue<byte[]>(1))), stop),
            cancellation);

    public Task<IReadOnlyList<long>> OpenBatchNumbersAsync(string route, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<long>>(
            async (connection, stop) => await connection
                .Ask("SELECT number FROM fleet_batch WHERE route_id = (SELECT id FROM route WHERE name = $1) ORDER BY number").With(StoredText.OfName(route))
                .ListAsync(row => row.GetInt64(0), stop),
            cancellation);

    public Task<Claimed<BatchClaim>> ClaimBatchesAsync(SessionId session, IReadOnlyList<string> routes, int mostBatches, long mostBytes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostBatches, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostBytes, 1);
        return ClaimAsync(
            session,
            routes,
            (connection, routeIds) => connection.Ask(FleetSql.ClaimBatches).With(session.Epoch).With(routeIds).With(mostBatches).With(mostBytes),
            (row, names) => new BatchClaim(new BatchTicket(names[row.GetInt32(0)], row.GetInt64(1), row.GetInt32(2)), BatchContent.Read(row.GetFieldValue<byte[]>(3))),
            cancellation);
    }

    public Task<FleetOutcome> CommitAsync(SessionId session, FleetCommit commit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(commit);
        var tries = 0;
        return RefusableAsync(
            async (connection, stop) =>
            {
                var claims = new FleetCommitBatch(database.Names, session, commit);
                await database.Names.EnsureAsync(connection, claims.Routes, [], stop);
                await using var batch = new NpgsqlBatch(connection);
                claims.AppendClaims(batch);
                await new ChangeBatch(database.Names).AppendAsync(connection, batch, commit.Changes, alone: tries++ > 0, stop);
                claims.AppendNotes(batch);
                await batch.ExecuteNonQueryAsync(stop);
                return FleetOutcome.Done;
            },
            outcome => outcome,
            cancellation);
    }

    public Task<Holdings> HoldingsAsync(SessionId session, CancellationToken cancellation) =>
        database.ReadAsync(
            async (connection, stop) =>
            {
                var batches = await connection.Ask("SELECT r.name, b.number, b.claim, b.content FROM fleet_batch b JOIN route r ON r.id = b.route_id WHERE b.session_id = $1 ORDER BY b.route_id, b.number")
                    .With(session.Epoch)
                    .ListAsync(
                        row => new BatchClaim(
                            new BatchTicket(StoredText.ToName(row.GetFieldValue<byte[]>(0)), row.GetInt64(1), row.GetInt32(2)), BatchContent.Read(row.GetFieldValue<byte[]>(3))),
                        stop);
                var parts = await connection.Ask($"SELECT {UploadRow.Columns}, p.number, p.claim FROM fleet_part p JOIN ({UploadRow.Tables}) ON m.id = p.multipart_id WHERE p.session_id = $1 ORDER BY 1, p.number")
                    .With(session.Epoch).ListAsync(ReadPart, stop);
                return new Holdings(batches, parts);
            },
            cancellation);

    /// <summary>Claims, and where nothing was to be had ends the sessions whose time is over and looks once more.</summary>
    private Task<Claimed<T>> ClaimAsync<T>(
        SessionId session,
        IReadOnlyList<string> routes,
        Func<NpgsqlConnection, int[], NpgsqlCommand> ask,
        Func<NpgsqlDataReader, IReadOnlyDictionary<int, string>, T> read,
        CancellationToken cancellation)
        where T : class =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await database.Names.EnsureAsync(connection, routes, [], stop);
                var names = routes.Distinct(StringComparer.Ordinal).ToDictionary(database.Names.Route);
                var answer = await AskAsync();
                if (answer is { Alive: true, Items.Count: 0 } && await ReapAsync(connection, session, stop) > 0)
                {
                    answer = await AskAsync();
                }

                return answer;

                async Task<Claimed<T>> AskAsync()
                {
                    var rows = await ask(connection, [.. names.Keys]).ListAsync(row => row.IsDBNull(0) ? null : read(row, names), stop);
                    return new Claimed<T>(rows.Count > 0, [.. rows.OfType<T>()]);
                }
            },
            cancellation);
}
