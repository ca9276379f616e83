namespace Akka.Pipeline.Core.Uploading;

/// <summary>
/// Arithmetic of a rate limit: bytes may flow at a steady rate, with a burst of up to one second. Debt is allowed, so that a block larger
/// than the burst passes and the next one waits for it.
/// </summary>
public sealed class TokenBucket(long bytesPerSecond, TimeSpan now)
{
    private double availableBytes = bytesPerSecond;
    private TimeSpan filledAt = now;

    /// <summary>Takes bytes and says how long to wait before they may flow.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="now">Monotonic clock.</param>
    public TimeSpan Take(long bytes, TimeSpan now)
    {
        if (now > filledAt)
        {
            availableBytes = Math.Min(bytesPerSecond, availableBytes + ((now - filledAt).TotalSeconds * bytesPerSecond));
            filledAt = now;
        }

        availableBytes -= bytes;
        return availableBytes >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-availableBytes / bytesPerSecond);
    }
}
