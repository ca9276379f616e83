namespace Akka.Pipeline.Actors.Tests.Spot;

using Akka.Actor;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Insight;

/// <summary>A pipeline that leaves while files remain.</summary>
public sealed class LeavingTests : PipelineTest
{
    public LeavingTests()
    {
        Settings = Settings with { Once = false };
        Uploads = Uploads with { Slots = 1, BatchFiles = 1 };
        Route = Route with { ScanInterval = TimeSpan.FromHours(1) };
    }

    [Fact]
    public async Task Everything_that_fits_is_saved_also_what_no_walk_has_seen()
    {
        var pipeline = Start();
        await EventuallyAsync(() => Assert.Equal(1, Meters.WalksEnded));
        for (var n = 0; n < 1000; n++)
        {
            Source.Put($"f{n}", "x");
        }

        Assert.Equal(RemainingFiles.None, (await LeaveAsync(pipeline, Deadline, saves: true)).Remaining);

        Assert.Empty(Source.Paths);
        Assert.Equal(1000, Journal.Count("done"));
    }

    [Fact]
    public async Task Small_files_are_saved_first_and_the_rest_is_counted()
    {
        for (var n = 1; n <= 60; n++)
        {
            Source.Put($"f{n:00}", new string('x', 99 - n));
        }

        var go = new TaskCompletionSource();
        Store.Before = async _ =>
        {
            await go.Task;
            await Task.Delay(10);
        };
        var pipeline = Start();
        await EventuallyAsync(() => Assert.Equal((1, 1L), (Store.Calls.Count, Meters.WalksEnded)));
        await EventuallyAsync(() => Assert.Equal(60, Meters.FilesFound));

        var left = LeaveAsync(pipeline, Ms(300), saves: true);
        go.SetResult();
        var remaining = (await left).Remaining;

        Assert.InRange(remaining.Files, 20, 58);
        Assert.Equal(Source.Paths.Count, remaining.Files);
        Assert.Equal(Source.Paths.Sum(path => Source.TextOf(path).Length), remaining.Bytes);
        Assert.Equal((remaining.Files, true), (remaining.Untouched, remaining.IsComplete));

        // But for the first one, which was under way.
        var largestSaved = Store.Keys.Where(key => key != Store.Calls[0].Address.Key).Max(key => Store.TextOf(key)!.Length);
        Assert.All(Source.Paths, path => Assert.True(Source.TextOf(path).Length > largestSaved, path));
    }

    [Fact]
    public async Task Without_saving_nothing_new_begins()
    {
        for (var n = 0; n < 100; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var go = new TaskCompletionSource();
        Store.Before = _ => go.Task;
        var pipeline = Start();
        await EventuallyAsync(() => Assert.Single(Store.Calls));
        var left = LeaveAsync(pipeline, Deadline, saves: false);
        await Task.Yield();
        go.SetResult();

        // The one under way, and at most those that began before the request arrived.
        Assert.InRange((await left).Remaining.Files, 90, 99);
    }

    [Fact]
    public async Task An_earlier_end_counts()
    {
        Source.Put("held", "x", WriterStateOpen);
        var pipeline = Start();
        await EventuallyAsync(() => Assert.Equal(1, Meters.WalksEnded));
        var left = LeaveAsync(pipeline, Deadline * 10, saves: true);

        pipeline.Tell(new HastenDrain(Node().MonotonicNow() + Ms(50)));

        Assert.Equal(1, (await left.WaitAsync(Deadline)).Remaining.Files);
    }

    [Fact]
    public async Task Routes_of_the_fleet_are_left_to_others()
    {
        Source.Put("a", "x");
        var go = new TaskCompletionSource();
        Store.Before = _ => go.Task;
        Uploads = Uploads with { Slots = 1 };
        var pipeline = Start(RouteOf() with { IsShared = true });
        await EventuallyAsync(() => Assert.Single(Store.Calls));
        Source.Put("b", "x");
        var left = LeaveAsync(pipeline, Deadline, saves: true);
        go.SetResult();

        Assert.Equal(RemainingFiles.None, (await left).Remaining);
        Assert.Equal(["b"], Source.Paths);
    }

    private const Core.Files.WriterState WriterStateOpen = Core.Files.WriterState.Open;

    private Task<NodeDrained> LeaveAsync(IActorRef pipeline, TimeSpan within, bool saves) =>
        pipeline.Ask<NodeDrained>(new DrainNode(Node().MonotonicNow() + within, saves, Deadline), within + Deadline);
}
