namespace Akka.Pipeline.Node.Display;

using Akka.Pipeline.Core.Insight;

/// <summary>The status line while a terminal looks on: done and found, rate, time left. The rate is that of the last few seconds.</summary>
public sealed class ProgressLine(LogLines lines, TransferMeters meters, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private const int RateSamples = 20;

    private readonly Queue<(long Timestamp, long Bytes, long Files)> samples = new();

    /// <summary>Keeps the line up to date until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!lines.IsTerminal)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                lines.ShowStatus(Text());
            }
        }
        catch (OperationCanceledException)
        {
            lines.ShowStatus("");
        }
    }

    internal string Text()
    {
        var now = time.GetTimestamp();
        samples.Enqueue((now, meters.BytesStored, meters.FilesStored));
        var (then, bytes, files) = samples.Peek();
        if (samples.Count > RateSamples)
        {
            samples.Dequeue();
        }

        var elapsed = time.GetElapsedTime(then, now).TotalSeconds;
        var bytesPerSecond = elapsed > 0 ? (meters.BytesStored - bytes) / elapsed : 0;
        var filesPerSecond = elapsed > 0 ? (meters.FilesStored - files) / elapsed : 0;
        var leftFiles = Math.Max(0, meters.FilesFound - meters.FilesStored - meters.FilesSetAside);
        if (leftFiles == 0)
        {
            return $"  {Amounts.Files(meters.FilesStored)}, {Amounts.Bytes(meters.BytesStored)} stored; waiting for finished files";
        }

        var leftBytes = Math.Max(0, meters.BytesFound - meters.BytesStored);
        var seconds = Math.Max(bytesPerSecond > 0 ? leftBytes / bytesPerSecond : 0, filesPerSecond > 0 ? leftFiles / filesPerSecond : 0);
        var left = seconds is > 0 and < 1e7 ? $", {Amounts.Time(TimeSpan.FromSeconds(seconds))} left of what is found" : "";
        var trouble = meters.FilesFailed > 0 ? $", {Amounts.Count(meters.FilesFailed)} failed attempts" : "";
        return $"  {Amounts.Count(meters.FilesStored)} of {Amounts.Files(meters.FilesFound)}, {Amounts.Bytes(meters.BytesStored)} stored, {Amounts.Bytes(bytesPerSecond)}/s, {filesPerSecond:0} files/s{left}{trouble}";
    }
}
