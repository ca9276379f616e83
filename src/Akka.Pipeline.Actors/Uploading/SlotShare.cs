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
        return CountLarge(underWay) * settings.PartsAtOnce < Math.Max(1, RequestsForLarge(smallOnesWait, requestsAtOnce));
    }

    /// <summary>How many of them are large.</summary>
    public int CountLarge(IReadOnlyList<UploadBatch> underWay) => underWay.Count(batch => IsLarge(batch.Plans[0]));

    /// <summary>How many parts of each large file may be under way. Few files have more, so that one alone is as fast as many.</summary>
    public int PartsEach(int largeUnderWay, bool smallOnesWait, int requestsAtOnce) => settings.MoreParts
        ? Math.Max(settings.PartsAtOnce, RequestsForLarge(smallOnesWait, requestsAtOnce) / Math.Max(1, largeUnderWay))
        : settings.PartsAtOnce;

    private int RequestsForLarge(bool smallOnesWait, int requestsAtOnce) => Math.Min(requestsAtOnce, settings.Slots) / (smallOnesWait ? 2 : 1);
}
