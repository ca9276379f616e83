namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>Ends multipart uploads of ours that nobody will go on with; their parts would cost money for ever.</summary>
internal sealed class LeftoverUploads(IObjectStore store, ILedger ledger)
{
    /// <summary>How far the store's clock may be behind ours: AWS refuses requests from further away (RequestTimeTooSkewed, 15 minutes, 2026-11).</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Aborts an upload. Of one that was only about to be begun the id is not known, and whether there is one at all: then what was begun for just this key,
    /// since just then, and stands in no ledger of ours under its own id, is it. Safe to repeat; the caller forgets it in the ledger afterwards.
    /// </summary>
    /// <exception cref="StoreException">It may still be there; try again later.</exception>
    public async Task EndAsync(MultipartProgress leftover, CancellationToken cancellation)
    {
        if (!leftover.IsUnconfirmed)
        {
            await store.AbortMultipartAsync(leftover.Address, leftover.UploadId, cancellation);
            return;
        }

        var open = new List<OpenMultipart>();
        await foreach (var upload in store.ListMultipartsAsync(leftover.Address.Bucket, leftover.Address.Key, cancellation))
        {
            if (upload.Address == leftover.Address && upload.InitiatedAt >= leftover.BegunAt - ClockSkew)
            {
                open.Add(upload);
            }
        }

        var known = open.Count == 0 ? [] : (await ledger.OpenMultipartsAsync(cancellation)).Select(upload => upload.UploadId).ToHashSet(StringComparer.Ordinal);
        foreach (var upload in open.Where(upload => !known.Contains(upload.UploadId)))
        {
            await store.AbortMultipartAsync(upload.Address, upload.UploadId, cancellation);
        }
    }
}
