namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>One file, one store, without actors in between.</summary>
public sealed class FileTransferTests : PipelineTest
{
    public FileTransferTests() => Source.Put("a", "hello");

    [Fact]
    public async Task A_stored_file_is_told_with_all_that_is_known_of_it()
    {
        var stored = (await RunAsync(Plan())).Stored!;
        Assert.Equal(("model", new ObjectAddress("b", "a"), "5d41402abc4b2a76b9719d911017c592"), (stored.Store, stored.Address, stored.ETag));
        Assert.Equal(Plan().Fingerprint, stored.Fingerprint);
        Assert.Equal("5d41402abc4b2a76b9719d911017c592", stored.Digests.Md5);
        Assert.NotNull(stored.Digests.Crc32C);
    }

    [Fact]
    public async Task A_version_other_than_the_planned_one_is_not_sent()
    {
        var plan = Plan();
        Source.Overwrite("a", "other");
        Assert.Equal(TransferOutcome.Changed, (await RunAsync(plan)).Outcome);
        Source.Put("a", "hello"); // Equal bytes, and another file all the same.
        Assert.Equal(TransferOutcome.Changed, (await RunAsync(plan)).Outcome);
        Assert.Empty(Store.Calls);
    }

    [Fact]
    public async Task A_file_that_is_open_for_writing_is_not_sent()
    {
        var plan = Plan();
        Source.SetWriter("a", WriterState.Open);
        Assert.Equal(TransferOutcome.BeingWritten, (await RunAsync(plan)).Outcome);
        Assert.Empty(Store.Calls);
    }

    [Fact]
    public async Task A_file_that_is_opened_for_writing_while_it_is_read_is_not_sent()
    {
        var plan = Plan();
        Source.BeforeRead = (path, _) => Source.SetWriter(path, WriterState.Open);
        Assert.Equal(TransferOutcome.BeingWritten, (await RunAsync(plan)).Outcome);
        Assert.Empty(Store.Calls);
    }

    [Fact]
    public async Task A_file_that_changes_while_the_store_is_asked_about_it_is_not_told_as_stored()
    {
        var plan = Plan();
        Store.Hold("a", "hello");
        Store.After = call =>
        {
            if (call.Operation == "HEAD")
            {
                Source.Overwrite("a", "other");
            }

            return Task.CompletedTask;
        };
        Assert.Equal(TransferOutcome.Changed, (await RunAsync(plan)).Outcome);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_gone()
    {
        var plan = Plan();
        Source.Delete("a");
        Assert.Equal(TransferOutcome.Gone, (await RunAsync(plan)).Outcome);
    }

    [Fact]
    public async Task A_recorded_version_is_believed_only_when_the_store_has_that_very_object()
    {
        Store.Hold("a", "hello");
        var facts = (await Store.HeadAsync(new ObjectAddress("b", "a"), default))!;
        var recorded = new StoredVersion(Plan().Fingerprint, "model", new ObjectAddress("b", "a"), facts.ETag, facts.Digests, null, default);
        Assert.Equal(TransferOutcome.AlreadyStored, (await RunAsync(Plan() with { Confirm = recorded })).Outcome);
        Assert.Equal(["HEAD", "HEAD"], Store.Calls.Select(c => c.Operation));

        Store.Hold("a", "jello");
        Assert.Equal(TransferOutcome.Stored, (await RunAsync(Plan() with { Confirm = recorded })).Outcome);
        Assert.Equal("hello", Store.TextOf("a"));
    }

    [Fact]
    public async Task A_key_that_somebody_else_writes_all_the_time_is_given_up_for_now()
    {
        var n = 0;
        Store.Hold("a", "other");
        Store.Before = call =>
        {
            if (call.Operation == "PUT")
            {
                Store.Hold("a", $"other {n++}");
            }

            return Task.CompletedTask;
        };
        var result = await RunAsync(Plan());
        Assert.Equal(("WriteRace", FailureNature.Passing), (result.Failure!.Code, result.Failure.Nature));
        Assert.NotEqual("hello", Store.TextOf("a"));
    }

    [Fact]
    public async Task An_object_that_tells_nothing_of_its_content_is_not_taken_for_equal()
    {
        Store.Tells = DigestKinds.None;
        Store.Hold("a", "jello");
        Assert.Equal(TransferOutcome.Stored, (await RunAsync(Plan())).Outcome);
        Assert.Equal("hello", Store.TextOf("a"));
    }

    [Fact]
    public async Task Content_of_another_file_is_not_replaced()
    {
        Store.Hold("a", "jello");
        var result = await RunAsync(Plan() with { MayOverwrite = false });
        Assert.Equal("KeyConflict", result.Failure!.Code);
        Assert.Equal("jello", Store.TextOf("a"));
    }

    [Fact]
    public async Task A_plan_that_has_grown_old_does_not_replace_what_another_file_has_become_since()
    {
        // The object that this file once made was found equal by another file, whose local copy is gone.
        Store.Hold("a", "older");
        var facts = (await Store.HeadAsync(new ObjectAddress("b", "a"), default))!;
        var others = new StoredVersion(default, "model", new ObjectAddress("b", "a"), facts.ETag, facts.Digests, null, DateTimeOffset.UtcNow);
        Ledger.Add(new FileStored("shots", "another", others, DateTimeOffset.UtcNow));
        var result = await RunAsync(Plan() with { Condition = WriteCondition.IfMatches(facts.ETag) });
        Assert.Equal("KeyConflict", result.Failure!.Code);
        Assert.Equal("older", Store.TextOf("a"));
    }

    [Fact]
    public async Task A_transfer_that_is_stopped_counts_as_not_tried()
    {
        using var stop = new CancellationTokenSource();
        Store.Before = async _ =>
        {
            await stop.CancelAsync();
            throw new OperationCanceledException(stop.Token);
        };
        Assert.Equal(TransferOutcome.NotTried, (await new FileTransfer(RouteOf(), Resources()).RunAsync(Plan(), Source.StartOpening(), stop.Token)).Outcome);
    }

    private UploadPlan Plan() =>
        new("shots", "a", Source.Observe(["a"])[0].Sighting!.Fingerprint, Source.Observe(["a"])[0].Sighting!.ChangedUnixNs, new ObjectAddress("b", "a"), null, WriteCondition.IfAbsent, true, 0);

    private TransferResources Resources() => new(Node(), (change, _) => Ledger.CommitAsync([change], default));

    private Task<TransferResult> RunAsync(UploadPlan plan) => new FileTransfer(RouteOf(), Resources()).RunAsync(plan, Source.StartOpening(), default);
}
