namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>CompleteMultipartUpload: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html (read 2026-11).</summary>
internal sealed class CompleteEndpoint(ObjectStore store, SandboxOptions options)
{
    /// <summary>Largest object (AWS, since December 2025: 50 TB; 5 TiB before).</summary>
    private const long MaxObjectBytes = 50_000_000_000_000;

    private sealed record NamedPart(int Number, string ETag, XElement Element);

    public async Task<S3Response> CompleteAsync(S3Request request, CancellationToken cancellation)
    {
        var bucket = store.Find(request.Bucket);
        var condition = WriteCondition.From(request);
        var named = ReadParts(S3Document.Read(await BodyIntake.ReadDocumentAsync(request, cancellation, checksumIsOfObject: true), "CompleteMultipartUpload"));
        var id = request.Query["uploadId"];
        if (store.Uploads.FindCompleted(request.Bucket, request.Key, id) is { } before)
        {
            return Answer(request, before);
        }

        var upload = store.Uploads.Find(request.Bucket, request.Key, id);
        await request.Faults.BeforeCommitAsync();
        await upload.Gate.WaitAsync(CancellationToken.None);
        try
        {
            // Another Complete of the same upload may have gone ahead.
            if (store.Uploads.FindCompleted(request.Bucket, request.Key, id) is { } meanwhile)
            {
                return Answer(request, meanwhile);
            }

            if (upload.IsClosed)
            {
                throw S3Errors.NoSuchUpload();
            }

            var parts = Choose(upload, named);
            condition.Check(request.Key, bucket.Find(request.Key));
            var checksum = Checksum.OfParts(upload.Record.Algorithm, upload.Record.Type, parts.ConvertAll(part => (part.Checksum, part.SizeBytes)));
            var sizeBytes = parts.Sum(part => part.SizeBytes);
            CheckWhole(request, upload.Record, checksum, sizeBytes);
            using var body = store.Temporaries.Create();
            Join(upload, parts, body);
            var record = bucket.Put(
                new(request.Key, "", sizeBytes, ETagOf(parts), options.Clock.GetUtcNow(), checksum, upload.Record.Attributes,
                    [.. parts.Select((part, index) => new ObjectPart(index + 1, part.SizeBytes, part.Checksum))], upload.Record.Id),
                body, condition, options.Told(request));
            store.Uploads.Close(upload, record);
            return Answer(request, record);
        }
        finally
        {
            upload.Gate.Release();
        }
    }

    private static List<NamedPart> ReadParts(XElement document)
    {
        var parts = document.Named("Part").Select(element => new NamedPart(
            int.TryParse(element.TextOf("PartNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw S3Errors.MalformedXml(),
            (element.TextOf("ETag") ?? throw S3Errors.MalformedXml()).Trim('"'),
            element)).ToList();
        if (parts.Count is 0 or > MultipartEndpoints.MaxParts)
        {
            throw S3Errors.MalformedXml();
        }

        return parts.Zip(parts.Skip(1)).Any(pair => pair.First.Number >= pair.Second.Number) ? throw S3Errors.InvalidPartOrder() : parts;
    }

    private List<PartRecord> Choose(MultipartUpload upload, List<NamedPart> named)
    {
        var (algorithm, type) = (upload.Record.Algorithm, upload.Record.Type);
        var chosen = new List<PartRecord>(named.Count);
        foreach (var (number, etag, element) in named)
        {
            if (upload.Find(number) is not { } part || part.ETag != etag)
            {
                throw S3Errors.InvalidPart();
            }

            var claimed = element.TextOf(algorithm.ElementName);
            if (claimed is null && upload.Record.AlgorithmIsChosen && type == ChecksumType.Composite)
            {
                throw S3Errors.InvalidRequest($"The upload was created using a {algorithm.WireName.ToLowerInvariant()} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request.");
            }

            if ((claimed is not null && claimed != part.Checksum)
                || ChecksumAlgorithms.All.Any(other => other != algorithm && element.TextOf(other.ElementName) is not null))
            {
                throw S3Errors.InvalidPart();
            }

            chosen.Add(part);
        }

        if (chosen.Take(chosen.Count - 1).FirstOrDefault(part => part.SizeBytes < options.MinPartSizeBytes) is { } small)
        {
            throw new S3Exception(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
            {
                Details =
                [
                    new("ProposedSize", $"{small.SizeBytes}"), new("MinSizeAllowed", $"{options.MinPartSizeBytes}"), new("PartNumber", $"{small.Number}"), new("ETag", small.ETag),
                ],
            };
        }

        return chosen;
    }

    private static void CheckWhole(S3Request request, UploadRecord upload, Checksum checksum, long sizeBytes)
    {
        if (sizeBytes > MaxObjectBytes)
        {
            throw S3Errors.EntityTooLarge();
        }

        if (request.Header("x-amz-mp-object-size") is { } claimedSize && claimedSize != $"{sizeBytes}")
        {
            throw S3Errors.InvalidRequest($"The provided 'x-amz-mp-object-size' header value {claimedSize} does not match what was computed: {sizeBytes}");
        }

        if (request.Header("x-amz-checksum-type") is { } typeName && ChecksumAlgorithms.ParseType(typeName) != upload.Type)
        {
            throw S3Errors.InvalidRequest($"The upload was created using the {upload.Type.WireName} checksum mode. The complete request must use the same checksum mode.");
        }

        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (request.Header(algorithm.HeaderName) is not { } claimed)
            {
                continue;
            }

            if (algorithm != upload.Algorithm)
            {
                throw S3Errors.InvalidRequest($"Checksum Type mismatch occurred, expected checksum Type: {upload.Algorithm.WireName.ToLowerInvariant()}, actual checksum Type: {algorithm.WireName.ToLowerInvariant()}");
            }

            // Of a composite checksum the number of parts may be left out.
            if (claimed != checksum.Value && (upload.Type != ChecksumType.Composite || claimed != checksum.Value[..checksum.Value.IndexOf('-', StringComparison.Ordinal)]))
            {
                throw S3Errors.BadDigest(algorithm.WireName.ToLowerInvariant());
            }
        }
    }

    private static string ETagOf(List<PartRecord> parts)
    {
        var hashes = new byte[parts.Count * 16];
        for (var i = 0; i < parts.Count; i++)
        {
            Convert.FromHexString(parts[i].ETag).CopyTo(hashes, i * 16);
        }

        return $"{Convert.ToHexStringLower(MD5.HashData(hashes))}-{parts.Count}";
    }

    private static void Join(MultipartUpload upload, List<PartRecord> parts, TemporaryFile target)
    {
        if (target.FullPath is null)
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
        foreach (var part in parts)
        {
            using var source = File.OpenHandle(upload.PathOf(part)!);
            int count;
            for (long offset = 0; (count = RandomAccess.Read(source, buffer, offset)) > 0; offset += count)
            {
                target.Append(buffer.AsSpan(0, count));
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        target.Finish();
    }

    private static S3Response Answer(S3Request request, ObjectRecord record)
    {
        var response = S3Response.Xml(S3Document.Write("CompleteMultipartUploadResult", xml =>
        {
            xml.Text("Location", $"/{request.Bucket}/{UriText.Encode(request.Key, keepSlash: true)}");
            xml.Text("Bucket", request.Bucket);
            xml.Text("Key", request.Key);
            xml.Text("ETag", $"\"{record.ETag}\"");
            xml.Text(record.Checksum.Algorithm.ElementName, record.Checksum.Value);
            xml.Text("ChecksumType", record.Checksum.Type.WireName);
        }));
        AttributesOfRequest.WriteEncryption(response, record.Attributes);
        return response;
    }
}
