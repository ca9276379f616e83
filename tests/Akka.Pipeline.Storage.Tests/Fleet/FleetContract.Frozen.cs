namespace Akka.Pipeline.Storage.Tests.Fleet;

using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

/// <content>A node that froze, came back after its session had ended, and tries everything; news; the audit trail.</content>
public abstract partial class FleetContract
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_comes_back_after_its_session_ended_can_write_nothing(bool taken)
    {
        var (frozen, lease) = await PublishAsync(10, 10);
        var batch = await ClaimOneAsync(frozen);
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(frozen, new PartsToDo("u1", [1]), default);
        var part = Assert.Single((await fleet.ClaimPartsAsync(frozen, Shots, 1, default)).Items);
        await LetTimePassAsync(frozen);

        // Once before anybody noticed, once after another node took everything over.
        var heir = await JoinAsync();
        if (taken)
        {
            await fleet.RenewAsync(heir, new NodeRates(0, 0), default);
            Assert.Equal(2, await WaitingAsync(heir));
            Assert.Single((await fleet.ClaimPartsAsync(heir, Shots, 1, default)).Items);
            Assert.Equal(FleetOutcome.Done, (await fleet.TakeScanLeaseAsync(heir, "shots", default)).Outcome);
        }

        var heldByHeir = await fleet.HoldingsAsync(heir, default);
        FleetCommit[] commits =
        [
            new(),
            new() { Changes = [StoredOf("1/0")] },
            new() { Changes = [new FileDone("shots", "1/0", Version(1), LocalFate.Removed, Time(1))], Notes = [new AuditNote("removed", "shots", "1/0", 1)] },
            new() { Changes = [new MultipartEnded("u1", Time(2))] },
            new() { CompletedBatches = [batch.Ticket] },
            new() { ReturnedBatches = [new BatchReturn(batch.Ticket, [File("forged")], TimeSpan.Zero)] },
            new() { FinishedParts = [new PartFinish(part.Ticket, Facts(1))] },
            new() { ReturnedParts = [new PartReturn(part.Ticket, TimeSpan.Zero)] },
            new() { Notes = [new AuditNote("removed", "shots", "1/0", null)] },
        ];
        foreach (var commit in commits)
        {
            Assert.Equal(FleetOutcome.SessionEnded, await CommitAsync(frozen, commit));
        }

        Assert.False((await fleet.RenewAsync(frozen, new NodeRates(1, 1), default)).Alive);
        Assert.Equal(FleetOutcome.SessionEnded, await fleet.DrainAsync(frozen, default));
        Assert.Equal(FleetOutcome.SessionEnded, (await fleet.TakeScanLeaseAsync(frozen, "shots", default)).Outcome);
        Assert.Equal(FleetOutcome.SessionEnded, (await fleet.TakeScanLeaseAsync(frozen, "other", default)).Outcome);
        await fleet.ReturnScanLeaseAsync(frozen, lease, default);
        Assert.Equal(FleetOutcome.SessionEnded, (await fleet.PublishAsync(frozen, lease, 3, [Files("x")], 100, default)).Outcome);
        Assert.Equal(FleetOutcome.SessionEnded, await fleet.PublishPartsAsync(frozen, new PartsToDo("u1", [7]), default));
        Assert.Equal(FleetOutcome.SessionEnded, await fleet.PublishPartsAsync(frozen, new PartsToDo("u1", [1], Again: true), default));
        Assert.Equal((false, 0), Of(await fleet.ClaimBatchesAsync(frozen, Shots, 9, long.MaxValue, default)));
        Assert.Equal((false, 0), Of(await fleet.ClaimPartsAsync(frozen, Shots, 9, default)));

        // Nothing of it is to be seen.
        Assert.Null(await FindAsync("1/0"));
        Assert.Equal([1L, 2], await fleet.OpenBatchNumbersAsync("shots", default));
        Assert.Equal(batch.Files, (await fleet.OpenBatchesAsync("shots", default))[0].Files);
        Assert.Equal(new PartsState(0, 1, 0), await fleet.PartsAsync("u1", default));
        Assert.Empty(await fleet.AuditAsync(new AuditQuery(What: "removed"), default));
        Assert.Equal((taken ? 2 : 0, taken ? 1 : 0), (heldByHeir.Batches.Count, heldByHeir.Parts.Count));
        Assert.Equivalent(heldByHeir, await fleet.HoldingsAsync(heir, default));
        Assert.Equal(NodeState.Expired, (await fleet.NodesAsync(default))[0].State);

        // Leaving late is harmless.
        await fleet.LeaveAsync(frozen, default);
        Assert.Equivalent(heldByHeir, await fleet.HoldingsAsync(heir, default));
    }

    [Fact]
    public async Task A_session_that_was_never_there_can_write_nothing()
    {
        Assert.Equal(FleetOutcome.SessionEnded, await CommitAsync(new SessionId(12_345), new FleetCommit { Changes = [StoredOf("a")] }));
        Assert.Null(await FindAsync("a"));
    }

    [Fact]
    public async Task News_wake_who_waits_and_are_remembered_for_who_comes_later()
    {
        var (other, _) = await OpenAsync();
        Assert.Equal(FleetNews.Anything, await other.WaitForNewsAsync(Patience, default));
        var waiting = other.WaitForNewsAsync(Patience, default);
        var (scanner, _) = await PublishAsync(10);
        Assert.Equal(FleetNews.Batches, await waiting);

        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(scanner, new PartsToDo("u1", [1]), default);
        Assert.Equal(FleetNews.Parts, await other.WaitForNewsAsync(Patience, default));
        var claim = await ClaimOneAsync(scanner);
        await CommitAsync(scanner, new FleetCommit { ReturnedBatches = [new BatchReturn(claim.Ticket, null, TimeSpan.Zero)] });
        Assert.Equal(FleetNews.Batches, await other.WaitForNewsAsync(Patience, default));

        await fleet.LeaveAsync(scanner, default);
        var news = FleetNews.None;
        while (news != FleetNews.Anything)
        {
            var more = await other.WaitForNewsAsync(Patience, default);
            Assert.NotEqual(FleetNews.None, more);
            news |= more;
        }

        Assert.Equal(FleetNews.None, await other.WaitForNewsAsync(TimeSpan.FromMilliseconds(20), default));

        // Neither a time that was over nor a caller who gave up costs the next one its news.
        using var stop = new CancellationTokenSource();
        var given = other.WaitForNewsAsync(Patience, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.WaitForNewsAsync(Patience, new CancellationToken(true)));
        var late = await JoinAsync();
        await fleet.PublishPartsAsync(late, new PartsToDo("u1", [2]), default);
        Assert.Equal(FleetNews.Parts, await other.WaitForNewsAsync(Patience, default));
    }

    [Fact]
    public async Task The_audit_trail_says_who_had_a_batch_when_and_can_be_pruned()
    {
        var (dead, _) = await PublishAsync(10);
        await ClaimOneAsync(dead);
        await LetTimePassAsync(dead);
        var heir = await JoinAsync();
        var claim = await ClaimOneAsync(heir);
        await CommitAsync(heir, new FleetCommit { CompletedBatches = [claim.Ticket], Notes = [new AuditNote("removed", "shots", "1/0", 1), new AuditNote("removed", "shots", "\udcff", 1)] });
        await fleet.LeaveAsync(heir, default);

        var trail = await fleet.AuditAsync(new AuditQuery(), default);
        Assert.Equal(
            ["joined", "scan", "published", "claimed", "joined", "expired", "released", "claimed", "completed", "removed", "removed", "left"],
            trail.Select(record => record.What));
        Assert.All(trail, record => Assert.Equal(record.What is "joined" or "left" or "expired" ? null : "shots", record.Route));
        Assert.Equal(trail.Select(record => record.At), trail.Select(record => record.At).Order());
        Assert.Equal([dead, heir], (await fleet.AuditAsync(new AuditQuery(What: "claimed"), default)).Select(record => record.Session));
        Assert.Equal("\udcff", Assert.Single(await fleet.AuditAsync(new AuditQuery(heir, Path: "\udcff"), default)).Path);

        Assert.Equal(0, await fleet.PruneAsync(TimeSpan.FromHours(1), default));
        Assert.Equal(trail.Count, await fleet.PruneAsync(TimeSpan.Zero, default));
        Assert.Empty(await fleet.NodesAsync(default));
    }

    private static (bool, int) Of<T>(Claimed<T> claimed) => (claimed.Alive, claimed.Items.Count);
}
