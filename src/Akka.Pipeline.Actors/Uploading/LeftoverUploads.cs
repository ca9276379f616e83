namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;

/// <summary>Ends multipart uploads that nobody goes on with. To be used by whoever holds the key, so that no upload of it begins meanwhile.</summary>
/// <param name="ledger">For look-ups.</param>
/// <param name="record">Commits a change, and returns once it is durable.</param>
/// <param name="now">The node's clock.</param>
internal sealed class LeftoverUploads(ILedger ledger, Func<LedgerChange, CancellationToken, Task> record, Func<DateTimeOffset> now)
{
    /// <summary>
    /// A part that was under way may outlive the abort (docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html, 2026-11), so a look follows it.
    /// </summary>
    private const int MostAborts = 3;

    /// <summary>Aborts an upload, and records that it has ended once the store does not know it any more.</summary>
    /// <returns>Whether it has ended; if not, the ledger still knows it.</returns>
    /// <exception cref="StoreException">The store could not be asked; the ledger still knows it.</exception>
    public async Task<bool> EndAsync(IObjectStore store, MultipartProgress upload, CancellationToken cancellation)
    {
        if (!await AbortAsync(store, upload.Address, upload.UploadId, cancellation))
        {
            return false;
        }

        await record(new MultipartEnded(upload.UploadId, now()), cancellation);
        return true;
    }

    /// <summary>
    /// Looks for uploads of a key that were begun without our learning their ids, and aborts them. Asks the store only if there is an open intent for
    /// the key; an intent of which something may still come stays open.
    /// </summary>
    /// <returns>How many were aborted.</returns>
    /// <exception cref="StoreException">The store could not be asked; the intents stay open.</exception>
    public async Task<int> ResolveIntentsAsync(IObjectStore store, ObjectAddress address, CancellationToken cancellation)
    {
        var intents = (await ledger.OpenIntentsAsync(cancellation))
            .Where(intent => intent.Address == address && string.Equals(intent.Store, store.Traits.Name, StringComparison.Ordinal)).ToList();
        if (intents.Count == 0)
        {
            return 0;
        }

        // As of now, before the look: of what is settled then, the look sees everything.
        var settled = intents.Where(intent => Leftovers.IsSettled(intent, now())).ToList();
        var held = new List<OpenMultipart>();
        await foreach (var upload in store.ListMultipartsAsync(address.Bucket, address.Key, cancellation))
        {
            held.Add(upload);
        }

        var known = (await ledger.OpenMultipartsAsync(cancellation)).Select(upload => upload.UploadId).ToHashSet(StringComparer.Ordinal);
        var ours = intents.SelectMany(intent => Leftovers.CameOf(intent, held, known)).Select(upload => upload.UploadId).ToHashSet(StringComparer.Ordinal);
        foreach (var id in ours)
        {
            await AbortAsync(store, address, id, cancellation);
        }

        foreach (var intent in settled)
        {
            await record(new MultipartIntentResolved(intent, now()), cancellation);
        }

        return ours.Count;
    }

    private static async Task<bool> AbortAsync(IObjectStore store, ObjectAddress address, string uploadId, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MostAborts; attempt++)
        {
            await store.AbortMultipartAsync(address, uploadId, cancellation);
            if (await store.ListPartsAsync(address, uploadId, cancellation) is null)
            {
                return true;
            }
        }

        return false;
    }
}
