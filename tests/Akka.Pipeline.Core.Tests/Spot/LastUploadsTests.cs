namespace Akka.Pipeline.Core.Tests.Spot;

using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Spot;
using FsCheck;
using FsCheck.Fluent;

public sealed class LastUploadsTests
{
    private const long Small = 4 << 20;
    private const double MiB = 1 << 20;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1, 1_000.0, 1_000)] // A small one goes whatever else does.
    [InlineData(40, 1.0, 0)] // 40 MiB at 1 MiB/s in a minute.
    [InlineData(40, 10.0, 400)] // Beside 400 MiB, at 10 MiB/s.
    [InlineData(1_000, 1.0, 0)] // The line is idle: it is tried.
    [InlineData(1_000, null, 0)]
    public void It_may_start(long sizeMiB, double? rateMiB, long underWayMiB) =>
        Assert.True(LastUploads.MayStart(sizeMiB << 20, Small, Minute, rateMiB * MiB, underWayMiB << 20));

    [Theory]
    [InlineData(40, 1.0, 20)]
    [InlineData(50, 1.0, 1)] // The rate is not trusted to the last byte.
    [InlineData(5, null, 1)] // What the line carries is not known yet.
    public void It_waits(long sizeMiB, double? rateMiB, long underWayMiB) =>
        Assert.False(LastUploads.MayStart(sizeMiB << 20, Small, Minute, rateMiB * MiB, underWayMiB << 20));

    [Fact]
    public void Nothing_starts_once_the_time_is_up() => Assert.False(LastUploads.MayStart(1, Small, TimeSpan.Zero, MiB, 0));

    [Theory]
    [InlineData(1_000, 1.0, true, false)]
    [InlineData(1_000, 1.0, false, true)] // Nobody could use its place.
    [InlineData(40, 1.0, true, true)]
    [InlineData(1, 0.0001, true, true)]
    [InlineData(1_000, null, true, true)]
    public void An_upload_goes_on_if_it_can_end_in_time_or_is_in_nobodys_way(long remainingMiB, double? rateMiB, bool othersWait, bool goesOn) =>
        Assert.Equal(goesOn, LastUploads.GoesOn(remainingMiB << 20, Small, Minute, rateMiB * MiB, othersWait));

    [Fact]
    public void A_shorter_file_may_start_wherever_a_longer_one_may() =>
        Prop.ForAll<uint, uint, uint>((one, other, rate) =>
            !LastUploads.MayStart(Math.Max(one, other), 10, Minute, rate, 100) || LastUploads.MayStart(Math.Min(one, other), 10, Minute, rate, 100)).QuickCheckThrowOnFailure();

    [Fact]
    public void A_rate_is_that_of_the_window_and_the_best_one_is_kept()
    {
        var rate = new RecentRate(TimeSpan.FromSeconds(10));
        Assert.Null(rate.PerSecond(TimeSpan.Zero, 0));
        for (var second = 0; second <= 10; second++)
        {
            rate.Sample(TimeSpan.FromSeconds(second), second * 100);
        }

        Assert.Equal(100, rate.PerSecond(TimeSpan.FromSeconds(10), 1000));
        for (var second = 11; second <= 40; second++)
        {
            rate.Sample(TimeSpan.FromSeconds(second), 1000);
        }

        Assert.Equal(0, rate.PerSecond(TimeSpan.FromSeconds(40), 1000));
        Assert.Equal(100, rate.Best);
    }

    [Fact]
    public void A_rate_of_less_than_a_second_is_none()
    {
        var rate = new RecentRate(TimeSpan.FromSeconds(10));
        rate.Sample(TimeSpan.Zero, 0);
        rate.Sample(TimeSpan.FromMilliseconds(10), 1_000_000);
        rate.Sample(TimeSpan.FromMilliseconds(900), 1_000_000);
        Assert.Null(rate.PerSecond(TimeSpan.FromMilliseconds(900), 1_000_000));
        Assert.Null(rate.Best);
    }
}
