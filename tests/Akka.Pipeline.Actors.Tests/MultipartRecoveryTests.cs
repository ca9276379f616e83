namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>Uploads in parts that were lost, overtaken or begun under other circumstances. A part has 10 bytes here.</summary>
public sealed class MultipartRecoveryTests : PipelineTest
{
    private const string Large = "0123456789abcdefghijABCDEFGHIJend";
    private static readonly ObjectAddress Address = new("b", "large");

    public MultipartRecoveryTests()
    {
        Uploads = Uploads with { MultipartFromBytes = 20, PartsAtOnce = 1 };
        Source.Put("large", Large);
    }

    [Theory]
    [InlineData("PART")]
    [InlineData("COMPLETE")]
    public async Task An_upload_that_the_store_has_lost_begins_anew_and_does_not_count_as_a_failure(string at)
    {
        Settings = Settings with { FileRetry = Settings.FileRetry with { MaximumAttempts = 1 } };
        var once = 0;
        Store.Before = call =>
        {
            if (call.Operation == at && Interlocked.Exchange(ref once, 1) == 0)
            {
                Store.Forget("upload1");
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal(0, Meters.FilesFailed);
        Assert.Empty(Ledger.Multiparts);
    }

    [Fact]
    public async Task An_upload_that_the_store_loses_every_time_is_a_failure_that_an_operator_sees()
    {
        Store.Before = call =>
        {
            if (call.Operation == "COMPLETE")
            {
                Store.Forget(Assert.Single(Store.OpenUploads));
            }

            return Task.CompletedTask;
        };
        Assert.Equal(1, (await RunAsync()).SetAside);
        Assert.Equal("NoSuchUpload", Ledger.Find("large")!.Trouble!.Failure.Code);
        Assert.Empty(Ledger.Multiparts);
        Assert.Equal([Large], [Source.TextOf("large")]);
    }

    [Fact]
    public async Task An_upload_that_was_completed_while_its_parts_were_asked_for_is_stored_and_not_sent_again()
    {
        var id = await BeginAsync(Large[..10], Large[10..20], Large[20..30], Large[30..]);
        var parts = (await Store.ListPartsAsync(Address, id, default))!;
        var once = 0;
        Store.Before = async call =>
        {
            // A completion of the process before, carried out late.
            if (call.Operation == "LIST" && Interlocked.Exchange(ref once, 1) == 0)
            {
                await Store.CompleteMultipartAsync(new CompleteMultipartRequest(Address, id, parts, Large.Length, Core.Digests.DigestSet.Unknown, WriteCondition.IfAbsent), default);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal((4, 1, 1), (Store.Count("PART"), Store.Count("CREATE"), Store.Count("COMPLETE")));
        Assert.Equal((0L, 1L), (Meters.FilesFailed, Meters.FilesAlreadyStored));
        Assert.Empty(Ledger.Multiparts);
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task The_same_bytes_written_by_somebody_else_meanwhile_are_taken_and_the_parts_given_up()
    {
        Settings = Settings with { FileRetry = Settings.FileRetry with { MaximumAttempts = 1 } };
        Store.Before = call =>
        {
            if (call.Operation == "COMPLETE")
            {
                Store.Hold("large", Large);
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal((0L, 1L), (Meters.FilesFailed, Meters.FilesAlreadyStored));
        Assert.Empty(Store.OpenUploads);
        Assert.Empty(Ledger.Multiparts);
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task A_key_that_somebody_writes_every_time_is_a_failure_and_keeps_the_file()
    {
        var n = 0;
        Store.Before = call =>
        {
            if (call.Operation == "COMPLETE")
            {
                Store.Hold("large", $"somebody else's {Interlocked.Increment(ref n)}");
            }

            return Task.CompletedTask;
        };
        Assert.Equal(1, (await RunAsync()).SetAside);
        Assert.Equal("WriteRace", Ledger.Find("large")!.Trouble!.Failure.Code);
        Assert.Equal(["large"], Source.Paths);
        Assert.Equal(4, Store.Count("PART"));
    }

    [Fact]
    public async Task Parts_begun_with_other_attributes_are_given_up()
    {
        var id = await BeginAsync(Large[..10], Large[10..20]);
        Route = Route with { Objects = Route.Objects with { ServerSideEncryption = "aws:kms" } };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Journal.HasInOrder($"aborted {id}", $"ended {id}", "created upload2 large", "completed upload2 large");
    }

    [Fact]
    public async Task Parts_in_another_store_of_the_same_bucket_are_not_gone_on_with()
    {
        await BeginAsync(Large[..10]);
        var old = Ledger.Multiparts.Single();
        Ledger.Add(new MultipartEnded(old.UploadId, DateTimeOffset.UtcNow), new MultipartBegun(old with { Store = "another" }, DateTimeOffset.UtcNow));
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal(["another"], Ledger.Multiparts.Select(m => m.Store));
        Assert.Equal(0, Store.Count("ABORT"));
    }

    [Fact]
    public async Task Parts_of_an_earlier_run_that_are_not_in_the_file_any_more_are_sent_again()
    {
        // Somebody changed the file in place and set its time back: the same fingerprint, other bytes.
        await BeginAsync(Large[..10], "other text", Large[20..30]);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal([2, 4], Store.Calls.Where(c => c.Operation == "PART").Skip(3).Select(c => c.Part).Order());
    }

    [Fact]
    public async Task Parts_of_this_run_are_not_read_again()
    {
        var reads = 0;
        Source.BeforeRead = (_, offset) => Interlocked.Add(ref reads, offset == 0 ? 1 : 0);
        var once = 0;
        Store.Before = call => call is { Operation: "PART", Part: 4 } && Interlocked.Exchange(ref once, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.File, "InternalError"))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal((1, 5), (reads, Store.Count("PART")));
    }

    [Theory]
    [InlineData(true, 20)]
    [InlineData(false, 20)]
    [InlineData(false, 1000)]
    public async Task Where_size_decides_a_new_version_of_the_same_size_still_replaces_the_old_one(bool conditions, long multipartFrom)
    {
        Route = Route with { Dedupe = DedupeMode.Size, AfterUpload = AfterUpload.Keep };
        Store.Traits = Store.Traits with { ConditionalWrites = conditions };
        Uploads = Uploads with { MultipartFromBytes = multipartFrom };
        Settings = Settings with { Once = false };
        Start();
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done large")));
        Source.Overwrite("large", Large.ToUpperInvariant());
        await EventuallyAsync(() => Assert.Equal(2, Journal.Count("done large")));
        Assert.Equal(Large.ToUpperInvariant(), Store.TextOf("large"));
    }

    [Fact]
    public async Task Where_size_decides_another_file_of_the_same_key_and_size_is_still_a_conflict()
    {
        Route = Route with { Dedupe = DedupeMode.Size, Target = new FixedBucket("b", "", KeyTemplate.Parse("all-the-same")) };
        Source.Put("another", Large.ToUpperInvariant());
        Assert.Equal(1, (await RunAsync()).SetAside);
        Assert.Single(Source.Paths);
    }

    // An upload of an earlier run, with these parts in the ledger and in the store.
    private async Task<string> BeginAsync(params string[] parts)
    {
        var fingerprint = Source.Observe(["large"])[0].Sighting!.Fingerprint;
        var at = DateTimeOffset.UtcNow;
        var id = await Store.CreateMultipartAsync(new CreateMultipartRequest(Address, ObjectAttributes.None), default);
        Ledger.Add(new MultipartBegun(new MultipartProgress("shots", "large", fingerprint, "model", Address, ObjectAttributes.None.Summary, id, 10, [], at), at));
        for (var n = 1; n <= parts.Length; n++)
        {
            Ledger.Add(new PartStored(id, await Store.UploadPartAsync(new PartRequest(Address, id, n, new TextBody(parts[n - 1])), default), at));
        }

        return id;
    }
}
