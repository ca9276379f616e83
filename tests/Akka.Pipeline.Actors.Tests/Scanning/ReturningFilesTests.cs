namespace Akka.Pipeline.Actors.Tests.Scanning;

using System.Globalization;
using Akka.Pipeline.Actors.Scanning;

public sealed class ReturningFilesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private readonly ReturningFiles files = new(longest: TimeSpan.FromHours(1));

    [Fact]
    public void Files_come_back_in_the_order_of_their_times()
    {
        files.Add("late", Noon.AddSeconds(2));
        files.Add("early", Noon.AddSeconds(1));
        Assert.Equal(Noon.AddSeconds(1), files.Next);
        Assert.Empty(files.TakeDue(Noon, 10));
        Assert.Equal(["early"], files.TakeDue(Noon.AddSeconds(1), 10));
        Assert.Equal(["late"], files.TakeDue(Noon.AddSeconds(9), 10));
        Assert.Null(files.Next);
    }

    [Fact]
    public void A_clock_that_is_stepped_back_holds_nothing_back()
    {
        files.Add("waits", Noon.AddMinutes(1));
        Assert.Empty(files.TakeDue(Noon, 10));
        Assert.Equal(["waits"], files.TakeDue(Noon.AddHours(-3), 10));
    }

    [Fact]
    public void No_more_are_taken_than_asked_for()
    {
        files.Add("a", Noon);
        files.Add("b", Noon);
        Assert.Single(files.TakeDue(Noon, 1));
        Assert.Single(files.TakeDue(Noon, 1));
        Assert.Empty(files.TakeDue(Noon, 1));
    }

    [Fact]
    public void A_file_comes_back_once_and_at_its_earliest_time()
    {
        files.Add("a", Noon.AddSeconds(5));
        files.Add("a", Noon.AddSeconds(9));
        files.Add("a", Noon.AddSeconds(1));
        Assert.Equal(["a"], files.TakeDue(Noon.AddSeconds(1), 10));
        Assert.Empty(files.TakeDue(Noon.AddSeconds(60), 10));
    }

    [Fact]
    public void A_file_met_again_by_every_walk_is_remembered_once()
    {
        for (var walk = 0; walk < 100; walk++)
        {
            for (var file = 0; file < 200; file++)
            {
                files.Add($"f{file}", Noon);
            }
        }

        Assert.False(files.NeedsWalk(Noon));
        Assert.Equal(200, files.TakeDue(Noon, 100_000).Count);
    }

    [Fact]
    public void More_than_can_be_remembered_by_name_are_left_to_a_walk()
    {
        for (var file = 0; file < 10_001; file++)
        {
            files.Add(file.ToString(CultureInfo.InvariantCulture), Noon.AddSeconds(10_001 - file));
        }

        Assert.Equal(Noon.AddSeconds(1), files.Next);
        Assert.False(files.NeedsWalk(Noon));
        Assert.True(files.NeedsWalk(Noon.AddSeconds(1)));
        files.WalkBegins();
        Assert.False(files.NeedsWalk(Noon.AddYears(1)));
        Assert.Equal(Noon.AddSeconds(2), files.Next);
    }

    [Fact]
    public void Nothing_comes_back_after_clearing()
    {
        files.Add("a", Noon);
        files.Clear();
        Assert.Null(files.Next);
        Assert.Empty(files.TakeDue(Noon, 10));
    }
}
