namespace Akka.Pipeline.Storage.Tests.Fleet;

using Akka.Pipeline.Core.Fleet;

/// <content>Sessions and scan leases.</content>
public abstract partial class FleetContract
{
    [Fact]
    public async Task A_session_is_good_for_its_timeout_and_later_ones_have_greater_epochs()
    {
        var first = await fleet.JoinAsync(new NodeIdentity("a", "host", 1), TimeSpan.FromSeconds(10), default);
        var second = await fleet.JoinAsync(new NodeIdentity("b", "host", 2), TimeSpan.FromSeconds(20), default);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)), (first.GoodFor, second.GoodFor));
        Assert.True(first.Id.Epoch < second.Id.Epoch);
        Assert.Equal(new Renewal(true, TimeSpan.FromSeconds(20), false), await fleet.RenewAsync(second.Id, new NodeRates(0, 0), default));
    }

    [Fact]
    public async Task A_session_whose_time_is_over_never_comes_back_whether_or_not_somebody_noticed()
    {
        var late = await JoinAsync("late");
        await LetTimePassAsync(late);
        Assert.Equal(new Renewal(false, TimeSpan.Zero, false), await fleet.RenewAsync(late, new NodeRates(0, 0), default));
        Assert.Equal(NodeState.Expired, Assert.Single(await fleet.NodesAsync(default)).State);

        // Another node's renewal ends it for good.
        var other = await JoinAsync("other");
        await fleet.RenewAsync(other, new NodeRates(0, 0), default);
        var report = (await fleet.NodesAsync(default))[0];
        Assert.Equal((late, NodeState.Expired, true), (report.Session, report.State, report.EndedAt is not null));
        Assert.False((await fleet.RenewAsync(late, new NodeRates(0, 0), default)).Alive);
        Assert.True((await fleet.RenewAsync(other, new NodeRates(0, 0), default)).Alive);
    }

    [Fact]
    public async Task Nodes_are_shown_with_what_they_hold_and_how_fast_they_are()
    {
        var (scanner, _) = await PublishAsync(10, 20, 30);
        var worker = (await fleet.JoinAsync(new NodeIdentity("wörker \0", "host-2", 77), Timeout, default)).Id;
        var leaver = await JoinAsync("leaver");
        await fleet.ClaimBatchesAsync(worker, Shots, 2, long.MaxValue, default);
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(scanner, new PartsToDo("u1", [1, 2]), default);
        await fleet.ClaimPartsAsync(worker, Shots, 1, default);
        await fleet.RenewAsync(worker, new NodeRates(12.5, 1e9), default);
        await fleet.DrainAsync(worker, default);
        await fleet.LeaveAsync(leaver, default);

        var nodes = await fleet.NodesAsync(default);
        Assert.Equal([NodeState.Up, NodeState.Draining, NodeState.Left], nodes.Select(node => node.State));
        Assert.Equal(["shots"], nodes[0].Routes);
        Assert.Equal(new NodeIdentity("wörker \0", "host-2", 77), nodes[1].Node);
        Assert.Equal((2L, 6L, 90L, 1L, new NodeRates(12.5, 1e9)), (nodes[1].Batches, nodes[1].Files, nodes[1].Bytes, nodes[1].Parts, nodes[1].Rates));
        Assert.Equal([worker, leaver], nodes.Skip(1).Select(node => node.Session));
    }

    [Fact]
    public async Task What_a_session_held_is_free_at_once_when_it_leaves()
    {
        await PublishAsync(10, 10);
        var leaver = await JoinAsync();
        var heir = await JoinAsync();
        Assert.Equal(2, await WaitingAsync(leaver));
        Assert.Equal(0, await WaitingAsync(heir));
        await fleet.LeaveAsync(leaver, default);
        await fleet.LeaveAsync(leaver, default);
        Assert.Equal(2, await WaitingAsync(heir));
    }

    [Fact]
    public async Task What_a_session_held_is_claimable_when_its_time_is_over_without_anybody_renewing()
    {
        await PublishAsync(10, 10);
        var dead = await JoinAsync();
        var heir = await JoinAsync();
        Assert.Equal(2, await WaitingAsync(dead));
        await LetTimePassAsync(dead);
        Assert.Equal(2, await WaitingAsync(heir));
    }

    [Fact]
    public async Task A_draining_session_gets_nothing_new_and_may_finish_what_it_holds()
    {
        var (scanner, lease) = await PublishAsync(10, 10);
        var claim = await ClaimOneAsync(scanner);
        Assert.Equal(FleetOutcome.Done, await fleet.DrainAsync(scanner, default));
        Assert.True((await fleet.RenewAsync(scanner, new NodeRates(0, 0), default)).Draining);

        var nothing = await fleet.ClaimBatchesAsync(scanner, Shots, 1, long.MaxValue, default);
        Assert.Equal((true, 0), (nothing.Alive, nothing.Items.Count));
        Assert.Equal(FleetOutcome.ClaimLost, (await fleet.TakeScanLeaseAsync(scanner, "shots", default)).Outcome);
        Assert.Equal(FleetOutcome.ClaimLost, (await fleet.PublishAsync(scanner, lease, 3, [Files("3")], 100, default)).Outcome);
        Assert.Equal(FleetOutcome.Done, await CommitAsync(scanner, new FleetCommit { CompletedBatches = [claim.Ticket], Changes = [StoredOf("1/0")] }));
        Assert.NotNull(await FindAsync("1/0"));

        var next = await fleet.TakeScanLeaseAsync(await JoinAsync(), "shots", default);
        Assert.Equal((lease.Epoch + 1, 3L), (next.Lease!.Epoch, next.Lease.NextNumber));
    }

    [Fact]
    public async Task One_session_at_a_time_walks_a_route()
    {
        var first = await JoinAsync();
        var second = await JoinAsync();
        var lease = (await fleet.TakeScanLeaseAsync(first, "shots", default)).Lease!;
        Assert.Equal(new ScanAnswer(FleetOutcome.ClaimLost, null, first), await fleet.TakeScanLeaseAsync(second, "shots", default));
        Assert.Equal(lease, (await fleet.TakeScanLeaseAsync(first, "shots", default)).Lease);
        Assert.Equal(FleetOutcome.Done, (await fleet.TakeScanLeaseAsync(second, "logs", default)).Outcome);

        await fleet.ReturnScanLeaseAsync(first, lease, default);
        var next = (await fleet.TakeScanLeaseAsync(second, "shots", default)).Lease!;
        Assert.True(next.Epoch > lease.Epoch);
        await fleet.ReturnScanLeaseAsync(second, lease, default);
        Assert.Equal(second, (await fleet.TakeScanLeaseAsync(first, "shots", default)).Holder);
    }

    [Fact]
    public async Task Of_many_that_want_to_walk_one_gets_it()
    {
        var sessions = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => JoinAsync($"{i}")));
        var answers = await Task.WhenAll(sessions.Select(session => fleet.TakeScanLeaseAsync(session, "shots", default)));
        Assert.Single(answers, answer => answer.Outcome == FleetOutcome.Done);
    }

    [Fact]
    public async Task The_lease_of_a_dead_session_is_taken_over_and_its_publications_are_refused()
    {
        var (dead, lease) = await PublishAsync(10);
        await LetTimePassAsync(dead);
        var heir = await JoinAsync();
        var next = (await fleet.TakeScanLeaseAsync(heir, "shots", default)).Lease!;
        Assert.Equal((lease.Epoch + 1, 2L), (next.Epoch, next.NextNumber));

        Assert.Equal(FleetOutcome.SessionEnded, (await fleet.PublishAsync(dead, lease, 2, [Files("x")], 100, default)).Outcome);
        Assert.Equal(FleetOutcome.ClaimLost, (await fleet.PublishAsync(heir, lease, 2, [Files("x")], 100, default)).Outcome);
        Assert.Equal(FleetOutcome.Done, (await fleet.PublishAsync(heir, next, 2, [Files("2")], 100, default)).Outcome);
        Assert.Equal(["1/0", "2/0"], (await fleet.OpenBatchesAsync("shots", default)).Select(batch => batch.Files[0].Path));
    }
}
