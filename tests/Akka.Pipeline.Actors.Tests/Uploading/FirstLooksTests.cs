namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>Which files are asked for before their bytes are sent.</summary>
public sealed class FirstLooksTests : PipelineTest
{
    private static readonly string Body = new('x', (int)Expectation.SmallBytes + 1);

    private readonly TransferResources resources;

    public FirstLooksTests()
    {
        Store.Traits = Store.Traits with { Multipart = null };
        resources = new TransferResources(Node(), (change, _) => Ledger.CommitAsync([change], default));
    }

    [Fact]
    public async Task Without_its_ledger_no_body_is_sent_that_is_there_and_a_file_costs_one_request()
    {
        for (var n = 0; n < 20; n++)
        {
            Store.Hold($"large{n:00}", Body);
            Store.Hold($"small{n:00}", "x");
            Assert.Equal(TransferOutcome.AlreadyStored, await BringAsync($"large{n:00}", Body));
            Assert.Equal(TransferOutcome.AlreadyStored, await BringAsync($"small{n:00}", "x"));
        }

        Assert.Equal(Enumerable.Repeat("HEAD", 40), Store.Calls.Select(call => call.Operation));
    }

    [Fact]
    public async Task With_an_empty_ledger_and_an_empty_store_one_file_is_asked_for_in_vain()
    {
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal(TransferOutcome.Stored, await BringAsync($"large{n:00}", Body));
        }

        Assert.Equal(["HEAD", .. Enumerable.Repeat("PUT", 20)], Store.Calls.Select(call => call.Operation));
    }

    [Fact]
    public async Task Those_that_come_at_once_wait_for_what_the_first_learns()
    {
        var hold = new TaskCompletionSource();
        Store.Before = call => call.Operation == "HEAD" ? hold.Task : Task.CompletedTask;
        var all = Enumerable.Range(0, 8).Select(n => BringAsync($"large{n}", Body)).ToList();
        await EventuallyAsync(() => Assert.Equal(1, Store.Count("HEAD")));
        hold.SetResult();
        await Task.WhenAll(all);
        Assert.Equal((1, 8), (Store.Count("HEAD"), Store.Count("PUT")));
    }

    [Fact]
    public async Task A_ledger_that_knows_files_of_the_route_is_believed()
    {
        Ledger.Add(new FileFailed("shots", "another", default, new Trouble(1, DateTimeOffset.UtcNow, ModelStore.Trouble(FailureScope.File, "X").Failure), SetAside: false, DateTimeOffset.UtcNow));
        Assert.Equal(TransferOutcome.Stored, await BringAsync("large", Body));
        Assert.Equal(["PUT"], Store.Calls.Select(call => call.Operation));
    }

    [Fact]
    public async Task What_another_node_held_when_its_session_ended_is_asked_for()
    {
        await BringAsync("first", "x");
        Store.Hold("large", Body);
        Assert.Equal(TransferOutcome.AlreadyStored, await BringAsync("large", Body, mayBeStored: true));
        Assert.Equal(["PUT", "HEAD"], Store.Calls.Select(call => call.Operation));
    }

    [Fact]
    public async Task An_object_with_other_bytes_is_replaced_without_a_write_that_is_refused()
    {
        Store.Hold("large", "older");
        Assert.Equal(TransferOutcome.Stored, await BringAsync("large", Body, mayBeStored: true));
        Assert.Equal(["HEAD", "PUT"], Store.Calls.Select(call => call.Operation));
        Assert.Equal(Body, Store.TextOf("large"));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_not_asked_by_one_after_the_other()
    {
        Store.Before = call => call.Operation == "HEAD" ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "Timeout")) : Task.CompletedTask;
        Assert.Equal(TransferOutcome.Failed, await BringAsync("large0", Body));
        Assert.Equal(TransferOutcome.Stored, await BringAsync("large1", Body));
    }

    private async Task<TransferOutcome> BringAsync(string path, string content, bool mayBeStored = false)
    {
        Source.Put(path, content);
        var seen = Source.Observe([path])[0].Sighting!;
        var plan = new UploadPlan("shots", path, seen.Fingerprint, seen.ChangedUnixNs, new ObjectAddress("b", path), null, WriteCondition.IfAbsent, true, 0) { MayBeStored = mayBeStored };
        return (await new FileTransfer(RouteOf(), resources).RunAsync(plan, Source.StartOpening(), default)).Outcome;
    }
}
