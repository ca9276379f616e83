namespace Akka.Pipeline.Actors.Tests.Fleet;

using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Core.Fleet;

public sealed class HeldSessionTests
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SetClock clock = new();
    private readonly TimeSpan start;
    private readonly HeldSession session;

    public HeldSessionTests()
    {
        start = clock.Now;
        session = new HeldSession(new SessionId(7), clock, start, GoodFor);
    }

    [Fact]
    public void It_is_sure_until_shortly_before_the_database_may_end_it()
    {
        clock.Now = start + GoodFor - Second;
        Assert.True(session.IsSure);

        clock.Now = start + GoodFor - (Second / 10);
        Assert.False(session.IsSure);
    }

    [Fact]
    public void A_renewal_counts_from_when_it_was_asked_for_and_not_from_its_answer()
    {
        var asked = start + (5 * Second);
        clock.Now = start + (9 * Second);
        session.Renewed(asked, GoodFor);

        clock.Now = asked + GoodFor - Second;
        Assert.True(session.IsSure);
        clock.Now = asked + GoodFor;
        Assert.False(session.IsSure);
    }

    [Fact]
    public void An_older_renewal_that_comes_late_takes_nothing_away()
    {
        session.Renewed(start + (5 * Second), GoodFor);
        session.Renewed(start + Second, GoodFor);

        clock.Now = start + (14 * Second);
        Assert.True(session.IsSure);
    }

    [Fact]
    public void Once_it_has_ended_no_renewal_brings_it_back()
    {
        session.End();
        session.Renewed(start + Second, GoodFor);

        Assert.False(session.IsSure);
    }

    [Fact]
    public async Task An_end_among_renewals_from_many_threads_stays_the_end()
    {
        var renewals = Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            for (var n = 0; n < 10_000; n++)
            {
                session.Renewed(start + TimeSpan.FromTicks((n * 4) + i), GoodFor);
            }
        })).ToList();
        session.End();
        await Task.WhenAll(renewals);

        Assert.False(session.IsSure);
    }
}
