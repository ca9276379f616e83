namespace Akka.Pipeline.Core.Tests.Stability;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Stability;
using FsCheck;
using FsCheck.Fluent;
using static Facts;

public sealed class StabilityRuleTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(10);
    private static readonly StabilityRule Local = new(TimeSpan.FromSeconds(2), TrustsChangeTime: true);
    private static readonly StabilityRule Network = Local with { TrustsChangeTime = false };

    [Fact]
    public void A_file_that_last_changed_long_ago_is_ready_at_the_first_look() =>
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(Look(changedSecondsAgo: 2), null, NoonNs, Start));

    [Theory]
    [InlineData(2, true)]
    [InlineData(1.9, false)]
    [InlineData(-3600, false)]
    public void The_change_time_alone_tells_of_a_quiet_file_where_it_can_be_trusted(double changedSecondsAgo, bool isQuiet)
    {
        var seen = Look(changedSecondsAgo).Sighting!;
        Assert.Equal(isQuiet, Local.IsQuietByChangeTime(seen, NoonNs));
        Assert.False(Network.IsQuietByChangeTime(seen, NoonNs));
    }

    [Fact]
    public void A_file_that_changed_just_now_is_looked_at_again_when_it_may_be_quiet()
    {
        var hold = Hold(Local.Judge(Look(changedSecondsAgo: 0.5), null, NoonNs, Start));
        Assert.Equal(Start + TimeSpan.FromSeconds(1.5), hold.LookAgainAt);
        Assert.False(hold.BeingWritten);
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(Look(changedSecondsAgo: 0.5), hold.State, After(1.5), hold.LookAgainAt));
    }

    [Fact]
    public void A_file_that_is_not_there_is_gone() =>
        Assert.IsType<StabilityVerdict.Gone>(Local.Judge(new FileObservation("a", null, WriterState.Unknown), null, NoonNs, Start));

    [Fact]
    public void A_file_that_changes_restarts_its_quiet_period()
    {
        var first = Hold(Local.Judge(Look(0), null, NoonNs, Start));
        var changed = Look(-1.5, version: 2);
        var second = Hold(Local.Judge(changed, first.State, After(2), Start + Seconds(2)));
        Assert.Equal(Start + Seconds(3.5), second.LookAgainAt);
        Assert.IsType<StabilityVerdict.Hold>(Local.Judge(changed, second.State, After(3.4), Start + Seconds(3.4)));
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(changed, second.State, After(3.5), Start + Seconds(3.5)));
    }

    [Fact]
    public void A_file_that_is_appended_to_every_second_is_never_ready()
    {
        Quiet? state = null;
        for (var second = 0; second < 1000; second++)
        {
            var look = new FileObservation("a", new FileSighting("a", Version(second), After(second)), WriterState.None);
            state = Hold(Local.Judge(look, state, After(second + 0.99), Start + Seconds(second + 0.99))).State;
        }
    }

    [Fact]
    public void A_forged_old_mtime_does_not_make_a_new_file_old()
    {
        var ancient = new FileSighting("a", new Fingerprint(1, 0, 1, 7), NoonNs);
        Assert.IsType<StabilityVerdict.Hold>(Local.Judge(new FileObservation("a", ancient, WriterState.None), null, NoonNs, Start));
    }

    [Fact]
    public void A_file_rewritten_with_its_old_mtime_restarts_its_quiet_period()
    {
        var first = Hold(Local.Judge(Look(0), null, NoonNs, Start));
        var rewritten = new FileObservation("a", Seen(1) with { ChangedUnixNs = After(1.5) }, WriterState.None);
        var second = Hold(Local.Judge(rewritten, first.State, After(2), Start + Seconds(2)));
        Assert.Equal(Start + Seconds(3.5), second.LookAgainAt);
    }

    [Fact]
    public void A_forged_mtime_in_the_future_stalls_nothing()
    {
        var future = new FileSighting("a", new Fingerprint(1, long.MaxValue, 1, 7), NoonNs - 3_000_000_000L);
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(new FileObservation("a", future, WriterState.None), null, NoonNs, Start));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-3600)]
    [InlineData(-1e9)]
    public void A_change_time_in_the_future_proves_nothing_and_stalls_nothing(double changedSecondsAgo)
    {
        var hold = Hold(Local.Judge(Look(changedSecondsAgo), null, NoonNs, Start));
        Assert.Equal(Start + Seconds(2), hold.LookAgainAt);
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(Look(changedSecondsAgo), hold.State, After(2), hold.LookAgainAt));
    }

    [Fact]
    public void A_clock_that_is_stepped_forward_between_two_looks_makes_no_change_old()
    {
        var first = Hold(Local.Judge(Look(0), null, NoonNs, Start));
        var changed = new FileObservation("a", Seen(2) with { ChangedUnixNs = After(1) }, WriterState.None);
        var second = Hold(Local.Judge(changed, first.State, After(3601), Start + Seconds(1)));
        Assert.True(second.State.QuietSince >= first.State.LookedAt);
        Assert.IsType<StabilityVerdict.Hold>(Local.Judge(changed, second.State, After(3602), Start + Seconds(1.9)));
    }

    [Fact]
    public void A_clock_that_is_stepped_back_between_two_looks_does_not_stall_a_quiet_file()
    {
        var first = Hold(Local.Judge(Look(1), null, NoonNs, Start));
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(Look(1), first.State, After(-3600), Start + Seconds(1)));
    }

    [Fact]
    public void On_a_network_file_system_only_time_that_we_watched_counts()
    {
        var hold = Hold(Network.Judge(Look(3600), null, NoonNs, Start));
        Assert.Equal(Start + Seconds(2), hold.LookAgainAt);
        Assert.IsType<StabilityVerdict.Ready>(Network.Judge(Look(3600), hold.State, After(2), Start + Seconds(2)));
    }

    [Fact]
    public void A_file_that_is_open_for_writing_is_not_ready_however_old_it_is()
    {
        var hold = Hold(Local.Judge(Look(3600, writer: WriterState.Open), null, NoonNs, Start));
        Assert.True(hold.BeingWritten);
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(Look(3600), hold.State, After(1), Start + Seconds(1)));
    }

    [Fact]
    public void Looks_at_a_file_with_a_writer_become_rarer_up_to_a_limit_and_start_afresh_when_it_closes()
    {
        Quiet? state = null;
        var waits = new List<TimeSpan>();
        var now = Start;
        for (var look = 0; look < 50; look++)
        {
            var hold = Hold(Local.Judge(Look(0, writer: WriterState.Open), state, After((now - Start).TotalSeconds), now));
            waits.Add(hold.LookAgainAt - now);
            (state, now) = (hold.State, hold.LookAgainAt);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.Equal(TimeSpan.FromMilliseconds(500), waits[0]);
        Assert.Equal(StabilityRule.LongestWriterWait, waits[^1]);
        var closed = Hold(Local.Judge(Look(0, version: 2), state, After(1), now));
        Assert.Equal(0, closed.State.LooksWithWriter);
    }

    [Fact]
    public void An_unknown_writer_counts_quiet_time_only() =>
        Assert.IsType<StabilityVerdict.Ready>(Local.Judge(Look(3, writer: WriterState.Unknown), null, NoonNs, Start));

    // Looks at random times, at a file that changes at random times, under a wall clock that jumps: a file is ready only if its fingerprint was the same at every look of the
    // quiet period, and, where ctime is not trusted, only after a whole quiet period under our eyes.
    [Fact]
    public void Ready_implies_that_nothing_changed_for_the_quiet_period()
    {
        var step = from waitMs in Gen.Choose(1, 3000)
                   from change in Gen.Choose(0, 3)
                   from clockJumpS in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(-4000, 4000)))
                   select (waitMs, changes: change == 0, clockJumpS);
        var story = Gen.ArrayOf(step, 40).ToArbitrary();
        foreach (var rule in new[] { Local, Network })
        {
            Check.QuickThrowOnFailure(Prop.ForAll(story, steps => HoldsFor(rule, steps)));
        }
    }

    private static bool HoldsFor(StabilityRule rule, (int WaitMs, bool Changes, int ClockJumpS)[] steps)
    {
        Quiet? state = null;
        var (now, wallNs, version) = (Start, NoonNs, 1);
        var (changedAt, changedWallNs, firstLook) = (Start, NoonNs, Start);
        foreach (var (waitMs, changes, jump) in steps)
        {
            now += TimeSpan.FromMilliseconds(waitMs);
            wallNs += (waitMs * 1_000_000L) + (jump * 1_000_000_000L);
            if (changes)
            {
                version++;
                (changedAt, changedWallNs) = (now, wallNs);
            }

            var known = state is not null && state.Fingerprint == Version(version);
            var look = new FileObservation("a", new FileSighting("a", Version(version), changedWallNs), WriterState.None);
            firstLook = state is null ? now : firstLook;
            switch (rule.Judge(look, state, wallNs, now))
            {
                case StabilityVerdict.Ready:
                    // Only a clock that was stepped forward before the very first look can deceive, and only where ctime is trusted.
                    var quiet = now - changedAt;
                    return quiet >= rule.StableAfter && (rule.TrustsChangeTime || now - firstLook >= rule.StableAfter)
                        || (rule.TrustsChangeTime && !known);
                case StabilityVerdict.Hold hold:
                    if (hold.LookAgainAt > now + rule.StableAfter)
                    {
                        return false;
                    }

                    state = hold.State;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static StabilityVerdict.Hold Hold(StabilityVerdict verdict) => Assert.IsType<StabilityVerdict.Hold>(verdict);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static long After(double seconds) => NoonNs + (long)(seconds * 1e9);

    private static FileObservation Look(double changedSecondsAgo, int version = 1, WriterState writer = WriterState.None) =>
        new("a", Seen(version) with { ChangedUnixNs = After(-changedSecondsAgo) }, writer);
}
