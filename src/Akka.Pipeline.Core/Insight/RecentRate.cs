namespace Akka.Pipeline.Core.Insight;

/// <summary>How fast a counter grew lately. Not for use by several threads at once.</summary>
/// <param name="window">What counts as lately.</param>
public sealed class RecentRate(TimeSpan window)
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ShortestMeasure = TimeSpan.FromSeconds(1);

    private readonly Queue<(TimeSpan At, long Total)> samples = new();
    private (TimeSpan At, long Total)? last;

    /// <summary>The highest rate of any second or more since the first sample, per second; null while there is none.</summary>
    public double? Best { get; private set; }

    /// <summary>Takes a reading; those that come too fast one after the other are left out.</summary>
    /// <param name="now">Monotonic clock.</param>
    /// <param name="total">The counter.</param>
    public void Sample(TimeSpan now, long total)
    {
        if (last is { } before && now - before.At < Spacing)
        {
            return;
        }

        last = (now, total);
        samples.Enqueue((now, total));
        while (samples.Count > 2 && now - samples.Peek().At > window)
        {
            samples.Dequeue();
        }

        if (PerSecond(now, total) is { } rate and > 0 && !(Best > rate))
        {
            Best = rate;
        }
    }

    /// <summary>The rate over the window, per second; null while less than a second is known.</summary>
    public double? PerSecond(TimeSpan now, long total) =>
        samples.TryPeek(out var first) && now - first.At >= ShortestMeasure ? (total - first.Total) / (now - first.At).TotalSeconds : null;
}
