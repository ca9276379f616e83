namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;

/// <summary>Parts of the pipeline that fail start afresh.</summary>
public sealed class StageTroubleTests : PipelineTest
{
    [Fact]
    public async Task A_stage_that_throws_starts_its_route_afresh_and_the_work_is_done_all_the_same()
    {
        for (var n = 0; n < 100; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var thrown = 0;
        Source.Before = (what, _) =>
        {
            if (what == "observe" && Interlocked.Increment(ref thrown) is 1 or 30 or 60)
            {
                throw new InvalidOperationException("A bug.");
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(100, Store.Keys.Count);
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task Uploaders_that_fail_start_afresh_and_the_work_is_done_all_the_same()
    {
        for (var n = 0; n < 100; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var (failed, thrown) = (0, 0);
        Store.Before = _ => Interlocked.Increment(ref failed) == 5 ? Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidTag")) : Task.CompletedTask;
        var ends = new TaskCompletionSource<RunEnded>();
        var node = Node() with { Chance = () => Interlocked.Increment(ref thrown) == 1 ? throw new InvalidOperationException("A bug.") : 0.5 };
        Sys.ActorOf(PipelineActor.Props([RouteOf()], node, ends.SetResult));
        var end = await ends.Task.WaitAsync(Deadline);
        Assert.True(thrown >= 1);
        Assert.True(end.Remainders["shots"].IsEmpty);
        Assert.Equal(100, Store.Keys.Count);
        Assert.Empty(Source.Paths);
    }
}
