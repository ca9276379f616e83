namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>What becomes of single files that fail.</summary>
public sealed class FileTroubleTests : PipelineTest
{
    [Fact]
    public async Task A_removal_that_is_refused_is_tried_again_and_then_set_aside()
    {
        Source.Put("a", "x");
        Source.Refuse = request => new RemovalResult(request, RemovalOutcome.Failed, new Failure(FailureScope.File, FailureNature.Lasting, "EACCES", "It cannot be removed.", "chmod"));
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Journal.HasInOrder("put a", "recorded a", "failed a 1", "recorded a", "failed a 2", "recorded a", "failed a 3 set aside");
        Assert.Equal(1, Journal.Count("put a"));
        Assert.Equal(["a"], Source.Paths);
    }

    [Fact]
    public async Task A_removal_that_breaks_off_is_tried_again()
    {
        Source.Put("a", "x");
        var once = 0;
        Source.Before = (what, _) =>
        {
            if (what == "remove" && Interlocked.Exchange(ref once, 1) == 0)
            {
                throw ModelSource.Trouble();
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(1, Journal.Count("put a"));
    }

    [Fact]
    public async Task A_file_that_fails_is_tried_again_with_growing_delays_and_then_set_aside()
    {
        Settings = Settings with { FileRetry = new RetrySchedule(Ms(20), Ms(500), 4) };
        Source.Put("bad", "x");
        Source.Put("good", "x");
        var times = new System.Collections.Concurrent.ConcurrentQueue<DateTime>();
        Store.Before = call =>
        {
            if (call.Address.Key != "bad")
            {
                return Task.CompletedTask;
            }

            times.Enqueue(DateTime.UtcNow);
            return Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidTag", FailureNature.Lasting));
        };
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Assert.Equal("InvalidTag", remainder.Examples.Single().Failure!.Code);
        Assert.Equal("x", Store.TextOf("good"));
        var gaps = times.Zip(times.Skip(1), (one, next) => next - one).ToList();
        Assert.Equal(3, gaps.Count);
        Assert.True(gaps[0] >= Ms(14) && gaps[1] >= Ms(29) && gaps[2] >= Ms(59), string.Join(", ", gaps));
        Assert.Equal((4, 1), (Meters.FilesFailed, Meters.FilesSetAside));
    }

    [Fact]
    public async Task What_is_set_aside_goes_when_an_operator_asks_for_it()
    {
        Settings = Settings with { Once = false };
        Source.Put("a", "x");
        var bad = true;
        Store.Before = _ => Volatile.Read(ref bad) ? Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidTag", FailureNature.Lasting)) : Task.CompletedTask;
        Start();
        await EventuallyAsync(() => Assert.Equal(FileProgress.SetAside, Ledger.Find("a")?.Progress));
        var requests = Store.Calls.Count;
        var walks = Meters.WalksEnded;
        await EventuallyAsync(() => Assert.True(Meters.WalksEnded >= walks + 2));
        Assert.Equal(requests, Store.Calls.Count);
        Volatile.Write(ref bad, false);
        await Ledger.RequestRetryAsync(null, null, DateTimeOffset.UtcNow, default);
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done a")));
    }

    [Fact]
    public async Task A_file_whose_upload_breaks_off_for_an_unforeseen_reason_costs_its_batch_nothing()
    {
        Uploads = Uploads with { Slots = 1, BatchFiles = 50 };
        for (var n = 0; n < 50; n++)
        {
            Source.Put($"f{n}", "x");
        }

        Store.Before = call => call.Address.Key == "f7" ? Task.FromException(new InvalidOperationException("Nobody thought of this.")) : Task.CompletedTask;
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Assert.Equal(["f7"], Source.Paths);
        Assert.Equal((3, 49), (Journal.Count("failed"), Journal.Count("put")));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_while_it_is_sent_is_no_failure_of_the_store()
    {
        Uploads = Uploads with { BufferBytes = 10, MultipartFromBytes = 1000 };
        Source.Put("bad", "longer than half of the buffer");
        Source.Put("good", "x");
        var reads = 0;
        Source.BeforeRead = (path, _) =>
        {
            if (path == "bad" && Interlocked.Increment(ref reads) % 2 == 0)
            {
                throw ModelSource.Trouble("EIO", scope: FailureScope.File);
            }
        };
        var remainder = await RunAsync();
        Assert.Equal((1, 0), (remainder.SetAside, remainder.GivenUp));
        Assert.Empty(Ledger.Blocked);
        Assert.Equal("EIO", Ledger.Find("bad")!.Trouble!.Failure.Code);
    }

    [Fact]
    public async Task A_file_that_vanishes_on_its_way_is_no_failure()
    {
        Source.Put("a", "x");
        Source.Before = (what, path) =>
        {
            if (what == "open")
            {
                Source.Delete(path!);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(0, Meters.FilesFailed);
        Assert.Empty(Store.Calls);
    }
}
