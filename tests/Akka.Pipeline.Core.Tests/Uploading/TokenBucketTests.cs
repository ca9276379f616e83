namespace Akka.Pipeline.Core.Tests.Uploading;

using Akka.Pipeline.Core.Uploading;
using FsCheck;
using FsCheck.Fluent;

public sealed class TokenBucketTests
{
    [Fact]
    public void A_full_bucket_lets_a_burst_of_one_second_through_at_once()
    {
        var bucket = new TokenBucket(1000, Seconds(5));
        Assert.Equal(TimeSpan.Zero, bucket.Take(1000, Seconds(5)));
        Assert.Equal(Seconds(0.5), bucket.Take(500, Seconds(5)));
        Assert.Equal(TimeSpan.Zero, bucket.Take(500, Seconds(6)));
    }

    [Fact]
    public void A_block_larger_than_the_burst_passes_and_the_next_one_waits_for_it()
    {
        var bucket = new TokenBucket(1000, TimeSpan.Zero);
        Assert.Equal(Seconds(9), bucket.Take(10_000, TimeSpan.Zero));
        Assert.Equal(Seconds(1), bucket.Take(1000, Seconds(9)));
    }

    [Fact]
    public void Idle_time_saves_up_no_more_than_one_second()
    {
        var bucket = new TokenBucket(1000, TimeSpan.Zero);
        Assert.Equal(Seconds(1), bucket.Take(2000, Seconds(3600)));
    }

    [Fact]
    public void Whoever_waits_as_told_never_exceeds_the_rate_by_more_than_the_burst()
    {
        var takes = Gen.ArrayOf(from bytes in Gen.Choose(0, 3000) from idleMs in Gen.Choose(0, 500) select (bytes, idleMs)).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(takes, story =>
        {
            var bucket = new TokenBucket(1000, TimeSpan.Zero);
            var (now, flown) = (TimeSpan.Zero, 0.0);
            foreach (var (bytes, idleMs) in story)
            {
                now += TimeSpan.FromMilliseconds(idleMs);
                now += bucket.Take(bytes, now);
                flown += bytes;
                if (flown > 1000 + (now.TotalSeconds * 1000) + 0.01)
                {
                    return false;
                }
            }

            return true;
        }));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
