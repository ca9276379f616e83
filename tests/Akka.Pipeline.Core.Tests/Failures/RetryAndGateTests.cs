namespace Akka.Pipeline.Core.Tests.Failures;

using Akka.Pipeline.Core.Failures;
using FsCheck;
using FsCheck.Fluent;
using static Facts;

public sealed class RetryAndGateTests
{
    private static readonly RetrySchedule Schedule = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), 5);

    [Theory]
    [InlineData(1, 0, 0.5)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 0.5, 3)]
    [InlineData(11, 1, 600)]
    [InlineData(int.MaxValue, 1, 600)]
    [InlineData(int.MaxValue, 0, 300)]
    public void Delays_double_up_to_the_maximum_and_are_jittered(int failed, double chance, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Schedule.DelayAfter(failed, chance));

    [Fact]
    public void Delays_never_shrink_with_more_failures_and_lie_between_half_and_all_of_the_step()
    {
        var cases = (from failed in Gen.Choose(1, 2000) from first in Gen.Choose(1, 100_000) from chance in Gen.Choose(-10, 110) select (failed, first, chance: chance / 100.0)).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(cases, c =>
        {
            var schedule = new RetrySchedule(TimeSpan.FromMilliseconds(c.first), TimeSpan.FromMinutes(1), 3);
            var delay = schedule.DelayAfter(c.failed, c.chance);
            return delay > TimeSpan.Zero && delay <= schedule.MaximumDelay && delay <= schedule.DelayAfter(c.failed + 1, c.chance)
                && delay * 2 >= schedule.DelayAfter(c.failed, 1) - TimeSpan.FromTicks(2);
        }));
    }

    [Fact]
    public void What_the_other_side_asks_for_is_waited_at_least()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), Schedule.DelayAfter(1, 0, TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.FromSeconds(0.5), Schedule.DelayAfter(1, 0, TimeSpan.FromSeconds(0.1)));
    }

    [Fact]
    public void The_other_side_cannot_ask_for_more_than_the_longest_delay() =>
        Assert.Equal(Schedule.MaximumDelay, Schedule.DelayAfter(1, 0, TimeSpan.MaxValue));

    [Fact]
    public void A_file_is_set_aside_after_its_last_attempt()
    {
        Assert.False(Schedule.IsExhausted(4));
        Assert.True(Schedule.IsExhausted(5));
    }

    [Fact]
    public void An_open_gate_lets_everything_through()
    {
        Assert.True(Gate.Open.IsOpen);
        Assert.True(Gate.Open.Admits(DateTimeOffset.MinValue));
        Assert.Same(Gate.Open, Gate.Open.Admitted());
        Assert.Same(Gate.Open, Gate.Open.TryNow());
    }

    [Fact]
    public void A_closed_gate_lets_one_attempt_through_when_its_time_has_come()
    {
        var closed = Gate.Open.Failed(Refused, wasProbe: false, Noon, Schedule, 1);
        Assert.Equal((1, Noon.AddSeconds(1), Noon), (closed.Attempts, closed.NextAttemptAt, closed.ClosedAt));
        Assert.False(closed.Admits(Noon.AddSeconds(0.9)));
        Assert.True(closed.Admits(Noon.AddSeconds(1)));
        Assert.False(closed.Admitted().Admits(Noon.AddSeconds(1)));
        Assert.True(closed.Admitted().ProbeWasted().Admits(Noon.AddSeconds(1)));
    }

    [Fact]
    public void A_clock_that_is_stepped_back_keeps_no_gate_closed()
    {
        var closed = Gate.Open.Failed(Refused, false, Noon, Schedule, 1).Admitted().Failed(Refused, true, Noon.AddHours(5), Schedule, 1);
        Assert.False(closed.Admits(Noon.AddHours(5)));
        Assert.True(closed.Admits(Noon.AddHours(3)));
        Assert.True(closed.Admits(Noon.AddHours(-3)));
    }

    [Fact]
    public void A_failed_attempt_makes_the_next_wait_longer_and_remembers_since_when()
    {
        var closed = Gate.Open.Failed(Refused, false, Noon, Schedule, 1).Admitted().Failed(Refused, true, Noon.AddSeconds(1), Schedule, 1);
        Assert.Equal((2, Noon.AddSeconds(3), Noon, false), (closed.Attempts, closed.NextAttemptAt, closed.ClosedAt, closed.Probing));
    }

    [Fact]
    public void What_was_under_way_when_the_gate_closed_does_not_count()
    {
        var closed = Gate.Open.Failed(Refused, false, Noon, Schedule, 1).Admitted();
        Assert.Same(closed, closed.Failed(Refused, wasProbe: false, Noon, Schedule, 1));
    }

    [Fact]
    public void Somebody_can_ask_to_try_at_once()
    {
        var closed = Gate.Open.Failed(Refused, false, Noon, Schedule, 1).Admitted().Failed(Refused, true, Noon, Schedule, 1).TryNow();
        Assert.True(closed.Admits(Noon.AddYears(-1)));
        Assert.Equal(1, closed.Attempts);
    }

    [Fact]
    public void A_wall_clock_that_was_stepped_back_stalls_no_gate()
    {
        var closed = Gate.Open.Failed(Refused, false, Noon, Schedule, 1);
        Assert.True(closed.Admits(Noon.AddHours(-1)));
    }
}
