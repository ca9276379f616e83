namespace Akka.Pipeline.Actors.Uploading;

using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;

/// <summary>
/// Brings one large file into its store in parts. What is finished stays finished: the ledger keeps every part, and after a restart the upload goes on
/// with the parts that ledger and store agree on.
/// </summary>
internal sealed class MultipartTransfer(RouteContext route, TransferResources resources, FileTransfer transfer, ISourceFile file, UploadPlan plan)
{
    private readonly NodeContext node = resources.Node;
    private readonly IObjectStore store = route.Store;

    public async Task<TransferResult> RunAsync(CancellationToken cancellation)
    {
        var limits = store.Traits.Multipart!;
        if (PartPlan.For(plan.Fingerprint.SizeBytes, node.Settings.Uploads.PartSizeBytes, limits) is not { } parts)
        {
            return new TransferResult(plan, TransferOutcome.Failed, Failure: new Failure(
                FailureScope.File,
                FailureNature.Lasting,
                "FileTooLarge",
                $"'{SourcePath.ForDisplay(plan.Path)}' has {plan.Fingerprint.SizeBytes} bytes, more than {limits.MaximumParts} parts of {limits.MaximumPartSizeBytes} bytes hold.",
                "Split the file."));
        }

        // One request tells whether thousands can be saved, and on what the write will depend.
        var there = await store.HeadAsync(plan.Address, cancellation);
        if (there is not null)
        {
            if (transfer.Compare(file, plan, DigestSet.Unknown, there, cancellation) == SameContent.Yes)
            {
                await EndLeftoverAsync(await node.Ledger.FindMultipartAsync(route.Name, plan.Path, cancellation), cancellation);
                return FileTransfer.Unfit(file, plan) is { } unfit
                    ? new TransferResult(plan, unfit)
                    : transfer.Stored(plan, there, DigestSet.Unknown, already: true);
            }

            if (!await transfer.MayReplaceAsync(plan, cancellation))
            {
                return FileTransfer.Conflict(plan);
            }
        }

        var condition = there is null ? WriteCondition.IfAbsent : there.ETag.Length > 0 ? WriteCondition.IfMatches(there.ETag) : null;
        var upload = await ResumeAsync(parts, cancellation) ?? await BeginAsync(parts, cancellation);
        parts = parts with { PartSizeBytes = upload.PartSizeBytes };
        try
        {
            var finished = await SendPartsAsync(parts, upload, cancellation);
            if (FileTransfer.Unfit(file, plan) is { } changed)
            {
                if (changed == TransferOutcome.Changed)
                {
                    await AbortAsync(upload, cancellation);
                }

                return new TransferResult(plan, changed);
            }

            return await CompleteAsync(parts, upload, finished, condition, cancellation);
        }
        catch (FileChangedException)
        {
            await AbortAsync(upload, cancellation);
            throw;
        }
        catch (StoreException lost) when (string.Equals(lost.Failure.Code, "NoSuchUpload", StringComparison.Ordinal))
        {
            // Expired, or aborted by somebody: what the ledger kept of it is worth nothing, and the next attempt begins anew.
            await resources.RecordAsync(new MultipartEnded(upload.UploadId, node.Now()), cancellation);
            throw;
        }
    }

    private async Task<MultipartProgress?> ResumeAsync(PartPlan parts, CancellationToken cancellation)
    {
        var known = await node.Ledger.FindMultipartAsync(route.Name, plan.Path, cancellation);
        if (known is null)
        {
            return null;
        }

        if (known.Fingerprint != plan.Fingerprint || known.Address != plan.Address)
        {
            await EndLeftoverAsync(known, cancellation);
            return null;
        }

        if (await store.ListPartsAsync(known.Address, known.UploadId, cancellation) is not { } held)
        {
            await resources.RecordAsync(new MultipartEnded(known.UploadId, node.Now()), cancellation);
            return null;
        }

        return known with { Parts = (parts with { PartSizeBytes = known.PartSizeBytes }).Kept(known.Parts, held) };
    }

    private async Task<MultipartProgress> BeginAsync(PartPlan parts, CancellationToken cancellation)
    {
        var now = node.Now();
        var id = await store.CreateMultipartAsync(new CreateMultipartRequest(plan.Address, transfer.Attributes(plan.Path)), cancellation);
        var upload = new MultipartProgress(route.Name, plan.Path, plan.Fingerprint, plan.Address, id, parts.PartSizeBytes, [], now);

        // Durable before the first part, so that a crash leaves no parts that nobody knows of.
        await resources.RecordAsync(new MultipartBegun(upload, now), cancellation);
        return upload;
    }

    private async Task<IReadOnlyList<PartFacts>> SendPartsAsync(PartPlan parts, MultipartProgress upload, CancellationToken cancellation)
    {
        var finished = new ConcurrentDictionary<int, PartFacts>(upload.Parts.Select(p => KeyValuePair.Create(p.PartNumber, p)));
        var missing = Enumerable.Range(1, parts.Count).Where(number => !finished.ContainsKey(number));
        var options = new ParallelOptions { MaxDegreeOfParallelism = node.Settings.Uploads.PartsAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(missing, options, async (number, stop) =>
        {
            var facts = await SendPartAsync(parts, upload.UploadId, number, stop);
            finished[number] = facts;

            // Not under the token of the other parts: a part that the store has is worth remembering, whatever became of its siblings.
            await resources.RecordAsync(new PartStored(upload.UploadId, facts, node.Now()), CancellationToken.None);
        });

        return [.. finished.Values.OrderBy(p => p.PartNumber)];
    }

    private async Task<PartFacts> SendPartAsync(PartPlan parts, string uploadId, int number, CancellationToken cancellation)
    {
        var length = parts.LengthBytes(number);
        var offset = parts.OffsetBytes(number);
        var digests = store.Traits.PutDigests;
        if (length > FileTransfer.BufferLimit(node.Settings.Uploads))
        {
            var body = new FileBody(file, offset, length, FileBody.Digest(file, offset, length, digests, cancellation), resources);
            return await UploadAsync(body);
        }

        using var buffered = await MemoryBody.ReadAsync(file, offset, (int)length, digests, resources, cancellation);
        return await UploadAsync(buffered);

        async Task<PartFacts> UploadAsync(IUploadBody body)
        {
            // A part of another version must not stand beside parts of this one.
            if (file.Check().Fingerprint != plan.Fingerprint)
            {
                throw new FileChangedException();
            }

            try
            {
                var facts = await store.UploadPartAsync(new PartRequest(plan.Address, uploadId, number, body), cancellation);
                node.Meters.Sent(body.LengthBytes);
                return facts;
            }
            catch (StoreException) when (body is FileBody { Broken: { } broken })
            {
                ExceptionDispatchInfo.Throw(broken);
                throw;
            }
        }
    }

    private async Task<TransferResult> CompleteAsync(
        PartPlan parts, MultipartProgress upload, IReadOnlyList<PartFacts> finished, WriteCondition? condition, CancellationToken cancellation)
    {
        var whole = new DigestSet(Crc32C: parts.WholeCrc32C(finished));
        var request = new CompleteMultipartRequest(plan.Address, upload.UploadId, finished, parts.SizeBytes, whole, store.Traits.ConditionalComplete ? condition : null);
        WriteResult result;
        try
        {
            result = await store.CompleteMultipartAsync(request, cancellation);
        }
        catch (StoreException unclear) when (unclear.Failure.OutcomeUnknown || string.Equals(unclear.Failure.Code, "NoSuchUpload", StringComparison.Ordinal))
        {
            // It may have been completed, and only the answer was lost.
            if (await store.HeadAsync(plan.Address, cancellation) is not { } there || !IsOurs(there, finished, whole))
            {
                throw;
            }

            result = WriteResult.Stored(there);
        }

        if (result.Outcome == WriteOutcome.ConditionFailed)
        {
            // Somebody wrote the key meanwhile. The parts stay for the next attempt, which looks again.
            return new TransferResult(plan, TransferOutcome.Failed, Failure: new Failure(
                FailureScope.File,
                FailureNature.Passing,
                "WriteRace",
                $"{plan.Address} was written by somebody else while its parts were uploaded.",
                "See that only one program writes this key."));
        }

        await resources.RecordAsync(new MultipartEnded(upload.UploadId, node.Now()), cancellation);
        return transfer.Stored(plan, result.Object!, whole, already: false);
    }

    private bool IsOurs(ObjectFacts there, IReadOnlyList<PartFacts> finished, DigestSet whole)
    {
        if (there.SizeBytes != plan.Fingerprint.SizeBytes)
        {
            return false;
        }

        return whole.Agrees(there.Digests)
            ?? (finished.All(p => p.Digests.Md5 is not null)
                && string.Equals(there.ETag, ContentHasher.MultipartETag([.. finished.Select(p => p.Digests.Md5!)]), StringComparison.Ordinal));
    }

    private async Task AbortAsync(MultipartProgress upload, CancellationToken cancellation)
    {
        try
        {
            await store.AbortMultipartAsync(upload.Address, upload.UploadId, cancellation);
            await resources.RecordAsync(new MultipartEnded(upload.UploadId, node.Now()), cancellation);
        }
        catch (StoreException)
        {
            // The ledger still knows it, and the next attempt at this file ends it.
        }
    }

    private Task EndLeftoverAsync(MultipartProgress? leftover, CancellationToken cancellation) =>
        leftover is null ? Task.CompletedTask : AbortAsync(leftover, cancellation);
}
