namespace Akka.Pipeline.Core.Tests.Fleet;

using Akka.Pipeline.Core.Fleet;

public sealed class ClaimLoopTests
{
    private static readonly ClaimLoop Sure = ClaimLoop.Start.Begun().Answered().Next;

    [Fact]
    public void At_first_it_asks_what_an_earlier_incarnation_has_claimed()
    {
        Assert.Equal(ClaimStep.Recover, ClaimLoop.Start.Next(hasRoom: true));
        Assert.Equal(ClaimStep.Claim, Sure.Next(hasRoom: true));
    }

    [Fact]
    public void It_claims_once_at_a_time() => Assert.Equal(ClaimStep.Wait, Sure.Begun().Next(hasRoom: true));

    [Fact]
    public void Without_room_it_claims_nothing() => Assert.Equal(ClaimStep.Wait, Sure.Next(hasRoom: false));

    [Fact]
    public void While_it_rests_it_claims_nothing_and_then_goes_on()
    {
        var resting = Sure with { IsResting = true };
        Assert.Equal(ClaimStep.Wait, resting.Next(hasRoom: true));
        Assert.Equal(ClaimStep.Claim, (resting with { IsResting = false }).Next(hasRoom: true));
    }

    [Fact]
    public void Once_it_has_stopped_it_claims_nothing() => Assert.Equal(ClaimStep.Wait, (Sure with { IsStopped = true }).Next(hasRoom: true));

    [Fact]
    public void A_claim_that_failed_may_have_been_carried_out_so_it_looks_at_what_it_holds()
    {
        var (unsure, news) = Sure.Begun().Failed();
        Assert.Equal((ClaimStep.Recover, ClaimNews.FellIll), (unsure.Next(hasRoom: true), news));
        (var still, news) = unsure.Begun().Failed();
        Assert.Equal((ClaimStep.Recover, ClaimNews.None), (still.Next(hasRoom: true), news));
        (var well, news) = still.Begun().Answered();
        Assert.Equal((ClaimStep.Claim, ClaimNews.Recovered), (well.Next(hasRoom: true), news));
        Assert.Equal(ClaimNews.None, well.Begun().Answered().News);
    }
}
