namespace Akka.Pipeline.Actors.Fleet;

/// <summary>How much a node claims at once: about as much as it uploads in a few seconds, as its own rate tells.</summary>
internal sealed class ClaimPace(FleetSettings settings, TimeSpan foresight)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private long bytesBefore = -1;
    private TimeSpan before;
    private double bytesPerSecond;

    /// <summary>Bytes to claim now; one batch at least.</summary>
    /// <param name="bytesSent">What the node has sent so far, parts of others' files too.</param>
    /// <param name="now">By a monotonic clock.</param>
    public long BytesAhead(long bytesSent, TimeSpan now)
    {
        if (bytesBefore < 0)
        {
            (bytesBefore, before) = (bytesSent, now);
        }
        else if (now - before >= Window)
        {
            bytesPerSecond = (bytesSent - bytesBefore) / (now - before).TotalSeconds;
            (bytesBefore, before) = (bytesSent, now);
        }

        return Math.Max(settings.BatchBytes, (long)(bytesPerSecond * foresight.TotalSeconds));
    }
}
