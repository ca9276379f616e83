namespace Akka.Pipeline.Core.Uploading;

/// <summary>
/// How many requests may be under way at once: halved when the store asks to slow down or does not answer, raised by one for every full
/// round of successes (additive increase, multiplicative decrease, as TCP does: RFC 5681). Immutable.
/// </summary>
/// <param name="Current">Requests at once, now.</param>
/// <param name="Minimum">Never fewer.</param>
/// <param name="Maximum">Never more.</param>
/// <param name="Successes">Since the last change.</param>
/// <param name="LoweredAt">When it was last halved (monotonic).</param>
public sealed record ConcurrencyLimit(int Current, int Minimum, int Maximum, int Successes, TimeSpan LoweredAt)
{
    // One overload answers many requests that were under way together; they count as one sign.
    private static readonly TimeSpan OneSign = TimeSpan.FromSeconds(1);

    public static ConcurrencyLimit Starting(int maximum) => new(maximum, Math.Min(2, maximum), maximum, 0, TimeSpan.MinValue);

    /// <summary>A request succeeded.</summary>
    public ConcurrencyLimit Succeeded() =>
        Current >= Maximum ? this
        : Successes + 1 >= Current ? this with { Current = Current + 1, Successes = 0 }
        : this with { Successes = Successes + 1 };

    /// <summary>The store asked to slow down, or did not answer.</summary>
    public ConcurrencyLimit Overloaded(TimeSpan now) =>
        LoweredAt != TimeSpan.MinValue && now - LoweredAt < OneSign
            ? this with { Successes = 0 }
            : this with { Current = Math.Max(Minimum, Current / 2), Successes = 0, LoweredAt = now };
}
