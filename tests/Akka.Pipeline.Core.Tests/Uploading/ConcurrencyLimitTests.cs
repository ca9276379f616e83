namespace Akka.Pipeline.Core.Tests.Uploading;

using Akka.Pipeline.Core.Uploading;
using FsCheck;
using FsCheck.Fluent;

public sealed class ConcurrencyLimitTests
{
    [Theory]
    [InlineData(0.2, 5_000, 2, 64)]
    [InlineData(20, 5_000, 64, 256)]
    [InlineData(20, 1_000_000, 256, 256)]
    [InlineData(200, 1_000_000, 256, 256)]
    public void The_best_number_is_found_for_any_latency(double latencyMs, double mostPerSecond, int least, int most)
    {
        var store = new Line(latencyMs, mostPerSecond);
        var limit = new ConcurrencyLimit(256);
        store.Run(limit, TimeSpan.FromSeconds(10));
        Assert.InRange(limit.Current, least, most);
        Assert.True(store.RateWith(limit.Current) >= 0.85 * store.RateWith(256), $"{limit.Current}: {store.RateWith(limit.Current)} of {store.RateWith(256)}");
    }

    [Fact]
    public void At_20_ms_it_has_climbed_within_a_second()
    {
        var limit = new ConcurrencyLimit(256);
        new Line(20, 1_000_000).Run(limit, TimeSpan.FromSeconds(1));
        Assert.Equal(256, limit.Current);
    }

    [Fact]
    public void Where_twice_as_many_bring_twice_as_much_it_climbs_in_steps_of_four_and_halves_one_that_was_too_long()
    {
        var (limit, now) = (new ConcurrencyLimit(256), TimeSpan.Zero);
        Assert.Equal([8, 16, 64, 32, 64], new[] { 400.0, 800, 820, 900 }.Select(Round).Prepend(8));

        // Until the number changes, with so many a second.
        int Round(double rate)
        {
            var before = limit.Current;
            for (var i = 0; i < 1000 && limit.Current == before; i++)
            {
                limit.Succeeded(0, wasFull: true, now += TimeSpan.FromSeconds(1 / rate));
            }

            return limit.Current;
        }
    }

    [Fact]
    public void When_the_way_to_the_store_gets_longer_the_number_grows_again()
    {
        var limit = new ConcurrencyLimit(256);
        var line = new Line(1, 5_000);
        line.Run(limit, TimeSpan.FromSeconds(30));
        Assert.InRange(limit.Current, 2, 64);
        line.LatencyMs = 100;
        line.Run(limit, TimeSpan.FromMinutes(4));
        Assert.True(limit.Current >= 128, $"{limit.Current}");
    }

    [Fact]
    public void Where_something_else_is_what_limits_nothing_is_learned()
    {
        var limit = new ConcurrencyLimit(256);
        for (var i = 0; i < 100_000; i++)
        {
            limit.Succeeded(4096, wasFull: false, TimeSpan.FromMilliseconds(i));
        }

        Assert.Equal(8, limit.Current);
    }

    [Fact]
    public void Rounds_of_small_files_and_of_parts_are_told_apart_by_their_work()
    {
        // The same line at 100 MB/s: few large requests a second are no slump.
        var limit = new ConcurrencyLimit(256);
        new Line(1, 1_500, bodyBytes: 4096).Run(limit, TimeSpan.FromSeconds(5));
        var before = limit.Current;
        new Line(1, 12, bodyBytes: 8 << 20).Run(limit, TimeSpan.FromSeconds(5));
        Assert.InRange(limit.Current, before / 2, before * 2);
    }

    [Fact]
    public void Overload_halves_the_requests_at_once_and_a_full_round_of_successes_adds_one()
    {
        var limit = new ConcurrencyLimit(32);
        limit.Overloaded(Seconds(10));
        Assert.Equal(4, limit.Current);
        Succeed(limit, 3);
        Assert.Equal(4, limit.Current);
        Succeed(limit, 1);
        Assert.Equal(5, limit.Current);
    }

    [Fact]
    public void Overloads_within_a_second_are_one_sign()
    {
        var limit = new ConcurrencyLimit(32);
        limit.Overloaded(Seconds(10));
        limit.Overloaded(Seconds(10.9));
        Assert.Equal(4, limit.Current);
        limit.Overloaded(Seconds(11));
        Assert.Equal(2, limit.Current);
    }

    [Fact]
    public void The_first_overload_counts_even_when_the_clock_begins_at_zero()
    {
        var limit = new ConcurrencyLimit(32);
        limit.Overloaded(TimeSpan.Zero);
        Assert.Equal(4, limit.Current);
    }

    [Fact]
    public void The_limit_stays_between_its_bounds_whatever_happens()
    {
        var stories = (from maximum in Gen.Choose(1, 100) from events in Gen.ArrayOf(Gen.Choose(0, 20)) select (maximum, events)).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(stories, story =>
        {
            var limit = new ConcurrencyLimit(story.maximum);
            var now = TimeSpan.Zero;
            foreach (var e in story.events)
            {
                for (var repeat = 0; repeat <= e * 20; repeat++)
                {
                    now += TimeSpan.FromMilliseconds(e);
                    if (e == 0)
                    {
                        limit.Overloaded(now);
                    }
                    else
                    {
                        limit.Succeeded(e * 10_000, wasFull: e % 3 > 0, now);
                    }

                    if (limit.Current < limit.Minimum || limit.Current > limit.Maximum)
                    {
                        return false;
                    }
                }
            }

            return limit.Minimum >= 1;
        }));
    }

    private static void Succeed(ConcurrencyLimit limit, int times)
    {
        for (var i = 0; i < times; i++)
        {
            limit.Succeeded(0, wasFull: true, Seconds(20));
        }
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>A store that answers each request after its latency, and all together no faster than it can.</summary>
    private sealed class Line(double latencyMs, double mostPerSecond, long bodyBytes = 4096)
    {
        private TimeSpan now;

        public double LatencyMs { get; set; } = latencyMs;

        public double RateWith(int requests) => Math.Min(requests * 1000 / LatencyMs, mostPerSecond);

        public void Run(ConcurrencyLimit limit, TimeSpan duration)
        {
            for (var end = now + duration; now < end;)
            {
                now += TimeSpan.FromSeconds(1 / RateWith(limit.Current));
                limit.Succeeded(bodyBytes, wasFull: true, now);
            }
        }
    }
}
