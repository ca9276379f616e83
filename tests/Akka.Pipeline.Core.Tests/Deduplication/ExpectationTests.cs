namespace Akka.Pipeline.Core.Tests.Deduplication;

using Akka.Pipeline.Core.Deduplication;

public sealed class ExpectationTests
{
    private const long Small = Expectation.SmallBytes;
    private const long Large = Expectation.SmallBytes + 1;

    [Fact]
    public void What_is_not_known_better_is_written_at_once() =>
        Assert.Equal((false, false), (Expectation.None.AsksFirst(Small, mayBeStored: false), Expectation.None.AsksFirst(Large, mayBeStored: false)));

    [Fact]
    public void What_a_dead_node_may_have_stored_is_asked_for_where_its_body_counts() =>
        Assert.Equal((false, true), (Expectation.None.AsksFirst(Small, mayBeStored: true), Expectation.None.AsksFirst(Large, mayBeStored: true)));

    [Theory]
    [InlineData("there", false, true)]
    [InlineData("there there", true, true)]
    [InlineData("there there there there there", true, true)]
    [InlineData("there there new", false, true)]
    [InlineData("there there new new", false, false)]
    [InlineData("there there there there there new new", false, true)]
    [InlineData("new new new there", false, true)]
    [InlineData("new new new there there", true, true)]
    public void The_next_ones_will_be_what_the_last_ones_were(string last, bool asksSmall, bool asksLarge)
    {
        var expectation = last.Split(' ').Aggregate(Expectation.None, (before, file) => before.After(wasThere: file == "there"));
        Assert.Equal((asksSmall, asksLarge), (expectation.AsksFirst(Small, mayBeStored: false), expectation.AsksFirst(Large, mayBeStored: false)));
        Assert.True(expectation.HasEvidence);
    }

    [Theory]
    [InlineData(1000, 0)]
    [InlineData(0, 1000)]
    [InlineData(500, 500)]
    public void Of_all_that_is_there_or_all_that_is_new_few_cost_two_requests(int there, int fresh)
    {
        var (expectation, requests) = (Expectation.None, 0);
        foreach (var isThere in Enumerable.Repeat(true, there).Concat(Enumerable.Repeat(false, fresh)))
        {
            requests += expectation.AsksFirst(Small, mayBeStored: false) == isThere ? 1 : 2;
            expectation = expectation.After(isThere);
        }

        Assert.InRange(requests, 1000, 1004);
    }
}
