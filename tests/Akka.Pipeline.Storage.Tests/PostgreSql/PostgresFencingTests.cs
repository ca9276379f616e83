namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.PostgreSql;
using Npgsql;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

/// <summary>How the end of a session and what it writes are ordered, and what becomes of transactions that never end.</summary>
public sealed class PostgresFencingTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly NodeRates NoRates = new(0, 0);

    private PostgresSchema schema = null!;
    private PostgresFleet fleet = null!;

    public async Task InitializeAsync()
    {
        schema = await PostgresSchema.CreateAsync();
        fleet = new PostgresFleet(await schema.OpenAsync());
    }

    public async Task DisposeAsync()
    {
        await fleet.DisposeAsync();
        await schema.DisposeAsync();
    }

    [Fact]
    public async Task A_session_whose_commit_is_under_way_ends_only_after_it()
    {
        var (dead, heir) = (await JoinAsync(), await JoinAsync());
        await using var connection = await ConnectAsync("slow client");
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, $"SELECT fleet_fence({dead.Epoch})");
        await LetTimePassAsync(dead);

        await fleet.RenewAsync(heir, NoRates, default);
        Assert.Null((await fleet.NodesAsync(default))[0].EndedAt);
        await transaction.CommitAsync();
        await fleet.RenewAsync(heir, NoRates, default);
        Assert.NotNull((await fleet.NodesAsync(default))[0].EndedAt);
    }

    [Fact]
    public async Task A_commit_that_meets_the_ending_of_its_session_waits_and_is_refused()
    {
        var dead = await JoinAsync();
        await using var connection = await ConnectAsync("reaper");
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, $"SELECT id FROM fleet_session WHERE id = {dead.Epoch} FOR UPDATE");
        var commit = fleet.CommitAsync(dead, new FleetCommit { Changes = [new FileStored("shots", "a", Stored("a", 1), Time(1))] }, default);
        await EventuallyAsync(async () => (long)(await schema.ExecuteAsync("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%fleet_fence%' AND pid <> pg_backend_pid()"))! > 0);
        await RunAsync(connection, $"SELECT fleet_end(ARRAY[{dead.Epoch}]::bigint[], true)");
        await transaction.CommitAsync();

        Assert.Equal(FleetOutcome.SessionEnded, await commit);
        Assert.Equal(0L, await schema.ExecuteAsync("SELECT count(*) FROM file"));
    }

    [Fact]
    public async Task A_renewal_does_not_wait_for_commits_of_the_same_session()
    {
        var session = await JoinAsync();
        await using var connection = await ConnectAsync("slow client");
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, $"SELECT fleet_fence({session.Epoch})");
        Assert.True((await fleet.RenewAsync(session, NoRates, default).WaitAsync(Patience)).Alive);
        Assert.Equal(FleetOutcome.Done, await fleet.CommitAsync(session, new FleetCommit(), default).WaitAsync(Patience));
    }

    [Fact]
    public async Task Locks_of_a_node_that_froze_in_the_middle_of_a_transaction_are_broken()
    {
        var (frozen, heir) = (await JoinAsync(), await JoinAsync());
        await using var connection = await ConnectAsync("akka-pipeline");
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, $"SELECT fleet_fence({frozen.Epoch})");
        await LetTimePassAsync(frozen);

        // Younger transactions are left alone: their client may just be slow.
        await fleet.RenewAsync(heir, NoRates, default);
        Assert.Null((await fleet.NodesAsync(default))[0].EndedAt);

        await EventuallyAsync(async () =>
        {
            await fleet.RenewAsync(heir, NoRates, default);
            return (await fleet.NodesAsync(default))[0].EndedAt is not null;
        });
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
    }

    [Fact]
    public async Task Locks_of_a_node_that_froze_in_the_middle_of_sending_a_commit_are_broken_and_nothing_of_it_is_kept()
    {
        var known = new NpgsqlConnectionStringBuilder(schema.Setting);
        await using var link = new FrayingLink(known.Port);
        var database = await schema.OpenAsync(setting: new NpgsqlConnectionStringBuilder(schema.Setting) { Port = link.Port, CommandTimeout = 300 }.ConnectionString);
        await using var node = new PostgresFleet(database);
        var (frozen, heir) = ((await node.JoinAsync(new NodeIdentity("frozen", "host", 1), TimeSpan.FromMinutes(10), default)).Id, await JoinAsync());
        await node.CommitAsync(frozen, new FleetCommit { Changes = [new FileStored("shots", "first", Stored("first", 1), Time(1))] }, default);

        link.StopSendingAfter(20_000);
        var half = node.CommitAsync(frozen, new FleetCommit { Changes = [.. Enumerable.Range(0, 5_000).Select(i => new FileStored("shots", $"{i}", Stored($"{i}", 1), Time(1)))] }, default);
        await EventuallyAsync(async () => (bool)(await schema.ExecuteAsync(
            $"SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.relation = '{schema.Name}.fleet_session'::regclass AND a.wait_event = 'ClientRead' AND a.state = 'active')"))!);
        await LetTimePassAsync(frozen);
        await fleet.RenewAsync(heir, NoRates, default);
        Assert.Null((await fleet.NodesAsync(default))[0].EndedAt);
        await EventuallyAsync(async () =>
        {
            await fleet.RenewAsync(heir, NoRates, default);
            return (await fleet.NodesAsync(default))[0].EndedAt is not null;
        });

        link.Mend();
        var failure = (await Assert.ThrowsAsync<LedgerException>(() => half)).Failure;
        Assert.Equal((FailureNature.Passing, true), (failure.Nature, failure.OutcomeUnknown));
        Assert.Equal(FleetOutcome.SessionEnded, await node.CommitAsync(frozen, new FleetCommit(), default));
        Assert.Equal(1L, await schema.ExecuteAsync("SELECT count(*) FROM file"));
    }

    [Fact]
    public async Task A_renewal_that_gets_no_answer_can_be_given_up_and_repeated()
    {
        var known = new NpgsqlConnectionStringBuilder(schema.Setting);
        await using var link = new FrayingLink(known.Port);
        await using var node = new PostgresFleet(await schema.OpenAsync(setting: new NpgsqlConnectionStringBuilder(schema.Setting) { Port = link.Port }.ConnectionString));
        var session = (await node.JoinAsync(new NodeIdentity("node", "host", 1), TimeSpan.FromMinutes(10), default)).Id;
        Assert.True((await node.RenewAsync(session, NoRates, default)).Alive);

        link.StopSendingAfter(0);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.RenewAsync(session, NoRates, deadline.Token).WaitAsync(Patience));
        link.Mend();
        Assert.True((await node.RenewAsync(session, NoRates, default).WaitAsync(Patience)).Alive);
    }

    [Fact]
    public async Task A_commit_that_gets_no_answer_ends_with_an_unknown_outcome_and_can_be_repeated()
    {
        var known = new NpgsqlConnectionStringBuilder(schema.Setting);
        await using var link = new FrayingLink(known.Port);
        var ledger = new PostgresLedger(await schema.OpenAsync(setting: new NpgsqlConnectionStringBuilder(schema.Setting) { Port = link.Port, CommandTimeout = 1 }.ConnectionString));
        LedgerChange[] changes = [new FileStored("shots", "a", Stored("a", 1), Time(1))];
        await ledger.CommitAsync([new FileStored("shots", "first", Stored("first", 1), Time(1))], default);

        link.StopSendingAfter(0);
        var failure = (await Assert.ThrowsAsync<LedgerException>(() => ledger.CommitAsync(changes, default).WaitAsync(Patience))).Failure;
        Assert.Equal(("DatabaseAnswerLost", FailureNature.Passing, true), (failure.Code, failure.Nature, failure.OutcomeUnknown));
        link.Mend();
        await ledger.CommitAsync(changes, default).WaitAsync(Patience);
        Assert.Equal(2, (await ledger.TallyAsync(default)).Sum(tally => tally.Files));
    }

    [Fact]
    public async Task A_claim_that_is_valid_survives_a_restart_of_the_server()
    {
        var server = await PostgresServer.StartAsync();
        var own = new PostgresSchema(server);
        try
        {
            await using var restarted = new PostgresFleet(await own.OpenAsync());
            var session = (await restarted.JoinAsync(new NodeIdentity("n", "h", 1), TimeSpan.FromMinutes(10), default)).Id;
            var lease = (await restarted.TakeScanLeaseAsync(session, "shots", default)).Lease!;
            await restarted.PublishAsync(session, lease, 1, [[new BatchFile("a", Version(1))]], 9, default);
            var claim = Assert.Single((await restarted.ClaimBatchesAsync(session, ["shots"], 1, 1, default)).Items);
            Assert.Equal(FleetNews.Anything, await restarted.WaitForNewsAsync(Patience, default));

            await server.StopAsync("kill");
            var failure = (await Assert.ThrowsAsync<LedgerException>(() => restarted.RenewAsync(session, NoRates, default))).Failure;
            Assert.Equal(FailureNature.Passing, failure.Nature);
            Assert.NotEqual(FleetNews.Anything, await restarted.WaitForNewsAsync(TimeSpan.FromMilliseconds(50), default));
            await server.StartAgainAsync();

            Assert.True((await restarted.RenewAsync(session, NoRates, default)).Alive);
            Assert.Equal(FleetOutcome.Done, await restarted.CommitAsync(session, new FleetCommit { CompletedBatches = [claim.Ticket] }, default));
            Assert.Empty(await restarted.OpenBatchNumbersAsync("shots", default));
            Assert.Equal(2, (await restarted.PublishAsync(session, lease, 1, [[new BatchFile("a", Version(1))], [new BatchFile("b", Version(1))]], 9, default)).Published);

            // What was missed meanwhile counts as news.
            await EventuallyAsync(async () => await restarted.WaitForNewsAsync(Patience, default) == FleetNews.Anything);
        }
        finally
        {
            await own.DisposeAsync();
            await server.StopAsync("kill");
        }
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<NpgsqlConnection> ConnectAsync(string application)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(schema.Setting) { ApplicationName = application, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private async Task<SessionId> JoinAsync() => (await fleet.JoinAsync(new NodeIdentity("node", "host", 1), TimeSpan.FromMinutes(10), default)).Id;

    private async Task LetTimePassAsync(SessionId session) =>
        await schema.ExecuteAsync($"UPDATE fleet_session SET good_until = clock_timestamp() - interval '1 microsecond' WHERE id = {session.Epoch}");
}
