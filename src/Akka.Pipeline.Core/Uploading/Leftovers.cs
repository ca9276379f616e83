namespace Akka.Pipeline.Core.Uploading;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// Decides which unfinished multipart uploads are ours and of no use to anybody: their parts cost money for as long as nobody aborts them.
/// </summary>
/// <remarks>
/// What the ledger knows is ours. What came of an intent whose answer was lost is told from others' by its very key and by its time. With the ledger
/// lost nothing tells ours from others', and none is touched: the last net is a lifecycle rule of the bucket (AbortIncompleteMultipartUpload).
/// </remarks>
public static class Leftovers
{
    /// <summary>
    /// How far the store's clock may lie before ours: requests signed with a clock that is further off are refused
    /// (docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestTimeTooSkewed, 2026-11). So the store need not be asked for its time.
    /// </summary>
    public static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long after an intent an upload may still come of it: the wait for a free request, its repetitions, its time-out, and a store that carries it out late,
    /// each of which takes minutes at most, and the difference of the clocks.
    /// </summary>
    public static readonly TimeSpan LongestBeginning = TimeSpan.FromHours(1);

    /// <summary>How long the parts of a route that is not configured any more are kept, in case that it comes back.</summary>
    public static readonly TimeSpan KeptWithoutRoute = TimeSpan.FromDays(7);

    /// <summary>After this time an intent that nobody could look into (listing uploads is not allowed) is given up.</summary>
    public static readonly TimeSpan IntentGivenUp = TimeSpan.FromDays(7);

    /// <summary>Whether nobody will go on with an upload of a route that is configured.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="isLatest">Whether no later upload of the same file is open.</param>
    /// <param name="seen">The file as it is now; null when it is gone.</param>
    /// <param name="known">What the ledger knows of the file.</param>
    /// <param name="store">The store of the route now.</param>
    /// <param name="target">Where the file goes now; null when it can go nowhere.</param>
    public static bool IsAbandoned(MultipartProgress upload, bool isLatest, FileSighting? seen, LedgerEntry? known, string store, ObjectAddress? target)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return !isLatest
            || seen is null
            || seen.Fingerprint != upload.Fingerprint
            || upload.Address != target
            || !string.Equals(upload.Store, store, StringComparison.Ordinal)
            || IsStored(upload, known);
    }

    /// <summary>Whether nobody will go on with an upload of a route that is not configured now.</summary>
    public static bool IsAbandonedWithItsRoute(MultipartProgress upload, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return now - upload.BegunAt >= KeptWithoutRoute;
    }

    /// <summary>The uploads that came of an intent without our knowing.</summary>
    /// <param name="intent">The intent.</param>
    /// <param name="held">What the store holds.</param>
    /// <param name="known">Ids of the uploads that the ledger knows.</param>
    public static IReadOnlyList<OpenMultipart> CameOf(MultipartIntent intent, IEnumerable<OpenMultipart> held, IReadOnlySet<string> known)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(known);
        return
        [
            .. held.Where(upload => upload.Address == intent.Address
                && !known.Contains(upload.UploadId)
                && upload.InitiatedAt >= intent.At - ClockDifference
                && upload.InitiatedAt <= intent.At + LongestBeginning),
        ];
    }

    /// <summary>
    /// Whether a file that an intent was for is stored where it was to go, so that an upload that came of it is of no use, on whatever node. Not to be asked while another intent for the key
    /// is open: that may be of somebody who uploads a newer version.
    /// </summary>
    public static bool IsStored(MultipartIntent intent, LedgerEntry? known)
    {
        ArgumentNullException.ThrowIfNull(intent);
        return known?.Stored is { } stored && stored.Address == intent.Address && string.Equals(stored.Store, intent.Store, StringComparison.Ordinal) && stored.At >= intent.At;
    }

    /// <summary>Whether nothing can come of an intent any more, so that one look tells all.</summary>
    public static bool IsSettled(MultipartIntent intent, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(intent);

        // A clock that was set back must not keep an intent for ever.
        return now - intent.At >= LongestBeginning || intent.At - now > LongestBeginning;
    }

    /// <summary>Whether the very version that an upload was begun for is stored, so that nobody goes on with it, on whatever node.</summary>
    public static bool IsStored(MultipartProgress upload, LedgerEntry? known)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return known?.Stored is { } stored
            && stored.Fingerprint == upload.Fingerprint
            && stored.Address == upload.Address
            && string.Equals(stored.Store, upload.Store, StringComparison.Ordinal);
    }
}
