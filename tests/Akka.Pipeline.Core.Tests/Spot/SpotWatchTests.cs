namespace Akka.Pipeline.Core.Tests.Spot;

using Akka.Pipeline.Core.Spot;

public sealed class SpotWatchTests
{
    private static readonly InstanceLook Nothing = new(true, null, null, Facts.Noon);
    private static readonly InstanceLook Recommended = Nothing with { Rebalance = """{"noticeTime": "2026-01-31T11:59:00Z"}""" };
    private static readonly InstanceLook Taken = Nothing with { Action = """{"action": "terminate", "time": "2026-01-31T12:02:00Z"}""" };

    [Fact]
    public void Nothing_is_announced_until_something_is()
    {
        var (watch, news) = SpotWatch.Start.After(Nothing, Facts.Noon);
        Assert.Equal(new SpotNews(FirstAnswer: true), news);
        (watch, news) = watch.After(Nothing, Facts.Noon);
        Assert.Equal((SpotPhase.Normal, new SpotNews()), (watch.Phase, news));
        Assert.Equal(SpotWatch.Interval, watch.Pause());
    }

    [Fact]
    public void A_recommendation_is_told_once_and_told_again_when_it_is_gone()
    {
        var (watch, news) = Follow(Nothing, Recommended);
        Assert.Equal((SpotPhase.RebalanceRecommended, true), (watch.Phase, news.Rebalance));
        (watch, news) = watch.After(Recommended, Facts.Noon);
        Assert.Null(news.Rebalance);
        (watch, news) = watch.After(Nothing, Facts.Noon);
        Assert.Equal((SpotPhase.Normal, false), (watch.Phase, news.Rebalance));
    }

    [Fact]
    public void A_service_that_is_silent_for_a_moment_takes_no_recommendation_back()
    {
        var (watch, news) = Follow(Recommended, InstanceLook.Unreachable);
        Assert.Equal((SpotPhase.RebalanceRecommended, null), (watch.Phase, news.Rebalance));
    }

    [Fact]
    public void An_interruption_is_told_once_and_is_final()
    {
        var (watch, news) = Follow(Recommended, Taken);
        Assert.Equal(new Interruption(InstanceFate.Terminate, TimeSpan.FromSeconds(119)), news.Interruption);
        (watch, news) = watch.After(Taken, Facts.Noon);
        Assert.Null(news.Interruption);
        (watch, news) = watch.After(Nothing, Facts.Noon);
        Assert.Equal((SpotPhase.Interrupted, null, null), (watch.Phase, news.Interruption, news.Rebalance));
    }

    [Fact]
    public void Where_there_is_no_such_service_looks_become_rare_and_nothing_is_told()
    {
        var watch = SpotWatch.Start;
        var pauses = new List<TimeSpan>();
        for (var look = 0; look < 100; look++)
        {
            (watch, var news) = watch.After(InstanceLook.Unreachable, Facts.Noon);
            Assert.Equal(new SpotNews(), news);
            pauses.Add(watch.Pause());
        }

        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(SpotWatch.RareInterval, pauses[^1]);
    }

    [Fact]
    public void A_service_that_falls_silent_is_told_once_and_looked_at_often()
    {
        var watch = Follow(Nothing).Watch;
        var silent = 0;
        for (var look = 0; look < 100; look++)
        {
            (watch, var news) = watch.After(InstanceLook.Unreachable, Facts.Noon);
            silent += news.FellSilent ? 1 : 0;
            Assert.InRange(watch.Pause(), SpotWatch.Interval, SpotWatch.HiccupInterval);
        }

        Assert.Equal(1, silent);
        (watch, var back) = watch.After(Nothing, Facts.Noon);
        Assert.Equal((new SpotNews(SpokeAgain: true), SpotWatch.Interval), (back, watch.Pause()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("404")]
    [InlineData("<html>Log in</html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"action": 7}""")]
    [InlineData("""{"action": ""}""")]
    [InlineData("""{"action": "terminate" """)]
    [InlineData("""{"noticeTime": 3}""")]
    [InlineData("""{"noticeTime": "soon"}""")]
    public void What_is_no_notice_changes_nothing(string garbage)
    {
        var (watch, news) = Follow(Nothing, Nothing with { Action = garbage, Rebalance = garbage });
        Assert.Equal((SpotPhase.Normal, new SpotNews()), (watch.Phase, news));
    }

    [Fact]
    public void Long_and_deep_texts_are_no_notices()
    {
        Assert.Null(InstanceNotice.Read($$"""{"action": "stop", "padding": "{{new string('x', InstanceNotice.MaximumCharacters)}}"}"""));
        Assert.Null(InstanceNotice.Read(new string('[', 2000)));
    }

    [Theory]
    [InlineData("terminate", InstanceFate.Terminate)]
    [InlineData("stop", InstanceFate.Stop)]
    [InlineData("Hibernate", InstanceFate.Hibernate)]
    [InlineData("vaporize", InstanceFate.Terminate)]
    public void Every_action_has_its_fate(string action, InstanceFate fate) =>
        Assert.Equal(new InstanceNotice(fate, Facts.Noon), InstanceNotice.Read($$"""{"action": "{{action}}", "time": "2026-01-31T12:00:00Z"}"""));

    [Theory]
    [InlineData("2026-01-31T12:02:00Z", 120)]
    [InlineData("2026-01-31T12:00:05Z", 5)]
    [InlineData("2026-01-31T13:02:00+01:00", 120)]
    [InlineData("2026-01-31T12:02:00", 120)]
    [InlineData("2026-01-31T11:59:00Z", 0)]
    [InlineData("2026-02-28T12:00:00Z", 120)]
    [InlineData("no time", 30)]
    public void The_time_left_is_never_negative_and_never_more_than_a_notice_gives(string time, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Departure.TimeLeft(InstanceNotice.Read($$"""{"action": "terminate", "time": "{{time}}"}""")!, Facts.Noon));

    [Fact]
    public void The_clock_of_the_service_counts_where_it_is_told()
    {
        var ours = Facts.Noon.AddMinutes(20);
        Assert.Equal(TimeSpan.FromSeconds(119), SpotWatch.Start.After(Taken, ours).News.Interruption!.TimeLeft);
        Assert.Equal(TimeSpan.Zero, SpotWatch.Start.After(Taken with { ServerTime = null }, ours).News.Interruption!.TimeLeft);
    }

    [Fact]
    public void A_time_told_in_whole_seconds_may_be_a_second_old()
    {
        // The service's clock stands at 12:00:00.999, the notice says 12:00:05: 4 s are left, and its header says 12:00:00.
        var watch = SpotWatch.Start.After(Nothing with { Action = """{"action": "stop", "time": "2026-01-31T12:00:05Z"}""", ServerTime = Facts.Noon }, Facts.Noon);
        Assert.Equal(TimeSpan.FromSeconds(4), watch.News.Interruption!.TimeLeft);
    }

    [Fact]
    public void Before_hibernation_there_is_time_only_to_hand_back() =>
        Assert.Equal(Departure.BeforeHibernation, Departure.TimeLeft(new InstanceNotice(InstanceFate.Hibernate, Facts.Noon.AddMinutes(2)), Facts.Noon));

    [Theory]
    [InlineData(120, 10)]
    [InlineData(30, 6)]
    [InlineData(5, 1.5)]
    [InlineData(2, 1.5)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    public void A_fifth_of_the_time_is_kept_for_the_end_but_no_less_than_an_end_takes_and_ten_seconds_at_most(int left, double reserve) =>
        Assert.Equal(TimeSpan.FromSeconds(reserve), Departure.Reserve(TimeSpan.FromSeconds(left)));

    private static (SpotWatch Watch, SpotNews News) Follow(params InstanceLook[] looks)
    {
        var (watch, news) = (SpotWatch.Start, new SpotNews());
        foreach (var look in looks)
        {
            (watch, news) = watch.After(look, Facts.Noon);
        }

        return (watch, news);
    }
}
