namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Stores;

/// <summary>Who gets the slots.</summary>
public sealed class SharingSlotsTests : PipelineTest
{
    private const string Large = "0123456789abcdefghijABCDEFGHIJend";

    public SharingSlotsTests() => Uploads = Uploads with { Slots = 8, PartsAtOnce = 2, MultipartFromBytes = 20 };

    [Fact]
    public async Task Small_files_do_not_wait_behind_large_ones_and_large_ones_get_half()
    {
        var (go, _) = Begin(large: 10, small: 3, out var replies);

        // Nothing large gets on, and yet the small ones are through.
        Assert.Equal(3, replies.ReceiveN(3, Deadline).Cast<FilesRecorded>().Sum(recorded => recorded.Files.Count));
        Assert.True(Store.Count("CREATE") >= 2, $"{Store.Count("CREATE")} large ones");
        go.SetResult();
        await EventuallyAsync(() => Assert.Equal(10, Store.Count("COMPLETE")));
    }

    [Fact]
    public async Task Among_themselves_large_files_are_no_more_at_once_than_their_parts_need()
    {
        var (go, _) = Begin(large: 10, small: 0, out _);
        await EventuallyAsync(() => Assert.Equal(4, Store.Count("CREATE")));
        go.SetResult();
        await EventuallyAsync(() => Assert.Equal(10, Store.Count("COMPLETE")));
    }

    [Theory]
    [InlineData(1, true, true)]
    [InlineData(2, true, false)]
    [InlineData(2, false, true)]
    [InlineData(4, false, false)]
    public void Large_files_have_half_of_the_requests_while_small_ones_wait(int underWay, bool smallOnesWait, bool hasRoom)
    {
        List<UploadBatch> batches = [.. Plans("large", underWay, Large).Select(plan => new UploadBatch(RouteOf(), [plan], IsProbe: false))];
        Assert.Equal(hasRoom, new SlotShare(Uploads).HasRoomForLarge(batches, smallOnesWait, requestsAtOnce: 100));
    }

    [Theory]
    [InlineData(1, false, 8, 8)]
    [InlineData(2, false, 8, 4)]
    [InlineData(1, true, 8, 4)]
    [InlineData(3, false, 16, 2)]
    [InlineData(4, true, 8, 2)]
    [InlineData(1, false, 1, 2)]
    public void Few_large_files_have_more_parts_under_way_each(int largeUnderWay, bool smallOnesWait, int requestsAtOnce, int parts) =>
        Assert.Equal(parts, new SlotShare(Uploads with { MoreParts = true }).PartsEach(largeUnderWay, smallOnesWait, requestsAtOnce));

    [Fact]
    public void Who_sets_their_number_gets_that_number() => Assert.Equal(2, new SlotShare(Uploads).PartsEach(1, smallOnesWait: false, 8));

    [Fact]
    public void Slots_are_used_as_far_as_the_store_has_requests_for_them()
    {
        var share = new SlotShare(Uploads with { Slots = 256 });
        Assert.Equal(32, share.Slots(32));
        Assert.Equal(256, share.Slots(int.MaxValue));
    }

    private (TaskCompletionSource Go, IActorRef Uploaders) Begin(int large, int small, out Akka.TestKit.TestProbe replies)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.Before = call => call.Operation == "CREATE" ? go.Task : Task.CompletedTask;
        replies = CreateTestProbe();
        var uploaders = Sys.ActorOf(UploadersActor.Props(Node(), Sys.ActorOf(LedgerActor.Props(Node()))));
        uploaders.Tell(new RegisterRoute(RouteOf(), replies.Ref), CreateTestProbe().Ref);
        uploaders.Tell(new UploadFiles([.. Plans("large", large, Large), .. Plans("small", small, "x")]), replies.Ref);
        return (go, uploaders);
    }

    private List<UploadPlan> Plans(string name, int count, string content) =>
        [.. Enumerable.Range(0, count).Select(n =>
        {
            Source.Put($"{name}-{n}", content);
            var seen = Source.Observe([$"{name}-{n}"])[0].Sighting!;
            return new UploadPlan(RouteOf().Name, seen.Path, seen.Fingerprint, seen.ChangedUnixNs, new ObjectAddress("b", seen.Path), null, WriteCondition.IfAbsent, MayOverwrite: false, 0);
        })];
}
