namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Text;
using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Requests on one key, apart from multipart and tags.</summary>
internal sealed class ObjectEndpoints(ObjectStore store, SandboxOptions options)
{
    /// <summary>Largest object that one PUT makes (AWS: 5 GiB).</summary>
    public const long MaxPutBytes = 5L << 30;
    private const int MaxKeyBytes = 1024;

    private static readonly (string Query, string Header)[] Overrides =
    [
        ("response-content-type", "content-type"), ("response-content-language", "content-language"), ("response-expires", "expires"),
        ("response-cache-control", "cache-control"), ("response-content-disposition", "content-disposition"), ("response-content-encoding", "content-encoding"),
    ];

    public static void CheckKey(string key)
    {
        var sizeBytes = Encoding.UTF8.GetByteCount(key);
        if (sizeBytes > MaxKeyBytes)
        {
            throw S3Errors.KeyTooLong(sizeBytes);
        }
    }

    public async Task<S3Response> PutAsync(S3Request request, CancellationToken cancellation)
    {
        CheckKey(request.Key);
        var bucket = store.FindForWrite(request.Bucket);
        var condition = WriteCondition.From(request);
        var attributes = AttributesOfRequest.Read(request);
        var claim = ChecksumClaim.From(request);
        if (request.Body.LengthBytes > MaxPutBytes)
        {
            throw S3Errors.EntityTooLarge();
        }

        // A client that asks before it sends is answered before it sends.
        if (request.Header("expect") is not null)
        {
            condition.Check(request.Key, bucket.Find(request.Key));
        }

        // AWS computes CRC-64/NVME for an object about which the client says nothing.
        using var body = await BodyIntake.ReceiveAsync(request, claim, ChecksumAlgorithm.Crc64Nvme, store.Temporaries, cancellation);
        await request.Faults.BeforeCommitAsync();
        var etag = AttributesOfRequest.ETagFor(attributes, body.Md5);
        var record = bucket.Put(
            new(request.Key, "", body.SizeBytes, etag, options.Clock.GetUtcNow(), body.Checksum, attributes), body.File, condition, options.Told(request));
        var response = new S3Response(200).With("ETag", $"\"{record.ETag}\"")
            .With(record.Checksum.Algorithm.HeaderName, record.Checksum.Value)
            .With("x-amz-checksum-type", record.Checksum.Type.WireName);
        AttributesOfRequest.WriteEncryption(response, attributes);
        return response;
    }

    public S3Response Get(S3Request request) => Read(request, withBody: true);

    public S3Response Head(S3Request request) => Read(request, withBody: false);

    public async Task<S3Response> DeleteAsync(S3Request request)
    {
        var bucket = store.Find(request.Bucket);
        await request.Faults.BeforeCommitAsync();
        bucket.Delete(request.Key, request.Header("if-match")?.Trim('"'));
        return new(204);
    }

    public S3Response GetAttributes(S3Request request)
    {
        var record = store.Find(request.Bucket).Find(request.Key) ?? throw S3Errors.NoSuchKey(request.Key);
        var wanted = (request.Header("x-amz-object-attributes") ?? throw S3Errors.InvalidRequest("Missing required header for this request: x-amz-object-attributes"))
            .Split(',', StringSplitOptions.TrimEntries);
        var document = S3Document.Write("GetObjectAttributesResponse", xml =>
        {
            if (wanted.Contains("ETag"))
            {
                xml.Text("ETag", record.ETag);
            }

            if (wanted.Contains("Checksum"))
            {
                xml.Nested("Checksum", () =>
                {
                    xml.Text(record.Checksum.Algorithm.ElementName, record.Checksum.Value);
                    xml.Text("ChecksumType", record.Checksum.Type.WireName);
                });
            }

            if (wanted.Contains("ObjectParts") && record.Parts is { } parts)
            {
                xml.Nested("ObjectParts", () =>
                {
                    xml.Text("PartsCount", $"{parts.Count}");
                    foreach (var part in parts.Take(1000))
                    {
                        xml.Nested("Part", () =>
                        {
                            xml.Text("PartNumber", $"{part.Number}");
                            xml.Text("Size", $"{part.SizeBytes}");
                            xml.Text(record.Checksum.Algorithm.ElementName, part.Checksum);
                        });
                    }
                });
            }

            if (wanted.Contains("StorageClass"))
            {
                xml.Text("StorageClass", record.Attributes.StorageClass);
            }

            if (wanted.Contains("ObjectSize"))
            {
                xml.Text("ObjectSize", $"{record.SizeBytes}");
            }
        });
        return S3Response.Xml(document).With("Last-Modified", record.ModifiedAt.ToString("R"));
    }

    private S3Response Read(S3Request request, bool withBody)
    {
        CheckKey(request.Key);
        var (record, handle) = store.Find(request.Bucket).Open(request.Key) ?? throw S3Errors.NoSuchKey(request.Key);
        var keepsHandle = false;
        try
        {
            if (ReadCondition.IsNotModified(request, record))
            {
                return new S3Response(304).With("ETag", $"\"{record.ETag}\"").With("Last-Modified", record.ModifiedAt.ToString("R"));
            }

            if (withBody && handle is null)
            {
                throw S3Errors.NotImplemented("The sandbox runs in null mode and keeps no bodies.");
            }

            var range = Part(request, record) ?? ReadCondition.Range(request.Header("range"), record.SizeBytes);
            var (offset, length) = range ?? (0, record.SizeBytes);
            keepsHandle = withBody;
            var response = new S3Response(range is null ? 200 : 206)
            {
                File = withBody ? new(handle!, offset, length) : null,
                LengthBytes = length,
            };
            Describe(request, record, response, range);
            return response;
        }
        finally
        {
            if (!keepsHandle)
            {
                handle?.Dispose();
            }
        }
    }

    private static (long Offset, long Length)? Part(S3Request request, ObjectRecord record)
    {
        if (request.Query["partNumber"] is not { } text)
        {
            return null;
        }

        var parts = record.Parts ?? [new(1, record.SizeBytes, record.Checksum.Value)];
        if (!int.TryParse(text, out var number) || number < 1 || number > parts.Count)
        {
            throw new S3Exception(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
        }

        return (parts.Take(number - 1).Sum(part => part.SizeBytes), parts[number - 1].SizeBytes);
    }

    private static void Describe(S3Request request, ObjectRecord record, S3Response response, (long Offset, long Length)? range)
    {
        response.With("Accept-Ranges", "bytes").With("ETag", $"\"{record.ETag}\"").With("Last-Modified", record.ModifiedAt.ToString("R"));
        AttributesOfRequest.Write(response, record);
        foreach (var (query, header) in Overrides)
        {
            if (request.Query[query] is { } value)
            {
                if (value.Any(char.IsControl))
                {
                    throw S3Errors.InvalidArgument($"{query} holds a control character.");
                }

                response.Headers.RemoveAll(present => present.Key == header);
                response.With(header, value);
            }
        }

        if (range is { } part)
        {
            response.With("Content-Range", part.Length == 0 ? $"bytes */{record.SizeBytes}" : $"bytes {part.Offset}-{part.Offset + part.Length - 1}/{record.SizeBytes}");
        }
        else if (string.Equals(request.Header("x-amz-checksum-mode"), "ENABLED", StringComparison.OrdinalIgnoreCase))
        {
            response.With(record.Checksum.Algorithm.HeaderName, record.Checksum.Value).With("x-amz-checksum-type", record.Checksum.Type.WireName);
        }

        if (request.Query.Has("partNumber") && record.Parts is { } parts)
        {
            response.With("x-amz-mp-parts-count", $"{parts.Count}");
        }
    }
}
