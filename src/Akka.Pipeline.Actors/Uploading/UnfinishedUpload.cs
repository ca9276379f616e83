namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;

/// <summary>The multipart upload of one file, as ledger and store know it: taken up again, begun, ended.</summary>
internal sealed class UnfinishedUpload(RouteContext route, TransferResources resources, ISourceFile file, UploadPlan plan)
{
    private readonly NodeContext node = resources.Node;
    private readonly IObjectStore store = route.Store;

    /// <summary>Parts that the ledger had when the upload was taken up again, and that do not hold.</summary>
    public IReadOnlyList<int> Lost { get; private set; } = [];

    /// <summary>The upload of an earlier attempt, with the parts that need not be sent again; null when there is none to go on with.</summary>
    /// <exception cref="StoreException">Among others "NoSuchUpload": the store has lost it, and the ledger has forgotten it.</exception>
    public async Task<MultipartProgress?> ResumeAsync(PartPlan parts, ObjectAttributes attributes, CancellationToken cancellation)
    {
        Lost = [];
        var known = await node.Ledger.FindMultipartAsync(route.Name, plan.Path, cancellation);
        if (known is null)
        {
            return null;
        }

        if (known.Fingerprint != plan.Fingerprint
            || known.Address != plan.Address
            || !string.Equals(known.Store, store.Traits.Name, StringComparison.Ordinal)
            || !string.Equals(known.Attributes, attributes.Summary, StringComparison.Ordinal))
        {
            await EndAsync(known, cancellation);
            return null;
        }

        if (await store.ListPartsAsync(known.Address, known.UploadId, cancellation) is not { } held)
        {
            // Perhaps it was completed since we looked, by a request whose answer was lost: look again.
            await ForgetAsync(known, cancellation);
            throw new StoreException(new Failure(
                FailureScope.File, FailureNature.Passing, "NoSuchUpload", $"The upload of {plan.Address} is gone from the store.", "Nothing to do: it begins again."));
        }

        var kept = (parts with { PartSizeBytes = known.PartSizeBytes }).Kept(known.Parts, held);
        var still = resources.ReadHere.TryAdd(known.UploadId, true) ? StillInFile(parts with { PartSizeBytes = known.PartSizeBytes }, kept, cancellation) : kept;
        Lost = [.. known.Parts.Select(part => part.PartNumber).Except(still.Select(part => part.PartNumber))];
        return known with { Parts = still };
    }

    /// <summary>Begins an upload, so that at no moment the store holds one that nobody would look for.</summary>
    public async Task<MultipartProgress> BeginAsync(PartPlan parts, ObjectAttributes attributes, CancellationToken cancellation)
    {
        try
        {
            await resources.Leftovers.ResolveIntentsAsync(store, plan.Address, cancellation);
        }
        catch (StoreException)
        {
            // Perhaps listing is not allowed, and uploading is. The ledger still knows the intent, and the janitor tells the operator.
        }

        // Durable before the request, so that an upload whose answer never comes is looked for; and after it, before the first part.
        var intent = new MultipartIntent(route.Name, plan.Path, store.Traits.Name, plan.Address, node.Now());
        await resources.RecordAsync(new MultipartIntended(intent), cancellation);
        string id;
        try
        {
            id = await store.CreateMultipartAsync(new CreateMultipartRequest(plan.Address, attributes), cancellation);
            FaultPoint.Reached("multipart-created");
        }
        catch (StoreException refused) when (!refused.Failure.OutcomeUnknown)
        {
            await resources.RecordAsync(new MultipartIntentResolved(intent, node.Now()), cancellation);
            throw;
        }

        var upload = new MultipartProgress(
            route.Name, plan.Path, plan.Fingerprint, store.Traits.Name, plan.Address, attributes.Summary, id, parts.PartSizeBytes, [], intent.At);
        resources.ReadHere.TryAdd(id, true);
        await resources.RecordAsync(new MultipartBegun(upload, node.Now()), cancellation);
        return upload;
    }

    /// <summary>The store holds it no more.</summary>
    public Task ForgetAsync(MultipartProgress upload, CancellationToken cancellation)
    {
        resources.ReadHere.TryRemove(upload.UploadId, out _);
        return resources.RecordAsync(new MultipartEnded(upload.UploadId, node.Now()), cancellation);
    }

    /// <summary>Ends an upload that is of no use any more. What cannot be ended now the ledger still knows, and the janitor ends it.</summary>
    public async Task EndAsync(MultipartProgress? leftover, CancellationToken cancellation)
    {
        if (leftover is null || !string.Equals(leftover.Store, store.Traits.Name, StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            resources.ReadHere.TryRemove(leftover.UploadId, out _);
            await resources.Leftovers.EndAsync(store, leftover, cancellation);
        }
        catch (StoreException)
        {
            // The store, or its rights: neither may hold up this file.
        }
    }

    // Another process sent these parts, perhaps days ago. A file can be changed and its time set back, and a mixture must never be joined, so they are read again.
    private List<PartFacts> StillInFile(PartPlan parts, IReadOnlyList<PartFacts> kept, CancellationToken cancellation) =>
    [
        .. kept.Where(part => part.Digests.Kinds == DigestKinds.None
            || FileBody.Digest(file, parts.OffsetBytes(part.PartNumber), part.SizeBytes, part.Digests.Kinds, cancellation).Agrees(part.Digests) == true),
    ];
}
