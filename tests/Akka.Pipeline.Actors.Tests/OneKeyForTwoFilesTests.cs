namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;

/// <summary>Two files that map to one key.</summary>
public sealed class OneKeyForTwoFilesTests : PipelineTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Of_two_files_with_one_key_the_second_is_set_aside_even_when_both_come_at_once(int batch)
    {
        Uploads = Uploads with { Slots = 1, BatchFiles = batch };
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")) };
        Source.Put("x/same", "one");
        Source.Put("y/same", "two");
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        var left = Assert.Single(Source.Paths);
        Assert.NotEqual(Source.TextOf(left), Store.TextOf("same"));
        Assert.Equal(1, Journal.Count("put same"));
        Assert.Equal("KeyConflict", Ledger.Find(left)!.Trouble!.Failure.Code);
    }

    [Fact]
    public async Task Of_two_files_with_one_key_none_is_overwritten_while_the_ledger_is_slow()
    {
        Uploads = Uploads with { MultipartFromBytes = 4 };
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")) };
        Source.Put("x/same", "one");
        Source.Put("y/same", "a longer one, in parts");
        Ledger.BeforeCommit = changes => changes.OfType<FileStored>().Any() ? Task.Delay(100) : Task.CompletedTask;
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Assert.NotEqual(Source.TextOf(Assert.Single(Source.Paths)), Store.TextOf("same"));
    }

    [Fact]
    public async Task Of_two_files_with_one_key_and_equal_content_both_are_done()
    {
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")) };
        Source.Put("x/same", "one");
        Source.Put("y/same", "one");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(1, Journal.Count("put same"));
    }

    [Fact]
    public async Task Where_the_last_one_wins_both_files_are_done()
    {
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")), Conflict = ConflictMode.Overwrite };
        Source.Put("x/same", "one");
        Source.Put("y/same", "two");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(2, Journal.Count("put same"));
    }
}
