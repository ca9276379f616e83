namespace Akka.Pipeline.Storage.Tests.Fleet;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

/// <content>Batches and what is committed for them.</content>
public abstract partial class FleetContract
{
    [Fact]
    public async Task No_more_batches_are_published_than_there_is_room_for()
    {
        var session = await JoinAsync();
        var lease = (await fleet.TakeScanLeaseAsync(session, "shots", default)).Lease!;
        Assert.Equal(new Publication(FleetOutcome.Done, 2, 3, 3), await fleet.PublishAsync(session, lease, 1, [Files("1"), Files("2")], 5, default));
        Assert.Equal(new Publication(FleetOutcome.Done, 3, 0, 6), await fleet.PublishAsync(session, lease, 3, [Files("3"), Files("4"), Files("5"), Files("6")], 5, default));
        Assert.Equal(new Publication(FleetOutcome.Done, 0, 0, 6), await fleet.PublishAsync(session, lease, 6, [Files("6")], 5, default));

        // What was claimed no longer waits.
        await fleet.ClaimBatchesAsync(session, Shots, 2, long.MaxValue, default);
        Assert.Equal(new Publication(FleetOutcome.Done, 1, 1, 7), await fleet.PublishAsync(session, lease, 6, [Files("6")], 5, default));
        Assert.Equal([1L, 2, 3, 4, 5, 6], await fleet.OpenBatchNumbersAsync("shots", default));
    }

    [Fact]
    public async Task A_publication_that_is_repeated_publishes_nothing_twice_even_after_batches_were_finished()
    {
        var (session, lease) = await PublishAsync(10, 10);
        await CommitAsync(session, new FleetCommit { CompletedBatches = [(await ClaimOneAsync(session)).Ticket] });
        Assert.Equal(new Publication(FleetOutcome.Done, 2, 99, 3), await fleet.PublishAsync(session, lease, 1, [Files("1"), Files("2")], 100, default));
        Assert.Equal(3, (await fleet.PublishAsync(session, lease, 1, [Files("1"), Files("2"), Files("3")], 100, default)).Published);
        Assert.Equal([2L, 3], await fleet.OpenBatchNumbersAsync("shots", default));

        Assert.Equal(FleetOutcome.ClaimLost, (await fleet.PublishAsync(session, lease, 9, [Files("9")], 100, default)).Outcome);
        await Assert.ThrowsAsync<ArgumentException>(() => fleet.PublishAsync(session, lease, 4, [[]], 100, default));
    }

    [Fact]
    public async Task Files_of_any_name_and_number_come_back()
    {
        var session = await JoinAsync();
        var lease = (await fleet.TakeScanLeaseAsync(session, "shots", default)).Lease!;
        BatchFile[] files =
        [
            new("\udcff/\n'\"\\", new Fingerprint(long.MaxValue / 2, long.MinValue, ulong.MaxValue, 0)),
            new("", new Fingerprint(0, long.MaxValue, 0, ulong.MaxValue)),
            new(string.Join('/', Enumerable.Repeat(new string('ü', 125), 16)), default),
            .. Enumerable.Range(0, 500).Select(i => new BatchFile($"folder/file-{i:d6}.jpeg", Version(i))),
        ];
        await fleet.PublishAsync(session, lease, 1, [files], 5, default);
        Assert.Equal(files, Assert.Single(await fleet.OpenBatchesAsync("shots", default)).Files);
        Assert.Equal(files, (await ClaimOneAsync(session)).Files);
    }

    [Theory]
    [InlineData(10, long.MaxValue, 4)]
    [InlineData(2, long.MaxValue, 2)]
    [InlineData(10, 1, 1)]
    [InlineData(10, 30, 1)]
    [InlineData(10, 31, 2)]
    [InlineData(10, 90, 2)]
    [InlineData(10, 91, 3)]
    public async Task A_node_gets_the_oldest_batches_as_many_as_it_wants(int mostBatches, long mostBytes, int expected)
    {
        await PublishAsync(10, 20, 30, 40);
        var claimed = await fleet.ClaimBatchesAsync(await JoinAsync(), Shots, mostBatches, mostBytes, default);
        Assert.Equal(Enumerable.Range(1, expected).Select(i => (long)i), claimed.Items.Select(claim => claim.Ticket.Number));
        Assert.Equal(4 - expected, await WaitingAsync(await JoinAsync()));
    }

    [Fact]
    public async Task A_node_gets_batches_of_its_routes_only()
    {
        await PublishAsync(10);
        var session = await JoinAsync();
        Assert.Empty((await fleet.ClaimBatchesAsync(session, ["logs"], 9, long.MaxValue, default)).Items);
        Assert.Empty((await fleet.ClaimBatchesAsync(session, [], 9, long.MaxValue, default)).Items);
        Assert.Single((await fleet.ClaimBatchesAsync(session, ["logs", "shots", "shots"], 9, long.MaxValue, default)).Items);
    }

    [Fact]
    public async Task Many_nodes_at_once_share_all_batches_and_none_twice()
    {
        const int Batches = 300;
        var (scanner, _) = await PublishAsync([.. Enumerable.Repeat(10L, Batches)]);
        var done = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            var mine = new List<long>();
            var session = await JoinAsync($"{i}");
            while (true)
            {
                // An empty answer may also mean that others have looked at the same rows just now.
                var claimed = await fleet.ClaimBatchesAsync(session, Shots, 3, long.MaxValue, default);
                if (claimed.Items.Count == 0 && (await fleet.OpenBatchNumbersAsync("shots", default)).Count == 0)
                {
                    return mine;
                }

                Assert.Equal(FleetOutcome.Done, await CommitAsync(session, new FleetCommit
                {
                    CompletedBatches = [.. claimed.Items.Select(claim => claim.Ticket)],
                    Changes = [.. claimed.Items.SelectMany(claim => claim.Files).Select(file => StoredOf(file.Path))],
                }));
                mine.AddRange(claimed.Items.Select(claim => claim.Ticket.Number));
            }
        }));

        Assert.Equal(Enumerable.Range(1, Batches).Select(i => (long)i), done.SelectMany(mine => mine).Order());
        Assert.Equal(3 * Batches, (await ledger.TallyAsync(default)).Sum(tally => tally.Files));
        Assert.Empty((await fleet.HoldingsAsync(scanner, default)).Batches);
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_can_be_repeated()
    {
        var (session, _) = await PublishAsync(10, 10);
        var claim = await ClaimOneAsync(session);
        var other = await ClaimOneAsync(session);
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(session, new PartsToDo("u1", [1, 2]), default);
        var parts = (await fleet.ClaimPartsAsync(session, Shots, 2, default)).Items;
        var commit = new FleetCommit
        {
            Changes = [StoredOf("1/0"), new FileDone("shots", "1/0", Version(1), LocalFate.Removed, Time(2))],
            CompletedBatches = [claim.Ticket],
            ReturnedBatches = [new BatchReturn(other.Ticket, [File("2/2")], TimeSpan.Zero)],
            FinishedParts = [new PartFinish(parts[0].Ticket, Facts(1))],
            ReturnedParts = [new PartReturn(parts[1].Ticket, TimeSpan.Zero)],
        };
        Assert.Equal(FleetOutcome.Done, await CommitAsync(session, commit));
        Assert.Equal(FleetOutcome.Done, await CommitAsync(session, commit));
        Assert.Equal(FileProgress.Done, (await FindAsync("1/0"))!.Progress);
        Assert.Equal(["2/2"], Assert.Single(await fleet.OpenBatchesAsync("shots", default)).Files.Select(file => file.Path));
        Assert.Equal(new PartsState(1, 0, 1), await fleet.PartsAsync("u1", default));
    }

    [Fact]
    public async Task What_was_given_back_is_another_claim_and_the_old_one_completes_nothing()
    {
        var (session, _) = await PublishAsync(10);
        var claim = await ClaimOneAsync(session);
        Assert.Equal(FleetOutcome.Done, await CommitAsync(session, new FleetCommit { ReturnedBatches = [new BatchReturn(claim.Ticket, null, TimeSpan.Zero)] }));
        Assert.Equal(FleetOutcome.ClaimLost, await CommitAsync(session, new FleetCommit { CompletedBatches = [claim.Ticket], Changes = [StoredOf("1/0")] }));

        var again = await ClaimOneAsync(session);
        Assert.Equal(claim.Files, again.Files);
        Assert.NotEqual(claim.Ticket, again.Ticket);
        Assert.Equal(FleetOutcome.ClaimLost, await CommitAsync(session, new FleetCommit { CompletedBatches = [claim.Ticket], Changes = [StoredOf("1/0")] }));
        Assert.Null(await FindAsync("1/0"));
        Assert.Equal(FleetOutcome.Done, await CommitAsync(session, new FleetCommit { CompletedBatches = [again.Ticket] }));
        Assert.Empty(await fleet.OpenBatchNumbersAsync("shots", default));
    }

    [Fact]
    public async Task What_was_given_back_for_later_is_claimed_later()
    {
        var (session, _) = await PublishAsync(10);
        var claim = await ClaimOneAsync(session);
        await CommitAsync(session, new FleetCommit { ReturnedBatches = [new BatchReturn(claim.Ticket, [claim.Files[2]], TimeSpan.FromHours(1))] });
        Assert.Equal(0, await WaitingAsync(session));
        await LetDelaysPassAsync();
        Assert.Equal([claim.Files[2]], (await ClaimOneAsync(session)).Files);
        await Assert.ThrowsAsync<ArgumentException>(() => CommitAsync(session, new FleetCommit { ReturnedBatches = [new BatchReturn(claim.Ticket, [], TimeSpan.Zero)] }));
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_is_found()
    {
        var (session, _) = await PublishAsync(10, 10);
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(session, new PartsToDo("u1", [1, 2]), default);
        var batch = await ClaimOneAsync(session);
        var part = Assert.Single((await fleet.ClaimPartsAsync(session, Shots, 1, default)).Items);

        var held = await fleet.HoldingsAsync(session, default);
        Assert.Equal((batch.Ticket, part.Ticket), (Assert.Single(held.Batches).Ticket, Assert.Single(held.Parts).Ticket));
        Assert.Equal(batch.Files, held.Batches[0].Files);
    }
}
