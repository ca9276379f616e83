namespace Akka.Pipeline.Storage.Tests.Fleet;

using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

/// <content>Parts of one large file.</content>
public abstract partial class FleetContract
{
    [Fact]
    public async Task Parts_are_claimed_by_any_node_and_stand_in_the_upload_when_they_are_finished()
    {
        var first = await JoinAsync();
        var second = await JoinAsync();
        await BeginAsync("big", "u1");
        Assert.Equal(FleetOutcome.Done, await fleet.PublishPartsAsync(first, new PartsToDo("u1", [1, 2, 3]), default));
        var one = Assert.Single((await fleet.ClaimPartsAsync(first, Shots, 1, default)).Items);
        var others = (await fleet.ClaimPartsAsync(second, Shots, 9, default)).Items;
        Assert.Equal([1, 2, 3], [one.Ticket.PartNumber, .. others.Select(claim => claim.Ticket.PartNumber)]);
        Assert.Equivalent(Upload("big", "u1"), one.Upload);
        Assert.Empty((await fleet.ClaimPartsAsync(first, Shots, 9, default)).Items);
        Assert.Empty((await fleet.ClaimPartsAsync(first, ["logs"], 9, default)).Items);

        await CommitAsync(second, new FleetCommit { FinishedParts = [new PartFinish(others[0].Ticket, Facts(2))] });
        Assert.Equal([Facts(2)], (await ledger.FindMultipartAsync("shots", "big", default))!.Parts);
        Assert.Equal(new PartsState(0, 2, 1), await fleet.PartsAsync("u1", default));
    }

    [Fact]
    public async Task Parts_that_a_dead_node_finished_count_and_what_it_only_held_is_claimed_by_others()
    {
        var dead = await JoinAsync();
        var heir = await JoinAsync();
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(dead, new PartsToDo("u1", [1, 2]), default);
        var parts = (await fleet.ClaimPartsAsync(dead, Shots, 2, default)).Items;
        await CommitAsync(dead, new FleetCommit { FinishedParts = [new PartFinish(parts[0].Ticket, Facts(1))] });
        await LetTimePassAsync(dead);

        var rest = Assert.Single((await fleet.ClaimPartsAsync(heir, Shots, 9, default)).Items);
        Assert.Equal(2, rest.Ticket.PartNumber);
        Assert.Equal(FleetOutcome.SessionEnded, await CommitAsync(dead, new FleetCommit { FinishedParts = [new PartFinish(parts[1].Ticket, Facts(2) with { ETag = "late" })] }));
        await CommitAsync(heir, new FleetCommit { FinishedParts = [new PartFinish(rest.Ticket, Facts(2))] });
        Assert.Equal([Facts(1), Facts(2)], (await ledger.FindMultipartAsync("shots", "big", default))!.Parts);
    }

    [Fact]
    public async Task Many_nodes_at_once_finish_every_part_exactly_once()
    {
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(await JoinAsync(), new PartsToDo("u1", [.. Enumerable.Range(1, 100)]), default);
        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            var (session, mine) = (await JoinAsync($"{i}"), new List<int>());
            while (await fleet.PartsAsync("u1", default) is { Finished: < 100 })
            {
                foreach (var part in (await fleet.ClaimPartsAsync(session, Shots, 1, default)).Items)
                {
                    mine.Add(part.Ticket.PartNumber);
                    Assert.Equal(FleetOutcome.Done, await CommitAsync(session, new FleetCommit { FinishedParts = [new PartFinish(part.Ticket, Facts(part.Ticket.PartNumber))] }));
                }
            }

            return mine;
        }));

        Assert.Equal(Enumerable.Range(1, 100), claimed.SelectMany(mine => mine).Order());
        Assert.Equal(Enumerable.Range(1, 100).Select(Facts), (await ledger.FindMultipartAsync("shots", "big", default))!.Parts);
    }

    [Fact]
    public async Task A_node_whose_session_is_over_cannot_say_that_it_completed_an_upload()
    {
        var first = await JoinAsync();
        await BeginAsync("big", "u1");
        await LetTimePassAsync(first);
        FleetCommit completed = new() { Changes = [StoredOf("big"), new MultipartEnded("u1", Time(2))] };
        Assert.Equal(FleetOutcome.SessionEnded, await CommitAsync(first, completed));
        Assert.NotNull(await ledger.FindMultipartAsync("shots", "big", default));

        var second = await JoinAsync();
        Assert.Equal(FleetOutcome.Done, await CommitAsync(second, completed));
        Assert.Equal(FleetOutcome.Done, await CommitAsync(second, completed));
        Assert.Null(await fleet.PartsAsync("u1", default));
    }

    [Fact]
    public async Task A_part_that_was_given_back_or_has_vanished_from_the_store_is_done_again()
    {
        var session = await JoinAsync();
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(session, new PartsToDo("u1", [1, 2]), default);
        var parts = (await fleet.ClaimPartsAsync(session, Shots, 2, default)).Items;
        await CommitAsync(session, new FleetCommit { FinishedParts = [new PartFinish(parts[0].Ticket, Facts(1))], ReturnedParts = [new PartReturn(parts[1].Ticket, TimeSpan.FromHours(1))] });
        Assert.Empty((await fleet.ClaimPartsAsync(session, Shots, 9, default)).Items);
        await LetDelaysPassAsync();
        var again = Assert.Single((await fleet.ClaimPartsAsync(session, Shots, 9, default)).Items);
        Assert.Equal(FleetOutcome.ClaimLost, await CommitAsync(session, new FleetCommit { FinishedParts = [new PartFinish(parts[1].Ticket, Facts(2))] }));
        await CommitAsync(session, new FleetCommit { FinishedParts = [new PartFinish(again.Ticket, Facts(2))] });

        await fleet.PublishPartsAsync(session, new PartsToDo("u1", [1, 2]), default);
        Assert.Equal(new PartsState(0, 0, 2), await fleet.PartsAsync("u1", default));
        await fleet.PublishPartsAsync(session, new PartsToDo("u1", [2], Again: true), default);
        Assert.Equal(new PartsState(1, 0, 1), await fleet.PartsAsync("u1", default));
    }

    [Fact]
    public async Task Parts_of_an_upload_that_has_ended_are_forgotten()
    {
        var session = await JoinAsync();
        await BeginAsync("big", "u1");
        await fleet.PublishPartsAsync(session, new PartsToDo("u1", [1, 2]), default);
        var part = Assert.Single((await fleet.ClaimPartsAsync(session, Shots, 1, default)).Items);
        await ledger.CommitAsync([new MultipartEnded("u1", Time(3))], default);
        Assert.Equal(FleetOutcome.Done, await CommitAsync(session, new FleetCommit { FinishedParts = [new PartFinish(part.Ticket, Facts(1))] }));
        Assert.Empty((await fleet.ClaimPartsAsync(session, Shots, 9, default)).Items);
        Assert.Null(await fleet.PartsAsync("u1", default));
        Assert.Equal(FleetOutcome.Done, await fleet.PublishPartsAsync(session, new PartsToDo("u1", [1]), default));
        Assert.Null(await fleet.PartsAsync("u1", default));
    }
}
