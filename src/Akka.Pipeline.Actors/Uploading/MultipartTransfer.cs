namespace Akka.Pipeline.Actors.Uploading;

using System.Collections.Concurrent;
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
    /// <summary>Rounds of "the upload is gone" or "somebody else was there first" before the file is put off.</summary>
    private const int MostRounds = 4;

    private readonly NodeContext node = resources.Node;
    private readonly IObjectStore store = route.Store;
    private readonly UnfinishedUpload unfinished = new(route, resources, file, plan);

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

        for (var round = 1; ; round++)
        {
            try
            {
                if (await TryAsync(parts, cancellation) is { } result)
                {
                    return result;
                }
            }
            catch (StoreException lost) when (IsLost(lost) && round < MostRounds)
            {
                // Expired, or aborted by somebody: that is no failure of this file, and it begins anew at once.
            }

            if (round == MostRounds)
            {
                return new TransferResult(plan, TransferOutcome.Failed, Failure: new Failure(
                    FailureScope.File,
                    FailureNature.Passing,
                    "WriteRace",
                    $"{plan.Address} was written by somebody else each time that its parts were about to be joined.",
                    "See that only one program writes this key."));
            }
        }
    }

    private static bool IsLost(StoreException failed) => string.Equals(failed.Failure.Code, "NoSuchUpload", StringComparison.Ordinal);

    /// <summary>One round; null when somebody else wrote the key meanwhile, so that all is to be looked at again.</summary>
    /// <exception cref="StoreException">Among others "NoSuchUpload": the store has lost the upload, and the ledger has forgotten it.</exception>
    private async Task<TransferResult?> TryAsync(PartPlan parts, CancellationToken cancellation)
    {
        // One request tells whether thousands can be saved, and on what the write will depend.
        var there = await store.HeadAsync(plan.Address, cancellation);
        if (there is not null)
        {
            if (await transfer.CompareAsync(file, plan, DigestSet.Unknown, there, cancellation) == SameContent.Yes)
            {
                await unfinished.EndAsync(await node.Ledger.FindMultipartAsync(route.Name, plan.Path, cancellation), cancellation);
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
        var attributes = transfer.Attributes(plan.Path);
        var upload = await unfinished.ResumeAsync(parts, attributes, cancellation) ?? await unfinished.BeginAsync(parts, attributes, cancellation);
        parts = parts with { PartSizeBytes = upload.PartSizeBytes };
        try
        {
            var finished = await SendPartsAsync(parts, upload, cancellation);
            if (FileTransfer.Unfit(file, plan) is { } changed)
            {
                if (changed == TransferOutcome.Changed)
                {
                    await unfinished.EndAsync(upload, cancellation);
                }

                return new TransferResult(plan, changed);
            }

            return await CompleteAsync(parts, upload, finished, condition, cancellation);
        }
        catch (FileChangedException)
        {
            await unfinished.EndAsync(upload, cancellation);
            throw;
        }
        catch (StoreException lost) when (IsLost(lost))
        {
            // Ended, not just forgotten: if the store was wrong for a moment, it still holds the parts.
            await unfinished.EndAsync(upload, cancellation);
            throw;
        }
    }

    private async Task<IReadOnlyList<PartFacts>> SendPartsAsync(PartPlan parts, MultipartProgress upload, CancellationToken cancellation)
    {
        var finished = new ConcurrentDictionary<int, PartFacts>(upload.Parts.Select(p => KeyValuePair.Create(p.PartNumber, p)));
        var key = (route.Name, plan.Path);
        resources.FinishedBytes[key] = finished.Keys.Sum(parts.LengthBytes);
        IReadOnlyList<int> missing = [.. Enumerable.Range(1, parts.Count).Where(number => !finished.ContainsKey(number))];
        if (node.Parts is { } sharing)
        {
            return await sharing.SendAsync(route, file, upload, missing, unfinished.Lost, cancellation);
        }

        var sender = new PartSender(route, resources, file, plan.ChangedUnixNs);
        await ElasticLoop.RunAsync(missing, () => resources.PartsEach(store), SendAsync, EndsSiblings, cancellation);
        return [.. finished.Values.OrderBy(p => p.PartNumber)];

        async Task SendAsync(int number, CancellationToken stop)
        {
            var facts = await sender.SendAsync(parts, upload, number, stop);
            finished[number] = facts;
            resources.FinishedBytes.AddOrUpdate(key, parts.LengthBytes(number), (_, before) => before + parts.LengthBytes(number));
            FaultPoint.Reached("part-stored");

            // Not under the token of the other parts: a part that the store has is worth remembering, whatever became of its siblings.
            await resources.RecordAsync(new PartStored(upload.UploadId, facts, node.Now()), CancellationToken.None);
        }
    }

    // What is half sent is worth sending to its end, when only one of its siblings met with trouble.
    internal static bool EndsSiblings(Exception failed) => failed is not StoreException { Failure.Nature: FailureNature.Passing or FailureNature.Throttled } store || IsLost(store);

    private async Task<TransferResult?> CompleteAsync(
        PartPlan parts, MultipartProgress upload, IReadOnlyList<PartFacts> finished, WriteCondition? condition, CancellationToken cancellation)
    {
        FaultPoint.Reached("parts-sent");
        var whole = new DigestSet(Crc32C: parts.WholeCrc32C(finished));
        var request = new CompleteMultipartRequest(plan.Address, upload.UploadId, finished, parts.SizeBytes, whole, condition);
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
            // Somebody wrote the key meanwhile, or a completion of ours came late. The parts stay for the next round, which looks again.
            return null;
        }

        FaultPoint.Reached("completed");
        await unfinished.ForgetAsync(upload, cancellation);
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
}
