namespace Akka.Pipeline.Storage.S3;

using System.Runtime.InteropServices;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>Sends bytes through the AWS SDK.</summary>
internal sealed class SdkSender(IAmazonS3 client, ChecksumMode checksum, bool https) : ISender
{
    // A body this small is taken in one go: its progress need not be watched.
    private const long WatchedFromBytes = 1L << 20;

    // Over https the body needs no signature of its own: TLS and the checksum guard it, and a second pass over every byte is saved. Over http the SDK insists.
    private readonly bool unsigned = https;

    public async Task<SendAnswer> PutAsync(PutRequest request, Precondition condition, StallClock clock)
    {
        await using var stream = Open(request.Body, clock);
        var digests = request.Body.Digests;
        var put = new PutObjectRequest
        {
            BucketName = request.Address.Bucket,
            Key = request.Address.Key,
            InputStream = stream,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            DisablePayloadSigning = unsigned,
            IfNoneMatch = condition.IfNoneMatch,
            IfMatch = condition.IfMatch,
        };
        var attributes = request.Attributes;
        put.ContentType = attributes.ContentType;
        put.StorageClass = S3Attributes.StorageClassOf(attributes);
        put.ServerSideEncryptionMethod = S3Attributes.EncryptionOf(attributes);
        put.ServerSideEncryptionKeyManagementServiceKeyId = attributes.KmsKeyId;
        put.TagSet = S3Attributes.TagsOf(attributes);
        switch (checksum)
        {
            case ChecksumMode.Crc32C:
                put.ChecksumAlgorithm = ChecksumAlgorithm.CRC32C;
                put.ChecksumCRC32C = S3Digests.ToBase64(digests.Crc32C);
                break;
            case ChecksumMode.Sha256:
                put.ChecksumAlgorithm = ChecksumAlgorithm.SHA256;
                put.ChecksumSHA256 = S3Digests.ToBase64(digests.Sha256);
                break;
            default:
                put.MD5Digest = S3Digests.ToBase64(digests.Md5);
                break;
        }

        var answer = await client.PutObjectAsync(put, clock.Token);
        return new SendAnswer(
            S3Digests.Unquote(answer.ETag),
            new DigestSet(null, S3Digests.ToHex(answer.ChecksumCRC32C, 4), S3Digests.ToHex(answer.ChecksumSHA256, 32)),
            S3Attributes.MakesETagOpaque(answer.ServerSideEncryptionMethod?.Value) || answer.ServerSideEncryptionCustomerMethod is { Value.Length: > 0 },
            answer.VersionId);
    }

    public async Task<SendAnswer> UploadPartAsync(PartRequest request, StallClock clock)
    {
        await using var stream = Open(request.Body, clock);
        var digests = request.Body.Digests;
        var part = new UploadPartRequest
        {
            BucketName = request.Address.Bucket,
            Key = request.Address.Key,
            UploadId = request.UploadId,
            PartNumber = request.PartNumber,
            PartSize = request.Body.LengthBytes,
            InputStream = stream,
            UseChunkEncoding = false,
            DisablePayloadSigning = unsigned,
        };
        switch (checksum)
        {
            case ChecksumMode.Crc32C:
                part.ChecksumAlgorithm = ChecksumAlgorithm.CRC32C;
                part.ChecksumCRC32C = S3Digests.ToBase64(digests.Crc32C);
                break;
            case ChecksumMode.Sha256:
                part.ChecksumAlgorithm = ChecksumAlgorithm.SHA256;
                part.ChecksumSHA256 = S3Digests.ToBase64(digests.Sha256);
                break;
            default:
                part.MD5Digest = S3Digests.ToBase64(digests.Md5);
                break;
        }

        var answer = await client.UploadPartAsync(part, clock.Token);
        return new SendAnswer(
            S3Digests.Unquote(answer.ETag),
            new DigestSet(null, S3Digests.ToHex(answer.ChecksumCRC32C, 4), S3Digests.ToHex(answer.ChecksumSHA256, 32)),
            S3Attributes.MakesETagOpaque(answer.ServerSideEncryptionMethod?.Value),
            null);
    }

    private static Stream Open(IUploadBody body, StallClock clock)
    {
        if (body.LengthBytes < WatchedFromBytes)
        {
            return MemoryMarshal.TryGetArray(body.Memory, out var segment) && segment.Count == body.LengthBytes
                ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
                : body.OpenRead();
        }

        return new WatchedStream(body.OpenRead(), clock);
    }
}
