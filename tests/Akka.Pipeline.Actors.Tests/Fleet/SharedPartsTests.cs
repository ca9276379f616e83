namespace Akka.Pipeline.Actors.Tests.Fleet;

using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;
using Akka.Pipeline.Storage.Tests.PostgreSql;

/// <summary>The parts of a large file as the work of all nodes, on a real PostgreSQL.</summary>
public sealed class SharedPartsTests : IAsyncLifetime
{
    private const string Route = "shots";
    private const string UploadId = "upload";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly string schema = $"parts_{Guid.NewGuid():n}";
    private readonly ModelSource source = new(new Journal());
    private PostgresServer server = null!;
    private PostgresDatabase database = null!;
    private PostgresFleet fleet = null!;

    public async Task InitializeAsync()
    {
        server = await PostgresServer.GetAsync();
        database = await PostgresDatabase.OpenAsync(server.Setting(schema), LedgerAccess.ReadWrite, default);
        fleet = new PostgresFleet(database);
    }

    public async Task DisposeAsync()
    {
        source.Dispose();
        await fleet.DisposeAsync();
        await database.DisposeAsync();
        await server.ExecuteAsync("public", $"DROP SCHEMA {schema} CASCADE");
    }

    [Fact]
    public async Task A_part_that_is_finished_while_the_upload_is_taken_up_again_is_not_sent_once_more()
    {
        source.Put("big", "content");
        using var file = source.Open("big");
        var ledger = new PostgresLedger(database);
        var session = (await fleet.JoinAsync(new NodeIdentity("n1", "here", 1), TimeSpan.FromMinutes(1), default)).Id;
        var upload = new MultipartProgress(Route, "big", file.Check().Fingerprint, "store", new ObjectAddress("bucket", "big"), "[null]", UploadId, 5 << 20, [], DateTimeOffset.UnixEpoch);
        await ledger.CommitAsync([new MultipartBegun(upload, DateTimeOffset.UnixEpoch)], default);
        await fleet.PublishPartsAsync(session, new PartsToDo(UploadId, [1, 2]), default);
        var claims = (await fleet.ClaimPartsAsync(session, [Route], 2, default)).Items;
        var held = new HeldSession(session, TimeProvider.System, HeldSession.Now(TimeProvider.System), TimeSpan.FromMinutes(1));
        var shared = new SharedParts(
            new SessionContext(fleet, held, new FleetSettings(TimeSpan.FromMinutes(1), 1, 1, 1, TimeSpan.FromMilliseconds(100)), () => { }), ledger, TimeProvider.System);

        // The look at what is missing was taken before.
        await FinishAsync(claims[0]);
        var sending = shared.SendAsync(null!, file, upload, [1, 2], [], default);
        await FinishAsync(claims[1]);

        Assert.Equal([1, 2], (await sending.WaitAsync(Deadline)).Select(part => part.PartNumber));
        Assert.Empty((await fleet.ClaimPartsAsync(session, [Route], 2, default)).Items);

        async Task FinishAsync(PartClaim claim) => Assert.Equal(
            FleetOutcome.Done,
            await fleet.CommitAsync(session, new FleetCommit { FinishedParts = [new PartFinish(claim.Ticket, new PartFacts(claim.Ticket.PartNumber, 1, "etag", DigestSet.Unknown))] }, default));
    }
}
