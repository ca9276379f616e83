namespace Akka.Pipeline.Actors.Tests.Fleet;

using Akka.Pipeline.Actors.Fleet;

public sealed class ClaimPaceTests
{
    private const long BatchBytes = 64 << 20;
    private const long Fast = 200 << 20;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ClaimPace pace = new(new FleetSettings(10 * Second, 300, BatchBytes, 64, Second), 3 * Second);

    [Fact]
    public void A_node_whose_speed_is_not_known_claims_one_batch()
    {
        Assert.Equal(BatchBytes, pace.BytesAhead(0, Second));
        Assert.Equal(BatchBytes, pace.BytesAhead(Fast, Second + (Second / 2)));
    }

    [Fact]
    public void A_fast_node_claims_what_it_sends_in_the_foreseen_time()
    {
        pace.BytesAhead(0, Second);

        Assert.Equal(3 * Fast, pace.BytesAhead(Fast, 2 * Second));
    }

    [Fact]
    public void A_node_that_became_slow_claims_one_batch_again()
    {
        pace.BytesAhead(0, Second);
        pace.BytesAhead(Fast, 2 * Second);

        Assert.Equal(BatchBytes, pace.BytesAhead(Fast + 1, 4 * Second));
    }

    [Fact]
    public void Between_two_measurements_the_last_one_counts()
    {
        pace.BytesAhead(0, Second);
        pace.BytesAhead(Fast, 2 * Second);

        Assert.Equal(3 * Fast, pace.BytesAhead(Fast, 2.5 * Second));
    }
}
