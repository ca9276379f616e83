namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Buffers;
using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;
using Microsoft.Win32.SafeHandles;

/// <summary>CopyObject.</summary>
internal sealed class CopyEndpoint(ObjectStore store, SandboxOptions options)
{
    public async Task<S3Response> CopyAsync(S3Request request)
    {
        ObjectEndpoints.CheckKey(request.Key);
        var target = store.FindForWrite(request.Bucket);
        var condition = WriteCondition.From(request);
        var (sourceBucket, sourceKey) = ParseSource(request.Header("x-amz-copy-source")!);
        var (source, handle) = store.Find(sourceBucket).Open(sourceKey) ?? throw S3Errors.NoSuchKey(sourceKey);
        using (handle)
        {
            CheckSource(request, source);
            if (source.SizeBytes > ObjectEndpoints.MaxPutBytes)
            {
                throw S3Errors.InvalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
            }

            var attributes = Attributes(request, source, isSame: sourceBucket == request.Bucket && sourceKey == request.Key);
            var algorithm = request.Header("x-amz-checksum-algorithm") is { } name ? ChecksumAlgorithms.Parse(name) : source.Checksum.Algorithm;
            using var body = store.Temporaries.Create();
            var (etag, checksum) = handle is null ? (source.ETag, source.Checksum) : CopyBytes(handle, source.SizeBytes, body, algorithm);
            await request.Faults.BeforeCommitAsync();
            var record = target.Put(new(request.Key, "", source.SizeBytes, etag, options.Clock.GetUtcNow(), checksum, attributes), body, condition);
            return S3Response.Xml(S3Document.Write("CopyObjectResult", xml =>
            {
                xml.Text("LastModified", Listing.Timestamp(record.ModifiedAt));
                xml.Text("ETag", $"\"{record.ETag}\"");
                xml.Text("ChecksumType", record.Checksum.Type.WireName);
                xml.Text(record.Checksum.Algorithm.ElementName, record.Checksum.Value);
            }));
        }
    }

    private static (string Bucket, string Key) ParseSource(string header)
    {
        if (header.Contains('?', StringComparison.Ordinal))
        {
            throw S3Errors.NotImplemented("The sandbox has no versions to copy from.");
        }

        var source = UriText.Decode(header, plusIsSpace: false)?.TrimStart('/');
        var slash = source?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return source is null || slash <= 0 || slash + 1 == source.Length
            ? throw S3Errors.InvalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
            : (source[..slash], source[(slash + 1)..]);
    }

    private static void CheckSource(S3Request request, ObjectRecord source)
    {
        if (request.Header("x-amz-copy-source-if-match") is { } match && !ReadCondition.Names(match, source.ETag))
        {
            throw S3Errors.PreconditionFailed("x-amz-copy-source-If-Match");
        }

        if (request.Header("x-amz-copy-source-if-none-match") is { } noneMatch && ReadCondition.Names(noneMatch, source.ETag))
        {
            throw S3Errors.PreconditionFailed("x-amz-copy-source-If-None-Match");
        }
    }

    private static ObjectAttributes Attributes(S3Request request, ObjectRecord source, bool isSame)
    {
        var given = AttributesOfRequest.Read(request);
        var replaces = request.Header("x-amz-metadata-directive") == "REPLACE";
        if (isSame && !replaces && request.Header("x-amz-storage-class") is null && request.Header(AttributesOfRequest.Encryption) is null)
        {
            throw S3Errors.InvalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }

        var headers = new Dictionary<string, string>(replaces ? given.Headers : source.Attributes.Headers, StringComparer.Ordinal);
        headers.Remove("x-amz-storage-class");
        // Storage class and encryption never come from the source.
        foreach (var name in given.Headers.Keys.Where(name => name.StartsWith("x-amz-s", StringComparison.Ordinal)))
        {
            headers[name] = given.Headers[name];
        }

        return new(headers, request.Header("x-amz-tagging-directive") == "REPLACE" ? given.Tags : source.Attributes.Tags);
    }

    private static (string ETag, Checksum Checksum) CopyBytes(SafeFileHandle source, long sizeBytes, TemporaryFile target, ChecksumAlgorithm algorithm)
    {
        using var digests = new BodyDigests(algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        for (long offset = 0; offset < sizeBytes;)
        {
            var count = RandomAccess.Read(source, buffer, offset);
            if (count == 0)
            {
                throw new EndOfStreamException("An object's file is shorter than its record says.");
            }

            digests.Append(buffer.AsSpan(0, count));
            target.Append(buffer.AsSpan(0, count));
            offset += count;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        digests.Finish();
        target.Finish();
        return (Convert.ToHexStringLower(digests.Md5), new(algorithm, ChecksumType.FullObject, digests.ChecksumValue));
    }
}
