namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>Large files, in parts, through the whole pipeline. A part has 10 bytes here.</summary>
public sealed class MultipartTests : PipelineTest
{
    private const string Large = "0123456789abcdefghijABCDEFGHIJend"; // Three parts and three bytes.
    private static readonly ObjectAddress Address = new("b", "large");

    public MultipartTests()
    {
        Uploads = Uploads with { MultipartFromBytes = 20 };
        Source.Put("large", Large);
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_and_every_part_is_recorded()
    {
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal(4, Store.Count("PART"));
        Journal.HasInOrder("created upload1 large", "begun upload1", "part 4 large", "part recorded 4", "completed upload1 large", "ended upload1", "recorded large", "removed large");
        Assert.Empty(Ledger.Multiparts);
        Assert.NotNull(Ledger.Find("large")!.Stored!.Digests.Crc32C);
    }

    [Fact]
    public async Task Parts_that_ledger_and_store_agree_on_are_not_sent_again()
    {
        var id = await BeginAsync(partSize: 10, recorded: [1, 2, 3], heldOnly: [4]);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal([1, 2, 3, 4, 4], Store.Calls.Where(c => c.Operation == "PART").Select(c => c.Part));
        Assert.Equal(1, Store.Count("CREATE"));
        Journal.HasInOrder($"completed {id} large", $"ended {id}");
    }

    [Fact]
    public async Task An_upload_is_resumed_with_the_part_size_that_it_began_with()
    {
        await BeginAsync(partSize: 16, recorded: [1]);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal([1, 2, 3], Store.Calls.Where(c => c.Operation == "PART").Select(c => c.Part).Order());
    }

    [Fact]
    public async Task A_recorded_part_that_the_store_has_lost_or_changed_is_sent_again()
    {
        var id = await BeginAsync(partSize: 10, recorded: [1, 2]);
        await Store.UploadPartAsync(new PartRequest(Address, id, 1, new TextBody("9876543210")), default);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
    }

    [Fact]
    public async Task Parts_of_another_version_are_given_up()
    {
        var id = await BeginAsync(partSize: 10, recorded: [1, 2, 3]);
        Source.Overwrite("large", Large.ToUpperInvariant());
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large.ToUpperInvariant(), Store.TextOf("large"));
        Journal.HasInOrder($"aborted {id}", $"ended {id}", "created upload2 large", "completed upload2 large");
        Assert.Empty(Store.OpenUploads);
        Assert.Empty(Ledger.Multiparts);
    }

    [Fact]
    public async Task An_upload_that_the_store_has_forgotten_begins_anew()
    {
        var id = await BeginAsync(partSize: 10, recorded: [1, 2, 3]);
        Store.Forget(id);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Journal.HasInOrder($"ended {id}", "created upload2 large", "completed upload2 large");
    }

    [Fact]
    public async Task An_upload_that_vanishes_between_two_parts_begins_anew()
    {
        var once = 0;
        Store.Before = call =>
        {
            if (call is { Operation: "PART", Part: 3 } && Interlocked.Exchange(ref once, 1) == 0)
            {
                Store.Forget("upload1");
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Journal.HasInOrder("ended upload1", "completed upload2 large", "removed large");
    }

    [Fact]
    public async Task A_part_that_fails_costs_none_of_the_others()
    {
        Uploads = Uploads with { PartsAtOnce = 1 };
        var once = 0;
        Store.Before = call => call is { Operation: "PART", Part: 3 } && Interlocked.Exchange(ref once, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.File, "InternalError"))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal([1, 2, 3, 3, 4], Store.Calls.Where(c => c.Operation == "PART").Select(c => c.Part));
        Assert.Equal(1, Store.Count("CREATE"));
    }

    [Fact]
    public async Task A_large_file_that_is_alone_sends_as_many_parts_as_the_store_takes_requests()
    {
        Uploads = Uploads with { PartsAtOnce = 1, MoreParts = true };
        Store.RequestsAtOnce = 3;
        var (three, begun, under, most) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0, 0, 0);
        Store.Before = async call =>
        {
            if (call.Operation == "PART")
            {
                most = Math.Max(most, Interlocked.Increment(ref under));
                if (Interlocked.Increment(ref begun) == 3)
                {
                    three.SetResult();
                }

                await three.Task.WaitAsync(Deadline);
                Interlocked.Decrement(ref under);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_file_that_changes_during_the_upload_aborts_it_and_its_last_version_is_stored()
    {
        var once = 0;
        Store.After = call =>
        {
            if (call is { Operation: "PART", Part: 2 } && Interlocked.Exchange(ref once, 1) == 0)
            {
                Source.Overwrite("large", Large.ToUpperInvariant());
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large.ToUpperInvariant(), Store.TextOf("large"));
        Assert.Equal(1, Journal.Count("completed"));
        Assert.Empty(Store.OpenUploads);
        Assert.Empty(Ledger.Multiparts);
    }

    [Fact]
    public async Task A_file_that_is_opened_for_writing_during_the_upload_keeps_its_parts()
    {
        Settings = Settings with { OnceWriterWait = TimeSpan.FromSeconds(10) };
        var (opened, closed) = (0, 0);
        Store.After = call =>
        {
            if (call is { Operation: "PART", Part: 4 } && Interlocked.Exchange(ref opened, 1) == 0)
            {
                Source.SetWriter("large", Core.Files.WriterState.Open);
            }

            return Task.CompletedTask;
        };
        Source.Before = (what, path) =>
        {
            if (what == "observe" && Volatile.Read(ref opened) == 1 && Interlocked.Exchange(ref closed, 1) == 0)
            {
                Source.SetWriter(path!, Core.Files.WriterState.None);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal((4, 1), (Store.Count("PART"), Store.Count("COMPLETE")));
    }

    [Theory]
    [InlineData(DigestKinds.Md5 | DigestKinds.Crc32C)]
    [InlineData(DigestKinds.None)]
    public async Task A_completion_whose_answer_was_lost_is_resolved_by_asking_the_store(DigestKinds tells)
    {
        Store.Tells = tells;
        var lost = 0;
        Store.After = call => call.Operation == "COMPLETE" && Interlocked.Exchange(ref lost, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "Timeout", unknown: true))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal((4, 1), (Store.Count("PART"), Store.Count("COMPLETE")));
        Assert.Empty(Source.Paths);
        Assert.Empty(Ledger.Multiparts);
    }

    [Fact]
    public async Task A_completion_that_was_not_done_is_repeated_with_the_parts_that_are_there()
    {
        var lost = 0;
        Store.Before = call => call.Operation == "COMPLETE" && Interlocked.Exchange(ref lost, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "Timeout", unknown: true))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal((4, 2, 1), (Store.Count("PART"), Store.Count("COMPLETE"), Store.Count("CREATE")));
        Assert.Equal(Large, Store.TextOf("large"));
    }

    [Fact]
    public async Task A_key_that_somebody_writes_meanwhile_is_looked_at_again()
    {
        var once = 0;
        Store.Before = call =>
        {
            if (call.Operation == "COMPLETE" && Interlocked.Exchange(ref once, 1) == 0)
            {
                Store.Hold("large", "somebody else's");
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal((4, 2), (Store.Count("PART"), Store.Count("COMPLETE")));
    }

    [Theory]
    [InlineData(DigestKinds.Crc32C)]
    [InlineData(DigestKinds.None)]
    public async Task What_the_store_has_already_costs_one_request_whoever_sent_it_in_parts(DigestKinds tells)
    {
        var id = await BeginAsync(partSize: 10, recorded: [1, 2, 3, 4]);
        var parts = (await Store.ListPartsAsync(Address, id, default))!;
        await Store.CompleteMultipartAsync(new CompleteMultipartRequest(Address, id, parts, Large.Length, DigestSet.Unknown, null), default);
        var before = Store.Calls.Count;
        Store.Tells = tells;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("HEAD", Store.Calls[before].Operation);
        Assert.Equal(0, Store.Calls.Skip(before).Count(c => c.Operation is "PART" or "CREATE"));
        Assert.Empty(Source.Paths);
        Assert.Empty(Ledger.Multiparts);
    }

    [Fact]
    public async Task A_file_of_a_size_alone_is_not_taken_for_stored()
    {
        Store.Hold("large", new string('x', Large.Length));
        Store.Tells = DigestKinds.None;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
    }

    [Fact]
    public async Task Large_parts_are_streamed_with_little_memory_and_a_change_never_completes()
    {
        Uploads = Uploads with { BufferBytes = 10 };
        var reads = 0;
        Source.BeforeRead = (path, offset) =>
        {
            if (offset >= 10 && Interlocked.Increment(ref reads) == 2)
            {
                Source.Overwrite(path, Large.ToUpperInvariant());
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large.ToUpperInvariant(), Store.TextOf("large"));
        Assert.Equal(1, Journal.Count("completed"));
        Assert.Empty(Ledger.Blocked);
        Assert.Equal(0, Meters.FilesFailed);
    }

    [Fact]
    public async Task A_file_that_no_number_of_parts_holds_is_set_aside()
    {
        Store.Traits = Store.Traits with { Multipart = new MultipartLimits(5, 10, 2, 20) };
        Assert.Equal(1, (await RunAsync()).SetAside);
        Assert.Equal("FileTooLarge", Ledger.Find("large")!.Trouble!.Failure.Code);
    }

    [Fact]
    public async Task A_store_without_parts_takes_a_file_of_any_size_in_one_request()
    {
        Store.Traits = Store.Traits with { Multipart = null };
        Uploads = Uploads with { BufferBytes = 10 };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal(["PUT"], Store.Calls.Select(c => c.Operation));
    }

    [Fact]
    public async Task A_pipeline_that_is_stopped_in_the_middle_goes_on_where_it_was()
    {
        Settings = Settings with { Once = false };
        Uploads = Uploads with { PartsAtOnce = 1 };
        var stall = true;
        var forever = new TaskCompletionSource();
        Store.Before = call => call is { Operation: "PART", Part: 3 } && Volatile.Read(ref stall) ? forever.Task : Task.CompletedTask;
        var first = Start();
        await EventuallyAsync(() => Assert.Equal(3, Store.Count("PART")));
        await first.GracefulStop(Deadline);
        Volatile.Write(ref stall, false);
        Sys.ActorOf(Supervision.PipelineActor.Props([RouteOf()], Node(), _ => { }));
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done large")));
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal((5, 1), (Store.Count("PART"), Store.Count("CREATE")));
    }

    // An upload of an earlier run: some parts that ledger and store know, some that only the store knows.
    private async Task<string> BeginAsync(int partSize, int[] recorded, int[]? heldOnly = null)
    {
        var fingerprint = Source.Observe(["large"])[0].Sighting!.Fingerprint;
        var id = await Store.CreateMultipartAsync(new CreateMultipartRequest(Address, ObjectAttributes.None), default);
        Ledger.Add(new MultipartBegun(new MultipartProgress("shots", "large", fingerprint, "model", Address, ObjectAttributes.None.Summary, id, partSize, [], DateTimeOffset.UtcNow), DateTimeOffset.UtcNow));
        foreach (var number in recorded.Concat(heldOnly ?? []))
        {
            var from = (number - 1) * partSize;
            var body = new TextBody(Large[from..Math.Min(from + partSize, Large.Length)]);
            var part = await Store.UploadPartAsync(new PartRequest(Address, id, number, body), default);
            if (recorded.Contains(number))
            {
                Ledger.Add(new PartStored(id, part, DateTimeOffset.UtcNow));
            }
        }

        return id;
    }
}
