namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Globalization;
using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Beginning, filling and giving up multipart uploads.</summary>
internal sealed class MultipartEndpoints(ObjectStore store, SandboxOptions options)
{
    /// <summary>Highest number of a part: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (read 2026-11).</summary>
    public const int MaxParts = 10_000;

    public async Task<S3Response> CreateAsync(S3Request request)
    {
        ObjectEndpoints.CheckKey(request.Key);
        var bucket = store.FindForWrite(request.Bucket);
        var attributes = AttributesOfRequest.Read(request);
        var chosen = request.Header("x-amz-checksum-algorithm");
        var algorithm = chosen is null ? ChecksumAlgorithm.Crc64Nvme : ChecksumAlgorithms.Parse(chosen);
        var type = algorithm.DefaultType;
        if (request.Header("x-amz-checksum-type") is { } typeName)
        {
            if (chosen is null)
            {
                throw S3Errors.InvalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
            }

            type = ChecksumAlgorithms.ParseType(typeName);
            if (!algorithm.Allows(type))
            {
                throw S3Errors.InvalidRequest($"The {type.WireName} checksum type cannot be used with the {algorithm.WireName.ToLowerInvariant()} checksum algorithm.");
            }
        }

        await request.Faults.BeforeCommitAsync();
        var upload = store.Uploads.Create(id => new(id, bucket.Name, request.Key, options.Clock.GetUtcNow(), algorithm, type, chosen is not null, attributes));
        var response = S3Response.Xml(S3Document.Write("InitiateMultipartUploadResult", xml =>
        {
            xml.Text("Bucket", bucket.Name);
            xml.Text("Key", request.Key);
            xml.Text("UploadId", upload.Record.Id);
        }));
        if (chosen is not null)
        {
            response.With("x-amz-checksum-algorithm", algorithm.WireName).With("x-amz-checksum-type", type.WireName);
        }

        AttributesOfRequest.WriteEncryption(response, attributes);
        return response;
    }

    public async Task<S3Response> UploadPartAsync(S3Request request, CancellationToken cancellation)
    {
        store.Find(request.Bucket);
        var upload = store.Uploads.Find(request.Bucket, request.Key, request.Query["uploadId"]);
        if (!int.TryParse(request.Query["partNumber"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MaxParts)
        {
            throw S3Errors.InvalidArgument($"Part number must be an integer between 1 and {MaxParts}, inclusive");
        }

        if (request.Body.LengthBytes > ObjectEndpoints.MaxPutBytes)
        {
            throw S3Errors.EntityTooLarge();
        }

        var claim = ChecksumClaim.From(request);
        var record = upload.Record;
        // Parts of a full-object checksum may leave out their own, and parts of an upload that names no algorithm must not bring another than S3's own.
        var mayBeLeftOut = !record.AlgorithmIsChosen || record.Type == ChecksumType.FullObject;
        if (claim.Algorithm is null ? !mayBeLeftOut : claim.Algorithm != record.Algorithm)
        {
            var expected = record.AlgorithmIsChosen ? record.Algorithm.WireName.ToLowerInvariant() : "null";
            var actual = claim.Algorithm?.WireName.ToLowerInvariant() ?? "null";
            throw S3Errors.InvalidRequest($"Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {actual}");
        }

        using var body = await BodyIntake.ReceiveAsync(request, claim, record.Algorithm, store.Temporaries, cancellation);
        await request.Faults.BeforeCommitAsync();
        var etag = AttributesOfRequest.ETagFor(record.Attributes, body.Md5);
        await upload.Gate.WaitAsync(CancellationToken.None);
        try
        {
            upload.Add(new(number, body.SizeBytes, etag, body.Checksum.Value, options.Clock.GetUtcNow(), null), body.File);
        }
        finally
        {
            upload.Gate.Release();
        }

        var response = new S3Response(200).With("ETag", $"\"{etag}\"").With(record.Algorithm.HeaderName, body.Checksum.Value);
        AttributesOfRequest.WriteEncryption(response, record.Attributes);
        return response;
    }

    public async Task<S3Response> AbortAsync(S3Request request)
    {
        store.Find(request.Bucket);
        var upload = store.Uploads.Find(request.Bucket, request.Key, request.Query["uploadId"]);
        await request.Faults.BeforeCommitAsync();
        await upload.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (upload.IsClosed)
            {
                throw S3Errors.NoSuchUpload();
            }

            store.Uploads.Close(upload, completed: null);
        }
        finally
        {
            upload.Gate.Release();
        }

        return new(204);
    }
}
