namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;

/// <summary>Files on their way through the whole pipeline, and how many of them at once.</summary>
public sealed class TravellingTests : PipelineTest
{
    [Fact]
    public async Task A_file_travels_and_every_step_waits_for_the_one_before()
    {
        Source.Put("a", "hello");
        Assert.True((await RunAsync()).IsEmpty);

        Assert.Equal("hello", Store.TextOf("a"));
        Assert.Empty(Source.Paths);
        Journal.HasInOrder("walk", "put a", "recorded a", "removed a", "done a Removed");
        Assert.Equal(["PUT"], Store.Calls.Select(c => c.Operation));
        Assert.Equal(FileProgress.Done, Ledger.Find("a")!.Progress);
    }

    [Fact]
    public async Task Many_files_travel_in_batches_and_a_few_commits()
    {
        for (var n = 0; n < 3000; n++)
        {
            Source.Put($"f{n}", $"content {n}");
        }

        Source.Put("empty", "");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(3001, Store.Keys.Count);
        Assert.Equal("content 2999", Store.TextOf("f2999"));
        Assert.Equal("", Store.TextOf("empty"));
        Assert.Equal(3001, Store.Calls.Count);
        Assert.InRange(Ledger.Commits, 1, 3001);
        Assert.Equal((3001, 3001, 0), (Meters.FilesStored, Meters.FilesRemoved, Meters.FilesFailed));
    }

    [Fact]
    public async Task However_large_the_backlog_only_a_bounded_number_of_files_is_on_its_way()
    {
        for (var n = 0; n < 100_000; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var blocked = new TaskCompletionSource();
        Store.Before = _ => blocked.Task;
        Settings = Settings with { HeldFiles = 500 };
        Start();
        await SettledAsync(() => Source.HandedOut);
        Assert.InRange(Source.HandedOut, 4, 4000);
        blocked.SetException(ModelStore.Trouble(FailureScope.Store, "Over"));
    }

    [Theory]
    [InlineData("ledger")]
    [InlineData("cleanup")]
    public async Task What_waits_behind_the_uploads_is_bounded_too(string stalled)
    {
        for (var n = 0; n < 100_000; n++)
        {
            Source.Put($"f{n}", "x");
        }

        using var release = new ManualResetEventSlim();
        var until = new TaskCompletionSource();
        if (stalled == "ledger")
        {
            Ledger.BeforeCommit = _ => until.Task;
        }
        else
        {
            Source.Before = (what, _) =>
            {
                if (what == "remove")
                {
                    release.Wait();
                }
            };
        }

        Settings = Settings with { HeldFiles = 500 };
        Start();
        await SettledAsync(() => Source.HandedOut);
        Assert.InRange(Source.HandedOut, 4, 25_000);
        release.Set();
        until.SetResult();
    }

    // Until the number has not grown for a while; every look at it is a condition with a deadline, not a guess.
    private async Task SettledAsync(Func<int> number)
    {
        var (last, quiet) = (-1, 0);
        await AwaitConditionAsync(
            () =>
            {
                var now = number();
                quiet = now == last && now > 0 ? quiet + 1 : 0;
                last = now;
                return Task.FromResult(quiet >= 40);
            },
            Deadline,
            TimeSpan.FromMilliseconds(20));
    }
}
