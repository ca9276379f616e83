namespace Akka.Pipeline.Storage.S3;

using System.Runtime.CompilerServices;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;
using Amazon.S3;
using Amazon.S3.Model;

public sealed partial class S3ObjectStore
{
    public async Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var attributes = request.Attributes;
        var create = new InitiateMultipartUploadRequest
        {
            BucketName = request.Address.Bucket,
            Key = request.Address.Key,
            ContentType = attributes.ContentType,
            StorageClass = S3Attributes.StorageClassOf(attributes),
            ServerSideEncryptionMethod = S3Attributes.EncryptionOf(attributes),
            ServerSideEncryptionKeyManagementServiceKeyId = attributes.KmsKeyId,
            TagSet = S3Attributes.TagsOf(attributes),
        };
        if (checksum != ChecksumMode.Md5)
        {
            create.ChecksumAlgorithm = checksum == ChecksumMode.Crc32C ? ChecksumAlgorithm.CRC32C : ChecksumAlgorithm.SHA256;
            create.ChecksumType = checksum == ChecksumMode.Crc32C ? ChecksumType.FULL_OBJECT : ChecksumType.COMPOSITE;
        }

        try
        {
            return await CallAsync(
                S3Operation.CreateMultipart,
                request.Address,
                async clock => (await client.InitiateMultipartUploadAsync(create, clock.Token)).UploadId is { Length: > 0 } id ? id : throw NotS3(),
                cancellation);
        }
        catch (StoreException e) when (e.Failure.Code == "MethodNotAllowed")
        {
            // Ceph (16.2, seen 2026-11) says so of a bucket that does not exist.
            await FindBucketAsync(request.Address.Bucket, cancellation);
            throw;
        }
    }

    public async Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = await CallAsync(S3Operation.UploadPart, request.Address, clock => sender.UploadPartAsync(request, clock), cancellation);
        Confirm(S3Operation.UploadPart, request.Address, request.Body, answer);
        return new PartFacts(request.PartNumber, request.Body.LengthBytes, answer.ETag, request.Body.Digests);
    }

    public async Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation)
    {
        var parts = new List<PartFacts>();
        string? after = null;
        try
        {
            while (true)
            {
                var ask = new ListPartsRequest { BucketName = address.Bucket, Key = address.Key, UploadId = uploadId, PartNumberMarker = after };
                var page = await CallAsync(S3Operation.ListParts, address, async clock => await client.ListPartsAsync(ask, clock.Token) is { UploadId.Length: > 0 } list ? list : throw NotS3(), cancellation);
                parts.AddRange((page.Parts ?? []).Select(FactsOf));
                var next = page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture);
                if (page.IsTruncated != true || next is null || next == after)
                {
                    break;
                }

                after = next;
            }
        }
        catch (StoreException e) when (e.Failure.Code == "NoSuchUpload")
        {
            return null;
        }

        parts.Sort((a, b) => a.PartNumber.CompareTo(b.PartNumber));
        return parts;
    }

    public async Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Condition is { } condition && !Traits.ConditionalComplete && !Holds(condition, await HeadAsync(request.Address, cancellation)))
        {
            return WriteResult.ConditionFailed;
        }

        var whole = WholeOf(request);
        var complete = CompleteOf(request, whole);
        CompleteMultipartUploadResponse answer;
        try
        {
            answer = await CallAsync(S3Operation.CompleteMultipart, request.Address, clock => client.CompleteMultipartUploadAsync(complete, clock.Token), cancellation);
        }
        catch (StoreException e) when (e.Failure.Code is "PreconditionFailed" or "NoSuchKey" && request.Condition is not null)
        {
            return WriteResult.ConditionFailed;
        }
        catch (StoreException e) when (e.Failure.Code == "InternalError")
        {
            // Ceph (16.2, seen 2026-11) says so of an upload that was aborted, and would say so for ever.
            if (await IsUploadGoneAsync(request, cancellation))
            {
                throw new StoreException(S3Failures.Classify(Ask(S3Operation.CompleteMultipart, request.Address), new S3Trouble(TroubleKind.Refused, 404, "NoSuchUpload")) with { OutcomeUnknown = true });
            }

            throw;
        }

        var told = S3Digests.Read(null, answer.ChecksumCRC32C, answer.ChecksumSHA256, answer.ChecksumType?.Value);
        var eTag = S3Digests.Unquote(answer.ETag);
        if (eTag.Length > 0 && told.Agrees(whole) == true)
        {
            return WriteResult.Stored(new ObjectFacts(request.SizeBytes, eTag, whole, answer.VersionId));
        }

        return WriteResult.Stored(await ConfirmWholeAsync(request, whole, cancellation));
    }

    private async Task<bool> IsUploadGoneAsync(CompleteMultipartRequest request, CancellationToken cancellation)
    {
        try
        {
            return await ListPartsAsync(request.Address, request.UploadId, cancellation) is null;
        }
        catch (StoreException)
        {
            // What became of the completion is as unknown as before.
            return false;
        }
    }

    public async Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(
                S3Operation.AbortMultipart,
                address,
                clock => client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = address.Bucket, Key = address.Key, UploadId = uploadId }, clock.Token),
                cancellation);
        }
        catch (StoreException e) when (e.Failure.Code == "NoSuchUpload")
        {
            // Ended already.
        }
    }

    public async IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? key = null, id = null;
        while (true)
        {
            var ask = new ListMultipartUploadsRequest { BucketName = bucket, Prefix = keyPrefix.Length == 0 ? null : keyPrefix, KeyMarker = key, UploadIdMarker = id, Encoding = EncodingType.Url };
            var page = await CallAsync(S3Operation.ListMultiparts, new ObjectAddress(bucket, ""), async clock => await client.ListMultipartUploadsAsync(ask, clock.Token) is { BucketName.Length: > 0 } list ? list : throw NotS3(), cancellation);
            var encoded = page.EncodingType == EncodingType.Url;
            foreach (var upload in page.MultipartUploads ?? [])
            {
                yield return new OpenMultipart(new ObjectAddress(bucket, S3Digests.ReadKey(upload.Key, encoded)!), upload.UploadId, upload.Initiated is { } at ? new DateTimeOffset(at.ToUniversalTime()) : DateTimeOffset.MinValue);
            }

            var next = (S3Digests.ReadKey(page.NextKeyMarker, encoded), page.NextUploadIdMarker);
            if (page.IsTruncated != true || next == (key, id))
            {
                yield break;
            }

            (key, id) = next;
        }
    }

    // The SDK makes an empty list of any page that a proxy or a web console sends.
    private static S3TroubleException NotS3() => new(new S3Trouble(TroubleKind.Unreadable, 200, "UnreadableAnswer"));

    private PartFacts FactsOf(PartDetail part)
    {
        var eTag = S3Digests.Unquote(part.ETag);
        var digests = new DigestSet(
            checksum == ChecksumMode.Md5 ? S3Digests.Md5Of(eTag) : null,
            S3Digests.ToHex(part.ChecksumCRC32C, 4),
            S3Digests.ToHex(part.ChecksumSHA256, 32));
        return new PartFacts(part.PartNumber ?? 0, part.Size ?? 0, eTag, digests);
    }

    private DigestSet WholeOf(CompleteMultipartRequest request) =>
        checksum == ChecksumMode.Crc32C && request.WholeObject.Crc32C is null
            ? request.WholeObject with { Crc32C = S3Digests.CombineCrc32C(request.Parts.OrderBy(p => p.PartNumber).Select(p => (p.Digests.Crc32C, p.SizeBytes))) }
            : request.WholeObject;

    private CompleteMultipartUploadRequest CompleteOf(CompleteMultipartRequest request, DigestSet whole)
    {
        var complete = new CompleteMultipartUploadRequest
        {
            BucketName = request.Address.Bucket,
            Key = request.Address.Key,
            UploadId = request.UploadId,
            PartETags = [.. request.Parts.OrderBy(p => p.PartNumber).Select(p => new PartETag(p.PartNumber, p.ETag)
            {
                ChecksumSHA256 = checksum == ChecksumMode.Sha256 ? S3Digests.ToBase64(p.Digests.Sha256) : null,
            })],
        };
        if (checksum == ChecksumMode.Crc32C)
        {
            complete.ChecksumType = ChecksumType.FULL_OBJECT;
            complete.ChecksumCRC32C = S3Digests.ToBase64(whole.Crc32C);
            complete.MpuObjectSize = request.SizeBytes;
        }

        if (Traits.ConditionalComplete)
        {
            var condition = Precondition.Of(request.Condition, conditions.Quoted);
            complete.IfNoneMatch = condition.IfNoneMatch;
            complete.IfMatch = condition.IfMatch;
        }

        return complete;
    }

    /// <summary>The answer to the completion did not prove anything: what does the store hold now?</summary>
    private async Task<ObjectFacts> ConfirmWholeAsync(CompleteMultipartRequest request, DigestSet whole, CancellationToken cancellation)
    {
        var asked = Ask(S3Operation.CompleteMultipart, request.Address);
        Look? look;
        try
        {
            look = await LookAsync(request.Address, cancellation);
        }
        catch (StoreException e)
        {
            throw new StoreException(e.Failure with { OutcomeUnknown = true }, e);
        }

        var held = look?.Facts;
        if (held is null || held.SizeBytes != request.SizeBytes || held.Digests.Agrees(whole) == false)
        {
            throw new StoreException(S3Failures.Contradiction(asked));
        }

        if (held.Digests.Agrees(whole) == true)
        {
            return held with { Digests = whole };
        }

        if (checksum == ChecksumMode.Crc32C)
        {
            throw new StoreException(S3Failures.NotConfirmed(asked));
        }

        // The ETag of several parts is made of theirs. Every part was confirmed as it was sent, so this proves that they were joined, all and in order.
        var parts = request.Parts.OrderBy(p => p.PartNumber).Select(p => p.Digests.Md5 ?? S3Digests.Md5Of(p.ETag)).ToList();
        if (!look!.ETagIsOpaque && parts.TrueForAll(md5 => md5 is not null) && IsMultipartMd5(held.ETag, parts.Count)
            && !string.Equals(ContentHasher.MultipartETag(parts!), held.ETag, StringComparison.OrdinalIgnoreCase))
        {
            throw new StoreException(S3Failures.Contradiction(asked));
        }

        // Encryption and some stores make other ETags; then the size, and each part's own proof, is all there is.
        return held with { Digests = whole };
    }

    private static bool IsMultipartMd5(string eTag, int parts) =>
        eTag.EndsWith($"-{parts}", StringComparison.Ordinal) && S3Digests.Md5Of(eTag.Split('-')[0]) is not null;
}
