namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;

/// <summary>Events of the source.</summary>
public sealed class HintTests : PipelineTest
{
    [Fact]
    public async Task A_hint_brings_a_file_on_its_way_long_before_the_next_walk()
    {
        Settings = Settings with { Once = false };
        Route = Route with { ScanInterval = TimeSpan.FromHours(1) };
        Start();
        await EventuallyAsync(() => Assert.Equal(1, Meters.WalksEnded));
        Source.Put("late", "hello");
        Source.Hint("late");
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done late")));
        Assert.Equal(1, Journal.Count("walk"));
    }

    [Fact]
    public async Task A_hint_for_a_file_on_its_way_is_not_forgotten()
    {
        Settings = Settings with { Once = false };
        Route = Route with { ScanInterval = TimeSpan.FromHours(1), AfterUpload = AfterUpload.Keep };
        Source.Put("a", "first");
        var hinted = 0;
        Ledger.BeforeCommit = async changes =>
        {
            // Stored and not yet recorded: a new version is finished, and its event comes.
            if (changes.OfType<FileStored>().Any() && Interlocked.Exchange(ref hinted, 1) == 0)
            {
                Source.Overwrite("a", "later");
                Source.Hint("a");
                await Task.Delay(300);
            }
        };
        Start();
        await EventuallyAsync(() => Assert.Equal("later", Store.TextOf("a")));
        Assert.Equal(1, Journal.Count("walk"));
    }
}
