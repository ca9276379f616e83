namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Spot;

/// <summary>What goes first, and what no longer, while the node saves what it can before its machine is taken. Until that begins everything may go.</summary>
internal sealed class SavingOrder(TransferResources resources)
{
    /// <summary>How often the line is measured and the uploads under way are judged.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly NodeContext node = resources.Node;
    private readonly RecentRate rate = new(TimeSpan.FromSeconds(10));
    private TimeSpan? until;

    public bool HasBegun => until is not null;

    private long SmallBytes => node.Settings.Uploads.BatchBytes;

    /// <summary>Files go on being uploaded until then, and no longer.</summary>
    public void Begin(TimeSpan end)
    {
        until = end;
        Measure();
    }

    public void Measure() => rate.Sample(node.MonotonicNow(), node.Meters.BytesSent);

    /// <summary>Whether a waiting file may start beside what is under way.</summary>
    public bool MayStart(UploadPlan plan, IEnumerable<UploadBatch> underWay) =>
        until is not { } end || LastUploads.MayStart(plan.Fingerprint.SizeBytes, SmallBytes, end - node.MonotonicNow(), rate.Best, underWay.Sum(Remaining));

    /// <summary>The slots whose uploads cannot end in time and keep shorter files waiting.</summary>
    /// <param name="busy">The slots.</param>
    /// <param name="shortestWaiting">Length of the shortest file that waits, or null.</param>
    public IReadOnlyList<IActorRef> Hopeless(IEnumerable<(IActorRef Slot, UploadBatch Batch)> busy, long? shortestWaiting) =>
        until is not { } end
            ? []
            : [.. busy
                .Where(b => !LastUploads.GoesOn(Remaining(b.Batch), SmallBytes, end - node.MonotonicNow(), rate.Best, othersWait: shortestWaiting < Remaining(b.Batch)))
                .Select(b => b.Slot)];

    private long Remaining(UploadBatch batch) =>
        batch.Plans.Sum(plan => plan.Fingerprint.SizeBytes - resources.FinishedBytes.GetValueOrDefault((batch.Route.Name, plan.Path)));
}
