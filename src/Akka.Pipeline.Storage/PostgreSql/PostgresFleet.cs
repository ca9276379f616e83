namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Files;
using Npgsql;

/// <summary>The fleet's shared state in PostgreSQL; see 0002-fleet.sql for the tables and the order of locks.</summary>
public sealed partial class PostgresFleet(PostgresDatabase database) : IFleet
{
    private const string SessionHasEnded = "AP001";
    private const string ClaimIsLost = "AP002";

    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    private readonly NewsListener news = new(database.Place);

    public Task<SessionGrant> JoinAsync(NodeIdentity node, TimeSpan timeout, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, ShortestTimeout);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, LongestTimeout);
        return database.WriteAsync(
            async (connection, stop) =>
            {
                await using var command = connection.Ask(
                    "WITH s AS (INSERT INTO fleet_session (timeout, good_until, process_id, node, host) VALUES ($1, clock_timestamp() + $1, $2, $3, $4) RETURNING id), "
                    + "noted AS (INSERT INTO fleet_audit (session_id, event) SELECT id, 'joined' FROM s) SELECT id FROM s")
                    .With(timeout).With(node.ProcessId).With(StoredText.OfName(node.Name)).With(StoredText.OfName(node.Host));
                return new SessionGrant(new SessionId((long)(await command.ExecuteScalarAsync(stop))!), timeout);
            },
            cancellation);
    }

    public Task<Renewal> RenewAsync(SessionId session, NodeRates rates, CancellationToken cancellation) =>
        database.AtOnceAsync(
            async (connection, stop) =>
            {
                // As what may be asked twice and given up at any time: it is, and a session is shorter than the patience of a commit. Its own first: ending others may take longer.
                var renewed = await connection.Ask(FleetSql.Renew).With(session.Epoch).With(rates.FilesPerSecond).With(rates.BytesPerSecond)
                    .ListAsync(row => new Renewal(true, row.GetFieldValue<TimeSpan>(0), row.GetBoolean(1)), stop);
                await ReapAsync(connection, session, stop);
                return renewed is [var one] ? one : new Renewal(false, TimeSpan.Zero, false);
            },
            cancellation);

    public Task<FleetOutcome> DrainAsync(SessionId session, CancellationToken cancellation) =>
        WriteForAsync(
            session,
            [],
            batch =>
            {
                batch.Append("UPDATE fleet_session SET draining = true WHERE id = $1 AND NOT draining").With(session.Epoch);
                batch.Append("UPDATE fleet_scan SET session_id = NULL WHERE session_id = $1").With(session.Epoch);
                batch.Append("INSERT INTO fleet_audit (session_id, event) VALUES ($1, 'draining')").With(session.Epoch);
                batch.Append("SELECT pg_notify('akka_pipeline', 'sessions')");
            },
            cancellation);

    public Task LeaveAsync(SessionId session, CancellationToken cancellation) => RepeatableAsync("SELECT fleet_leave($1)", session, cancellation);

    public Task<IReadOnlyList<NodeReport>> NodesAsync(CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<NodeReport>>(
            async (connection, stop) => await connection.Ask(FleetSql.Nodes).ListAsync(
                row => new NodeReport(
                    new SessionId(row.GetInt64(0)),
                    new NodeIdentity(StoredText.ToName(row.GetFieldValue<byte[]>(1)), StoredText.ToName(row.GetFieldValue<byte[]>(2)), row.GetInt64(3)),
                    (NodeState)row.GetInt32(4),
                    row.GetFieldValue<DateTimeOffset>(5),
                    row.GetFieldValue<DateTimeOffset>(6),
                    row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7),
                    new NodeRates(row.GetDouble(8), row.GetDouble(9)),
                    row.GetInt64(10),
                    row.GetInt64(11),
                    row.GetInt64(12),
                    row.GetInt64(13),
                    Array.ConvertAll(row.GetFieldValue<byte[][]>(14), name => StoredText.ToName(name))),
                stop),
            cancellation);

    public Task<FleetNews> WaitForNewsAsync(TimeSpan timeout, CancellationToken cancellation) => news.WaitAsync(timeout, cancellation);

    public Task<IReadOnlyList<AuditRecord>> AuditAsync(AuditQuery query, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<AuditRecord>>(
            async (connection, stop) => await connection
                .Ask("SELECT a.at, a.session_id, a.event, r.name, a.path, a.number FROM fleet_audit a LEFT JOIN route r ON r.id = a.route_id WHERE ($1::bigint IS NULL OR a.session_id = $1) "
                    + "AND ($2::text IS NULL OR a.event = $2) AND ($3::bytea IS NULL OR r.name = $3) AND ($4::bytea IS NULL OR a.path = $4) ORDER BY a.id LIMIT $5")
                .With(query.Session?.Epoch).With(query.What).With(query.Route is { } route ? StoredText.OfName(route) : null)
                .With(query.Path is { } path ? StoredText.OfPath(path) : null).With(query.Limit)
                .ListAsync(
                    row => new AuditRecord(
                        row.GetFieldValue<DateTimeOffset>(0),
                        new SessionId(row.GetInt64(1)),
                        row.GetString(2),
                        row.IsDBNull(3) ? null : StoredText.ToName(row.GetFieldValue<byte[]>(3)),
                        row.IsDBNull(4) ? null : SourcePath.FromBytes(row.GetFieldValue<byte[]>(4)),
                        row.IsDBNull(5) ? null : row.GetInt64(5)),
                    stop),
            cancellation);

    public Task<int> PruneAsync(TimeSpan olderThan, CancellationToken cancellation) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await using var sessions = connection.Ask("DELETE FROM fleet_session WHERE ended_at < clock_timestamp() - $1").With(olderThan);
                await sessions.ExecuteNonQueryAsync(stop);
                await using var audit = connection.Ask("DELETE FROM fleet_audit WHERE at < clock_timestamp() - $1").With(olderThan);
                return await audit.ExecuteNonQueryAsync(stop);
            },
            cancellation);

    /// <summary>Ends the listening; the database is its owner's to close. Does not leave: a session may outlive its connection.</summary>
    public ValueTask DisposeAsync() => news.DisposeAsync();

    /// <summary>Ends the sessions of others whose time is over.</summary>
    private static async Task<int> ReapAsync(NpgsqlConnection connection, SessionId session, CancellationToken cancellation)
    {
        await using var reap = connection.Ask("SELECT fleet_reap($1)").With(session.Epoch);
        return (int)(await reap.ExecuteScalarAsync(cancellation))!;
    }

    private Task<int> RepeatableAsync(string sql, SessionId session, CancellationToken cancellation) =>
        database.ReadAsync(
            async (connection, stop) =>
            {
                await using var command = connection.Ask(sql).With(session.Epoch);
                return await command.ExecuteNonQueryAsync(stop);
            },
            cancellation);

    /// <summary>Runs statements in one transaction behind the session's fence.</summary>
    private Task<FleetOutcome> WriteForAsync(SessionId session, IReadOnlyList<string> routes, Action<NpgsqlBatch> append, CancellationToken cancellation) =>
        RefusableAsync(
            async (connection, stop) =>
            {
                await database.Names.EnsureAsync(connection, routes, [], stop);
                await using var batch = new NpgsqlBatch(connection);
                batch.Append("SELECT fleet_fence($1)").With(session.Epoch);
                append(batch);
                await batch.ExecuteNonQueryAsync(stop);
                return FleetOutcome.Done;
            },
            outcome => outcome,
            cancellation);

    /// <summary>Runs what the database may refuse on behalf of a session; then nothing of it was done.</summary>
    private Task<T> RefusableAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, Func<FleetOutcome, T> refused, CancellationToken cancellation) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                try
                {
                    return await work(connection, stop);
                }
                catch (PostgresException e) when (e.SqlState is SessionHasEnded or ClaimIsLost)
                {
                    return refused(e.SqlState == SessionHasEnded ? FleetOutcome.SessionEnded : FleetOutcome.ClaimLost);
                }
            },
            cancellation);
}
