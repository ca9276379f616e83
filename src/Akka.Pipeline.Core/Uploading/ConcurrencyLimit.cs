namespace Akka.Pipeline.Core.Uploading;

/// <summary>
/// How many requests to one store are worth having under way at once. It climbs as long as more of them bring more (in longer steps while twice as many bring twice as much), rests at the fewest that bring as
/// much, and looks again now and then, for the way to a store gets longer and shorter. When the store asks to slow down it is halved at once, and raised by one
/// for every full round of successes (additive increase, multiplicative decrease, as TCP does: RFC 5681). Not safe for many threads.
/// </summary>
public sealed class ConcurrencyLimit
{
    private const int First = 8;

    // A request costs about as much as so many bytes of its body; so rounds of small files and rounds of parts can be compared.
    private const double BytesOfARequest = 64 << 10;

    // Twice the requests must bring that much more, and fewer may bring that much less; below that lies noise.
    private const double WorthIt = 1.10;
    private const double AsGood = 0.97;
    private const double Doubled = 1.8;

    private static readonly TimeSpan ShortestRound = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(48);

    // One overload answers many requests that were under way together; they count as one sign.
    private static readonly TimeSpan OneSign = TimeSpan.FromSeconds(1);

    private Doing doing = Doing.Climbing;
    private (int Requests, double Rate) best;
    private TimeSpan rest = ShortestRest;
    private TimeSpan restUntil;
    private bool triesFewerNext;
    private int ceiling;
    private int successes;
    private TimeSpan? loweredAt;
    private int passing;
    private (int Count, int Full, double Work, TimeSpan Since)? round;

    /// <param name="maximum">Never more; 1 or more.</param>
    public ConcurrencyLimit(int maximum)
    {
        Maximum = maximum;
        Current = Math.Min(First, maximum);
    }

    private enum Doing
    {
        Climbing,
        Resting,
        TryingFewer,
        Recovering,
    }

    /// <summary>Requests at once, now.</summary>
    public int Current { get; private set; }

    /// <summary>Never fewer.</summary>
    public int Minimum => Math.Min(2, Maximum);

    /// <summary>Never more.</summary>
    public int Maximum { get; }

    /// <summary>A request succeeded.</summary>
    /// <param name="bodyBytes">That it carried.</param>
    /// <param name="wasFull">Whether about as many requests were under way as may be; otherwise something else is what limits, and nothing can be learned.</param>
    /// <param name="now">Monotonic.</param>
    public void Succeeded(long bodyBytes, bool wasFull, TimeSpan now)
    {
        if (doing == Doing.Recovering)
        {
            Recover(now);
            return;
        }

        // What was under way when the number changed tells of the number before.
        if (passing > 0)
        {
            passing--;
            return;
        }

        var (count, full, work, since) = round ?? (0, 0, 0, now);
        (count, full, work) = (count + 1, full + (wasFull ? 1 : 0), work + 1 + (bodyBytes / BytesOfARequest));
        round = (count, full, work, since);
        if (count <= 2 * Current || now - since < ShortestRound)
        {
            return;
        }

        round = null;
        if (full >= count * 4 / 5)
        {
            Judge(work / (now - since).TotalSeconds, now);
        }
    }

    /// <summary>The store asked to slow down, or did not answer.</summary>
    /// <param name="now">Monotonic.</param>
    public void Overloaded(TimeSpan now)
    {
        successes = 0;
        if (now - loweredAt < OneSign)
        {
            return;
        }

        ceiling = doing == Doing.Recovering ? ceiling : Current;
        (doing, loweredAt, round) = (Doing.Recovering, now, null);
        Current = Math.Max(Minimum, Current / 2);
    }

    private void Recover(TimeSpan now)
    {
        if (++successes < Current)
        {
            return;
        }

        successes = 0;
        Current = Math.Min(Maximum, Current + 1);
        if (Current >= ceiling)
        {
            best = (Current, 0);
            Rest(now);
        }
    }

    private void Judge(double rate, TimeSpan now)
    {
        switch (doing)
        {
            case Doing.Climbing when rate >= best.Rate * WorthIt:
                // Where twice the requests bring twice as much, it is the way to the store that takes the time.
                var step = best.Rate > 0 && rate >= best.Rate * Doubled ? 4 : 2;
                best = (Current, rate);
                rest = ShortestRest;
                Climb(Current * step, now);
                break;
            case Doing.Climbing when Current > 2 * best.Requests && best.Requests > 0:
                Set(2 * best.Requests);
                break;
            case Doing.TryingFewer when rate >= best.Rate * AsGood:
                best = (Current, Math.Max(rate, best.Rate));
                Rest(now);
                break;
            case Doing.Climbing or Doing.TryingFewer:
                Set(best.Requests);
                rest = rest * 2 > LongestRest ? LongestRest : rest * 2;
                Rest(now);
                break;
            case Doing.Resting:
                // The line itself changes; what is compared with has to be of today.
                best = (Current, best.Rate == 0 ? rate : (best.Rate + rate) / 2);
                if (now >= restUntil)
                {
                    TryAnother(now);
                }

                break;
        }
    }

    private void TryAnother(TimeSpan now)
    {
        triesFewerNext = !triesFewerNext;
        if (triesFewerNext || Current == Maximum)
        {
            doing = Doing.TryingFewer;
            Set(Math.Max(Minimum, Current * 3 / 4));
        }
        else
        {
            Climb(Math.Max(Current + 1, Current * 3 / 2), now);
        }
    }

    private void Climb(int requests, TimeSpan now)
    {
        if (Current == Maximum)
        {
            Rest(now);
            return;
        }

        doing = Doing.Climbing;
        Set(Math.Min(Maximum, requests));
    }

    private void Rest(TimeSpan now) => (doing, restUntil, round) = (Doing.Resting, now + rest, null);

    private void Set(int requests)
    {
        Current = requests;
        passing = requests;
        round = null;
    }
}
