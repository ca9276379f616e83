namespace Akka.Pipeline.Actors.Tests.Fleet;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;
using Akka.Pipeline.Storage.Tests.PostgreSql;

/// <summary>The shared ledger behind the fence of a session, on a real PostgreSQL.</summary>
public sealed class FencedLedgerTests : IAsyncLifetime
{
    private const string Route = "shots";

    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;
    private static readonly Fingerprint Version = new(3, 1, 0, 1);

    private readonly string schema = $"fenced_{Guid.NewGuid():n}";
    private PostgresServer server = null!;
    private PostgresDatabase database = null!;
    private PostgresFleet fleet = null!;
    private PostgresLedger shared = null!;
    private SessionId session;
    private FencedLedger ledger = null!;
    private int refusals;

    public async Task InitializeAsync()
    {
        server = await PostgresServer.GetAsync();
        database = await PostgresDatabase.OpenAsync(server.Setting(schema), LedgerAccess.ReadWrite, default);
        (fleet, shared) = (new PostgresFleet(database), new PostgresLedger(database));
        session = (await fleet.JoinAsync(new NodeIdentity("n1", "here", 1), TimeSpan.FromMinutes(1), default)).Id;
        ledger = new FencedLedger(shared, fleet, session, () => refusals++);
    }

    public async Task DisposeAsync()
    {
        await fleet.DisposeAsync();
        await database.DisposeAsync();
        await server.ExecuteAsync("public", $"DROP SCHEMA {schema} CASCADE");
    }

    [Fact]
    public async Task Facts_about_files_and_the_end_of_their_batch_are_committed_together()
    {
        var claim = await ClaimAsync();

        await ledger.CommitAsync([Stored("a"), new BatchCompleted(claim.Ticket, At), new Noted(new AuditNote("looked", Route, "a", null), At)], default);

        Assert.NotNull((await ledger.LookUpAsync(Route, ["a"], default))[0]?.Stored);
        Assert.Empty(await fleet.OpenBatchNumbersAsync(Route, default));
        Assert.Single(await fleet.AuditAsync(new AuditQuery(What: "looked"), default));
        Assert.Equal(0, refusals);
    }

    [Fact]
    public async Task Once_the_session_has_ended_nothing_is_committed_and_it_is_told()
    {
        await fleet.LeaveAsync(session, default);

        var refused = await Assert.ThrowsAsync<LedgerException>(() => ledger.CommitAsync([Stored("a")], default));

        Assert.Equal("SessionEnded", refused.Failure.Code);
        Assert.Equal(1, refusals);
        Assert.Null((await ledger.LookUpAsync(Route, ["a"], default))[0]);
    }

    [Fact]
    public async Task What_goes_with_a_claim_that_is_lost_is_not_committed_either()
    {
        var claim = await ClaimAsync();
        await ledger.CommitAsync([new BatchHandedBack(new BatchReturn(claim.Ticket, null, TimeSpan.Zero), At)], default);

        await Assert.ThrowsAsync<LedgerException>(() => ledger.CommitAsync([Stored("a"), new BatchCompleted(claim.Ticket, At)], default));

        Assert.Equal(1, refusals);
        Assert.Null((await ledger.LookUpAsync(Route, ["a"], default))[0]);
        Assert.Single(await fleet.OpenBatchNumbersAsync(Route, default));
    }

    private static FileStored Stored(string path) =>
        new(Route, path, new StoredVersion(Version, "store", new ObjectAddress("bucket", path), "etag", DigestSet.Unknown, null, At), At);

    private async Task<BatchClaim> ClaimAsync()
    {
        var lease = (await fleet.TakeScanLeaseAsync(session, Route, default)).Lease!;
        await fleet.PublishAsync(session, lease, lease.NextNumber, [[new BatchFile("a", Version)]], 10, default);
        return (await fleet.ClaimBatchesAsync(session, [Route], 1, 1, default)).Items[0];
    }
}
