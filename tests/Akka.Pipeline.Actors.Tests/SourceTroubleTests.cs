namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;

/// <summary>What becomes of a run while its source fails.</summary>
public sealed class SourceTroubleTests : PipelineTest
{
    [Fact]
    public async Task A_source_that_is_away_is_tried_again_and_reported_when_the_run_ends()
    {
        Source.Before = (what, _) =>
        {
            if (what == "walk")
            {
                throw ModelSource.Trouble("ENOENT");
            }
        };
        var remainder = await RunAsync();
        Assert.Equal("ENOENT", remainder.SourceFailure!.Code);
        Assert.Equal(FailureScope.Source, Assert.Single(Ledger.Blocked).Scope);
    }

    [Fact]
    public async Task A_source_that_comes_back_is_walked()
    {
        Source.Put("a", "x");
        var walks = 0;
        Source.Before = (what, _) =>
        {
            if (what is "walk" or "next" && Interlocked.Increment(ref walks) is 1 or 3)
            {
                throw ModelSource.Trouble();
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        await EventuallyAsync(() => Assert.Empty(Ledger.Blocked));
    }

    [Fact]
    public async Task A_source_that_fails_when_a_file_comes_back_does_not_end_the_run_without_it()
    {
        Settings = Settings with { BlockageRetry = new RetrySchedule(Ms(200), Ms(400), 4) };
        Uploads = Uploads with { Slots = 2 };
        Source.Put("a", "x");
        Source.Put("b", "x");
        var (failed, away) = (0, 0);
        Store.Before = async call =>
        {
            if (call.Address.Key == "a" && Interlocked.Exchange(ref failed, 1) == 0)
            {
                throw ModelStore.Trouble(FailureScope.File, "InvalidTag");
            }

            if (call.Address.Key == "b")
            {
                // Settled while the source is away.
                await EventuallyAsync(() => Assert.Equal(1, Volatile.Read(ref away)));
            }
        };
        Ledger.BeforeRead = what => what == "files" && Volatile.Read(ref failed) == 1 && Interlocked.Exchange(ref away, 1) == 0 ? Task.FromException(ModelSource.Trouble()) : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
    }
}
