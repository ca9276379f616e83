namespace Akka.Pipeline.Actors.Uploading;

using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Files;

/// <summary>Tells an operator which files were stored: each by name while they are few, the rest of a second as a sum, so that thousands a second stay readable.</summary>
internal sealed class StoredFilesLog(NodeContext node, ILoggingAdapter log)
{
    private const int NamedPerSecond = 10;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private TimeSpan windowBegan = TimeSpan.MinValue;
    private int named;
    private long unnamed;

    public void Add(TransferResult stored)
    {
        var now = node.MonotonicNow();
        if (windowBegan == TimeSpan.MinValue || now - windowBegan >= Window)
        {
            Flush();
            windowBegan = now;
            named = 0;
        }

        if (named >= NamedPerSecond)
        {
            unnamed++;
            return;
        }

        named++;
        log.Info(
            stored.Outcome == TransferOutcome.AlreadyStored ? "Already stored: {0} ({1} bytes)" : "Stored {0} ({1} bytes)",
            SourcePath.ForDisplay(stored.Plan.Address.ToString()),
            stored.Plan.Fingerprint.SizeBytes);
    }

    /// <summary>Says how many were not named.</summary>
    public void Flush()
    {
        if (unnamed > 0)
        {
            log.Info("... and {0} more", unnamed);
            unnamed = 0;
        }
    }
}
