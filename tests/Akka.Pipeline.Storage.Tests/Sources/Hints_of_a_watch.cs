namespace Akka.Pipeline.Storage.Tests.Sources;

using Akka.Pipeline.Storage.Posix;
using Akka.Pipeline.Storage.Sources;

public sealed class Hints_of_a_watch
{
    private int woken;

    [Fact]
    public void Each_path_is_given_once_and_the_callback_comes_when_there_is_something_again()
    {
        var hints = new WatchHints(() => woken++);
        Assert.True(hints.TryAdd("a"));
        Assert.True(hints.TryAdd("b"));
        Assert.True(hints.TryAdd("a"));
        Assert.Equal(1, woken);

        Assert.Equal(["a"], hints.Take(1).Paths);
        Assert.True(hints.TryAdd("c"));
        Assert.Equal(1, woken);
        Assert.Equal(["b", "c"], hints.Take(10).Paths);
        Assert.True(hints.TryAdd("a"));
        Assert.Equal(2, woken);
    }

    [Fact]
    public void Without_room_a_walk_is_asked_for_once()
    {
        var hints = new WatchHints(() => woken++, maximumPaths: 2);
        Assert.True(hints.TryAdd("a"));
        Assert.True(hints.TryAdd("b"));
        Assert.True(hints.TryAdd("b"));
        Assert.False(hints.TryAdd("c"));

        var batch = hints.Take(10);
        Assert.Equal(["a", "b"], batch.Paths);
        Assert.True(batch.WalkNeeded);
        Assert.False(hints.Take(10).WalkNeeded);
    }

    [Fact]
    public void The_kernels_limit_is_told_once_with_its_cure()
    {
        var hints = new WatchHints(() => woken++);
        hints.ReportLimit("/source", Errno.NoSpace, "max_user_watches");
        hints.ReportLimit("/source", Errno.NoSpace, "max_user_watches");

        var batch = hints.Take(10);
        Assert.Contains("sysctl fs.inotify.max_user_watches=", Assert.Single(batch.Notices).Failure.Cure, StringComparison.Ordinal);
        Assert.True(batch.WalkNeeded);
        hints.ReportLimit("/source", Errno.NoSpace, "max_user_watches");
        Assert.Empty(hints.Take(10).Notices);
        Assert.Equal(1, woken);
    }
}
