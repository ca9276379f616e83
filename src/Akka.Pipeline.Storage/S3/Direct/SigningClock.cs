namespace Akka.Pipeline.Storage.S3.Direct;

using System.Globalization;

/// <summary>A moment as signatures write it.</summary>
/// <param name="UnixSeconds">The second, by the store's clock as far as it is known.</param>
/// <param name="Correction">What was added to this machine's clock.</param>
internal sealed record SigningTime(long UnixSeconds, TimeSpan Correction)
{
    /// <summary>Such as 20261121T091500Z.</summary>
    public string Timestamp { get; } = DateTimeOffset.FromUnixTimeSeconds(UnixSeconds).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Such as 20261121.</summary>
    public string Day { get; } = DateTimeOffset.FromUnixTimeSeconds(UnixSeconds).UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}

/// <summary>This machine's clock, set right by what a store's answers say. One text a second, shared by all requests.</summary>
internal sealed class SigningClock(TimeProvider time)
{
    // A store accepts 15 minutes; less than this is no reason to sign once more.
    private static readonly TimeSpan LeastCorrection = TimeSpan.FromMinutes(1);

    private long correctionTicks;
    private SigningTime? last;

    public SigningTime Now()
    {
        var correction = new TimeSpan(Volatile.Read(ref correctionTicks));
        var second = (time.GetUtcNow() + correction).ToUnixTimeSeconds();
        var known = Volatile.Read(ref last);
        if (known is not null && known.UnixSeconds == second && known.Correction == correction)
        {
            return known;
        }

        var now = new SigningTime(second, correction);
        Volatile.Write(ref last, now);
        return now;
    }

    /// <summary>A store refused a signature for its time, and said what time it is.</summary>
    /// <returns>Whether another signature will have another time.</returns>
    public bool Correct(SigningTime refused, DateTimeOffset storeTime)
    {
        var correction = storeTime - time.GetUtcNow();
        if ((correction - refused.Correction).Duration() < LeastCorrection)
        {
            return false;
        }

        Volatile.Write(ref correctionTicks, correction.Ticks);
        return true;
    }
}
