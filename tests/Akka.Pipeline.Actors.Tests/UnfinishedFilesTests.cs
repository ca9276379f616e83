namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Core.Files;

/// <summary>Files that somebody still writes.</summary>
public sealed class UnfinishedFilesTests : PipelineTest
{
    [Fact]
    public async Task A_run_that_ends_does_not_wait_for_ever_for_a_writer_that_never_closes()
    {
        Source.Put("open", "x", WriterState.Open);
        Source.Put("good", "x");
        var remainder = await RunAsync();
        Assert.Equal((1, 0, 0), (remainder.BeingWritten, remainder.SetAside, remainder.GivenUp));
        Assert.Equal(["open"], Source.Paths);
        Assert.Equal(["good"], Store.Keys);
    }

    [Fact]
    public async Task A_run_that_ends_does_not_wait_for_ever_for_a_file_that_changes_all_the_time()
    {
        Source.Put("log", "x");
        Source.Put("good", "x");
        var n = 0;
        Source.Before = (what, path) =>
        {
            if (what == "walk" || path == "log")
            {
                Source.Overwrite("log", $"line {n++}");
            }
        };
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.BeingWritten);
        Assert.Equal(["good"], Store.Keys);
    }

    [Fact]
    public async Task A_run_that_ends_waits_a_while_for_writers_that_close()
    {
        Settings = Settings with { OnceWriterWait = TimeSpan.FromSeconds(10) };
        Source.Put("open", "x", WriterState.Open);
        var looks = 0;
        Source.Before = (what, path) =>
        {
            if (what == "observe" && Interlocked.Increment(ref looks) == 2)
            {
                Source.SetWriter(path!, WriterState.None);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("x", Store.TextOf("open"));
    }

    [Fact]
    public async Task A_file_that_was_quiet_for_long_is_looked_at_by_nobody_but_who_uploads_it()
    {
        Source.Put("old", "x", changedAgo: TimeSpan.FromHours(1));
        var looks = 0;
        Source.Before = (what, _) => looks += what == "observe" ? 1 : 0;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("x", Store.TextOf("old"));
        Assert.Equal(0, looks);
    }

    [Fact]
    public async Task A_quiet_file_that_somebody_has_open_is_held_back_until_he_closes_it()
    {
        Settings = Settings with { OnceWriterWait = TimeSpan.FromSeconds(10) };
        Source.Put("old", "x", WriterState.Open, changedAgo: TimeSpan.FromHours(1));
        var opened = 0;
        var looks = 0;
        Source.Before = (what, _) =>
        {
            opened += what == "open" ? 1 : 0;
            if (what == "observe" && ++looks == 3)
            {
                Source.SetWriter("old", WriterState.None);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("x", Store.TextOf("old"));
        Assert.Equal(2, opened);
    }

    [Fact]
    public async Task A_quiet_file_that_changes_after_the_walk_is_uploaded_as_it_is_then()
    {
        Source.Put("old", "before", changedAgo: TimeSpan.FromHours(1));
        var changes = 0;
        Source.Before = (what, _) =>
        {
            if (what == "open" && changes++ == 0)
            {
                Source.Overwrite("old", "after");
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("after", Store.TextOf("old"));
    }

    [Fact]
    public async Task More_unfinished_files_than_a_route_may_hold_come_back_later()
    {
        Settings = Settings with { HeldFiles = 3 };
        Route = Route with { StableAfter = Ms(30) };
        for (var n = 0; n < 20; n++)
        {
            Source.Put($"f{n}", "x");
        }

        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(20, Store.Keys.Count);
    }
}
