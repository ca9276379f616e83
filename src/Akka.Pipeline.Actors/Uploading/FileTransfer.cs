namespace Akka.Pipeline.Actors.Uploading;

using System.Runtime.ExceptionServices;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// Brings one file into its store, as named steps: open, check, read, check again, write under a condition, confirm. Whatever it says is
/// stored was confirmed by the store, and was one version of the file.
/// </summary>
internal sealed class FileTransfer(RouteContext route, TransferResources resources)
{
    /// <summary>Rounds of "somebody else was there first" before the file is put off.</summary>
    private const int MostRounds = 4;

    private readonly NodeContext node = resources.Node;
    private readonly StoreTraits traits = route.Store.Traits;

    public async Task<TransferResult> RunAsync(UploadPlan plan, IFileOpener opener, CancellationToken cancellation)
    {
        try
        {
            using var file = opener.Open(plan.Path);

            // What is read into memory is judged after that, before a byte of it goes; asking for writers twice would be for nothing.
            var isJudgedLater = plan.Confirm is null && !InParts(plan) && FitsMemory(plan);
            if ((isJudgedLater ? IsAnotherVersion(file, plan) : Unfit(file, plan)) is { } unfit)
            {
                return new TransferResult(plan, unfit);
            }

            FaultPoint.Reached("opened");
            return await ConfirmAsync(plan, cancellation) ?? (InParts(plan)
                ? await new MultipartTransfer(route, resources, this, file, plan).RunAsync(cancellation)
                : await PutAsync(file, plan, cancellation));
        }
        catch (FileChangedException)
        {
            return new TransferResult(plan, TransferOutcome.Changed);
        }
        catch (SourceException source) when (source.IsGone)
        {
            return new TransferResult(plan, TransferOutcome.Gone);
        }
        catch (SourceException source)
        {
            return new TransferResult(plan, TransferOutcome.Failed, Failure: source.Failure);
        }
        catch (StoreException store)
        {
            return new TransferResult(plan, TransferOutcome.Failed, Failure: store.Failure);
        }
        catch (LedgerException ledger)
        {
            return new TransferResult(plan, TransferOutcome.Failed, Failure: ledger.Failure);
        }
        catch (HandedOverException)
        {
            return new TransferResult(plan, TransferOutcome.NotTried);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new TransferResult(plan, TransferOutcome.NotTried);
        }
    }

    /// <summary>Why a file that is open now must not go, if so.</summary>
    public static TransferOutcome? Unfit(ISourceFile file, UploadPlan plan)
    {
        var check = file.Check();
        return !check.IsStill(plan.Fingerprint, plan.ChangedUnixNs) ? TransferOutcome.Changed
            : check.Writer == WriterState.Open ? TransferOutcome.BeingWritten
            : null;
    }

    private static TransferOutcome? IsAnotherVersion(ISourceFile file, UploadPlan plan) => file.OpenedAs == plan.Fingerprint ? null : TransferOutcome.Changed;

    public TransferResult Stored(UploadPlan plan, ObjectFacts facts, DigestSet digests, bool already) =>
        new(
            plan,
            already ? TransferOutcome.AlreadyStored : TransferOutcome.Stored,
            new StoredVersion(
                plan.Fingerprint,
                traits.Name,
                plan.Address,
                facts.ETag,
                new DigestSet(digests.Md5 ?? facts.Digests.Md5, digests.Crc32C ?? facts.Digests.Crc32C, digests.Sha256 ?? facts.Digests.Sha256),
                facts.VersionId,
                node.Now()));

    public static TransferResult Conflict(UploadPlan plan) => new(
        plan,
        TransferOutcome.Failed,
        Failure: new Failure(
            FailureScope.File,
            FailureNature.Lasting,
            "KeyConflict",
            $"{plan.Address} holds different content, and it was made from another file than '{SourcePath.ForDisplay(plan.Path)}'.",
            "Rename one of the two files, change the key template, or let the last one win (conflict = overwrite in the route)."));

    /// <summary>Whether an object holds the bytes of an open file; reads the file when only a digest can tell.</summary>
    public async Task<SameContent> CompareAsync(ISourceFile file, UploadPlan plan, DigestSet known, ObjectFacts facts, CancellationToken cancellation)
    {
        var size = plan.Fingerprint.SizeBytes;
        var mode = route.Settings.Dedupe;
        if (mode == DedupeMode.Size && facts.SizeBytes == size && UploadPlanning.IsMadeOfOtherBytes(facts, await OriginAsync(plan, cancellation), plan))
        {
            mode = DedupeMode.Checksum;
        }

        var verdict = ContentComparison.Compare(size, known, facts, mode);
        if (verdict != SameContent.NeedsDigest)
        {
            return verdict;
        }

        if (ContentComparison.Wanted(facts) is var kinds and not DigestKinds.None)
        {
            return ContentComparison.Compare(size, FileBody.Digest(file, 0, size, kinds, cancellation), facts, mode);
        }

        return EqualsPartwise(file, size, facts.ETag, cancellation) ? SameContent.Yes : SameContent.No;
    }

    /// <summary>
    /// Whether what lies at the address may be replaced. The ledger is asked again: another file of that key may have been stored since the
    /// plan was made, and its local file may be gone by now.
    /// </summary>
    public async Task<bool> MayReplaceAsync(UploadPlan plan, CancellationToken cancellation)
    {
        if (!plan.MayOverwrite || route.Settings.Conflict == ConflictMode.Overwrite)
        {
            return plan.MayOverwrite;
        }

        return !UploadPlanning.IsAnothers(await OriginAsync(plan, cancellation), route.Name, plan.Path);
    }

    private async Task<ObjectOrigin?> OriginAsync(UploadPlan plan, CancellationToken cancellation) =>
        (await node.Ledger.LookUpOriginsAsync(traits.Name, [plan.Address], cancellation))[0];

    public ObjectAttributes Attributes(string path)
    {
        var settings = route.Settings.Objects;
        return new ObjectAttributes(
            settings.ContentType ?? node.ContentTypeOf(path), settings.StorageClass, settings.ServerSideEncryption, settings.KmsKeyId, settings.Tags);
    }

    // The ledger says that this version is stored already. That may be days ago, so the store is asked before anything follows from it.
    private async Task<TransferResult?> ConfirmAsync(UploadPlan plan, CancellationToken cancellation)
    {
        if (plan.Confirm is not { } recorded)
        {
            return null;
        }

        var facts = await route.Store.HeadAsync(plan.Address, cancellation);
        return facts is not null
            && facts.SizeBytes == plan.Fingerprint.SizeBytes
            && recorded.Digests.Agrees(facts.Digests) != false
            && facts.ETag.Length > 0
            && string.Equals(facts.ETag, recorded.ETag, StringComparison.Ordinal)
                ? Stored(plan, facts, recorded.Digests, already: true)
                : null;
    }

    private bool InParts(UploadPlan plan) =>
        traits.Multipart is { } limits
        && (plan.Fingerprint.SizeBytes >= node.Settings.Uploads.MultipartFromBytes || plan.Fingerprint.SizeBytes > limits.MaximumPutSizeBytes)
        && plan.Fingerprint.SizeBytes > 0;

    private bool FitsMemory(UploadPlan plan) => plan.Fingerprint.SizeBytes <= BufferLimit(node.Settings.Uploads);

    private async Task<TransferResult> PutAsync(ISourceFile file, UploadPlan plan, CancellationToken cancellation)
    {
        var size = plan.Fingerprint.SizeBytes;
        if (!FitsMemory(plan))
        {
            var digests = FileBody.Digest(file, 0, size, traits.PutDigests, cancellation);
            return await WriteAsync(file, plan, new FileBody(file, 0, size, digests, resources), cancellation);
        }

        using var body = await MemoryBody.ReadAsync(file, 0, (int)size, traits.PutDigests, resources, cancellation);
        var unfit = Unfit(file, plan);
        FaultPoint.Disable("fingerprint-after-read", ref unfit);
        if (unfit is { } changed)
        {
            return new TransferResult(plan, changed);
        }

        FaultPoint.Reached("read");
        return await WriteAsync(file, plan, body, cancellation);
    }

    private async Task<TransferResult> WriteAsync(ISourceFile file, UploadPlan plan, IUploadBody body, CancellationToken cancellation)
    {
        var condition = plan.Condition.ExpectedETag is null || await MayReplaceAsync(plan, cancellation) ? plan.Condition : WriteCondition.IfAbsent;
        var looks = condition.ExpectedETag is null && traits.ConditionalWrites ? resources.FirstLooksOf(route) : null;
        var first = looks is null ? default : await looks.LookAsync(plan, cancellation);
        for (var round = 0; round < MostRounds; round++)
        {
            // A store without conditions is asked first; what it would refuse is decided here.
            var isLookedAt = round == 0 && first.Looked;
            if (traits.ConditionalWrites && !isLookedAt)
            {
                var written = await PutOrAskAsync(plan, body, condition, cancellation);
                if (written.Outcome == WriteOutcome.Stored)
                {
                    looks?.Learned(wasThere: false);
                    return Stored(plan, written.Object!, body.Digests, already: false);
                }
            }

            var there = isLookedAt ? first.There : await route.Store.HeadAsync(plan.Address, cancellation);
            if (there is not null && await CompareAsync(file, plan, body.Digests, there, cancellation) == SameContent.Yes)
            {
                looks?.Learned(wasThere: true);
                return Unfit(file, plan) is { } unfit ? new TransferResult(plan, unfit) : Stored(plan, there, body.Digests, already: true);
            }

            if (there is not null && !await MayReplaceAsync(plan, cancellation))
            {
                return Conflict(plan);
            }

            if (!traits.ConditionalWrites)
            {
                var written = await PutOrAskAsync(plan, body, null, cancellation);
                return Stored(plan, written.Object!, body.Digests, already: false);
            }

            condition = there is null ? WriteCondition.IfAbsent : there.ETag.Length > 0 ? WriteCondition.IfMatches(there.ETag) : null;
        }

        return new TransferResult(plan, TransferOutcome.Failed, Failure: new Failure(
            FailureScope.File,
            FailureNature.Passing,
            "WriteRace",
            $"{plan.Address} was changed by somebody else each time that it was about to be written.",
            "See that only one program writes this key."));
    }

    // An error after which nobody knows whether the write was done is resolved by asking the store.
    private async Task<WriteResult> PutOrAskAsync(UploadPlan plan, IUploadBody body, WriteCondition? condition, CancellationToken cancellation)
    {
        var request = new PutRequest(plan.Address, body, Attributes(plan.Path), condition);
        try
        {
            var result = await route.Store.PutAsync(request, cancellation);
            node.Meters.Sent(body.LengthBytes);
            return result;
        }
        catch (StoreException) when (body is FileBody { Broken: { } broken })
        {
            ExceptionDispatchInfo.Throw(broken);
            throw;
        }
        catch (StoreException unknown) when (unknown.Failure.OutcomeUnknown)
        {
            var there = await route.Store.HeadAsync(plan.Address, cancellation);
            if (there is not null && there.SizeBytes == body.LengthBytes && body.Digests.Agrees(there.Digests) == true)
            {
                return WriteResult.Stored(there);
            }

            throw;
        }
    }

    /// <summary>Bodies up to this length are read once and sent from memory.</summary>
    public static long BufferLimit(UploadSettings settings) => Math.Min(settings.BufferBytes / 2, 64L << 20);

    // An object that was uploaded in parts by whomever tells only the MD5 of its parts' MD5s. The usual part sizes are tried that give its number of parts.
    private bool EqualsPartwise(ISourceFile file, long size, string eTag, CancellationToken cancellation)
    {
        var count = ContentComparison.MultipartParts(eTag);
        long[] usual = [node.Settings.Uploads.PartSizeBytes, 5L << 20, 8L << 20, 10L << 20, 15L << 20, 16L << 20, 32L << 20, 50L << 20, 64L << 20, 100L << 20, 128L << 20];
        foreach (var partSize in usual.Distinct().Where(partSize => (size + partSize - 1) / partSize == count))
        {
            var parts = new List<string>();
            for (long offset = 0; offset < size; offset += partSize)
            {
                parts.Add(FileBody.Digest(file, offset, Math.Min(partSize, size - offset), DigestKinds.Md5, cancellation).Md5!);
            }

            if (string.Equals(ContentHasher.MultipartETag(parts), eTag, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
