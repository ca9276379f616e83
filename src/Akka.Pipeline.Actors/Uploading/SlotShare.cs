namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;

/// <summary>How many slots are worth using, and how many of them large files may have.</summary>
internal sealed class SlotShare(UploadSettings settings)
{
    /// <summary>As many as requests may be under way; more would wait for one another and hold memory.</summary>
    public int Slots(int requestsAtOnce) => Math.Min(settings.Slots, requestsAtOnce);

    /// <summary>It goes in parts.</summary>
    public bool IsLarge(UploadPlan plan) => plan.Fingerprint.SizeBytes >= settings.MultipartFromBytes;

    /// <summary>
    /// Large files have half of the requests while small ones wait, so that neither starves the other. And never more of them than
    /// their parts fill the line, so that the oldest is done first instead of all of them late.
    /// </summary>
    public bool HasRoomForLarge(IReadOnlyList<UploadBatch> underWay, bool smallOnesWait, int requestsAtOnce)
    {
        var requests = Math.Min(requestsAtOnce, settings.Slots) / (smallOnesWait ? 2 : 1);
        return underWay.Count(batch => IsLarge(batch.Plans[0])) * settings.PartsAtOnce < Math.Max(1, requests);
    }
}
