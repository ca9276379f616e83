namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Pipeline.Actors.Supervision;

/// <summary>A pipeline that is asked to leave.</summary>
public sealed class DrainingTests : PipelineTest
{
    [Fact]
    public async Task A_drain_finishes_what_runs_and_takes_nothing_new()
    {
        Settings = Settings with { Once = false };
        Uploads = Uploads with { Slots = 2, BatchFiles = 4 };
        for (var n = 0; n < 500; n++)
        {
            Source.Put($"f{n}", "x");
        }

        // A store that takes its time, so that the request to drain overtakes the uploads however busy the machine is.
        var go = new TaskCompletionSource();
        Store.Before = async _ =>
        {
            await go.Task;
            await Task.Delay(50);
        };
        var pipeline = Start();
        await EventuallyAsync(() => Assert.Equal(2, Store.Calls.Count));
        var drained = pipeline.Ask<NodeDrained>(new DrainNode(Node().MonotonicNow() + Deadline, SavesFiles: false, Deadline), Deadline);
        go.SetResult();
        await drained;
        Assert.InRange(Store.Keys.Count, 2, 16);
        Assert.Equal(Store.Keys.Count, Journal.Count("done"));
        Assert.Equal(500 - Store.Keys.Count, Source.Paths.Count);
    }

    [Fact]
    public async Task A_drain_with_nothing_to_do_is_answered_at_once()
    {
        Settings = Settings with { Once = false };
        await Start().Ask<NodeDrained>(new DrainNode(Node().MonotonicNow() + Deadline, SavesFiles: false, Deadline), Deadline);
    }
}
