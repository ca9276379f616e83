namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Text;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Takes from a request what is to be kept with the object, and gives it back with an answer.</summary>
internal static class AttributesOfRequest
{
    public const string MetadataPrefix = "x-amz-meta-";
    public const string Encryption = "x-amz-server-side-encryption";
    private const string KmsKey = "x-amz-server-side-encryption-aws-kms-key-id";
    // 2 KB for all of it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html (read 2026-11).
    private const int MaxMetadataBytes = 2048;
    private static readonly string[] Kept =
    [
        "content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires", "x-amz-website-redirect-location",
        "x-amz-storage-class", Encryption, KmsKey,
    ];

    private static readonly HashSet<string> StorageClasses = new(StringComparer.Ordinal)
    {
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR",
    };

    /// <exception cref="S3Exception">Something in it is more than S3 takes.</exception>
    public static ObjectAttributes Read(S3Request request)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["content-type"] = "binary/octet-stream", [Encryption] = "AES256" };
        var metadataBytes = 0;
        foreach (var (name, value) in request.Headers)
        {
            var lower = name.ToLowerInvariant();
            if (lower.StartsWith(MetadataPrefix, StringComparison.Ordinal))
            {
                metadataBytes += lower.Length - MetadataPrefix.Length + Encoding.UTF8.GetByteCount(value);
                headers[lower] = value;
            }
            else if (lower.StartsWith("x-amz-server-side-encryption-customer", StringComparison.Ordinal))
            {
                throw S3Errors.NotImplemented("Keys of the customer (SSE-C) are not implemented in the sandbox.");
            }
            else if (Kept.Contains(lower) && value.Length > 0)
            {
                headers[lower] = value;
            }
        }

        if (metadataBytes > MaxMetadataBytes)
        {
            throw new S3Exception(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
        }

        if (headers.TryGetValue("x-amz-storage-class", out var storageClass) && !StorageClasses.Contains(storageClass))
        {
            throw new S3Exception(400, "InvalidStorageClass", "The storage class you specified is not valid");
        }

        if (headers[Encryption] is not ("AES256" or "aws:kms" or "aws:kms:dsse"))
        {
            throw new S3Exception(400, "InvalidEncryptionAlgorithmError", "The encryption request that you specified is not valid. The valid value is AES256.");
        }

        if (headers.TryGetValue("content-encoding", out var encoding))
        {
            // The framing of the transfer is no property of the object.
            var kept = encoding.Split(',', StringSplitOptions.TrimEntries).Where(coding => coding is not ("aws-chunked" or ""));
            headers.Remove("content-encoding");
            if (string.Join(",", kept) is { Length: > 0 } rest)
            {
                headers["content-encoding"] = rest;
            }
        }

        return new(headers, request.Header("x-amz-tagging") is { } tagging ? Tags(tagging) : new Dictionary<string, string>());
    }

    /// <summary>Puts on an answer to GET or HEAD what was kept.</summary>
    public static void Write(S3Response response, ObjectRecord record)
    {
        foreach (var (name, value) in record.Attributes.Headers)
        {
            // S3 leaves the usual storage class unsaid.
            if (name != "x-amz-storage-class" || value != "STANDARD")
            {
                response.With(name, value);
            }
        }

        if (record.Attributes.Tags.Count > 0)
        {
            response.With("x-amz-tagging-count", $"{record.Attributes.Tags.Count}");
        }
    }

    public static void WriteEncryption(S3Response response, ObjectAttributes attributes) =>
        response.With(Encryption, attributes.Headers.GetValueOrDefault(Encryption)).With(KmsKey, attributes.Headers.GetValueOrDefault(KmsKey));

    /// <summary>An entity tag is no MD5 where KMS encrypts: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (read 2026-11).</summary>
    public static string ETagFor(ObjectAttributes attributes, byte[] md5) =>
        attributes.Headers.GetValueOrDefault(Encryption) is "aws:kms" or "aws:kms:dsse"
            ? Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData([.. md5, .. "kms"u8]))
            : Convert.ToHexStringLower(md5);

    /// <exception cref="S3Exception">InvalidTag, or BadRequest for too many.</exception>
    public static IReadOnlyDictionary<string, string> CheckTags(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
        {
            if (key.Length is 0 or > 128 || value.Length > 256 || key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
            {
                throw new S3Exception(400, "InvalidTag", "The tag provided was not a valid tag. Keys have 1 to 128 characters and do not start with aws:, values have up to 256.");
            }

            if (!tags.TryAdd(key, value))
            {
                throw new S3Exception(400, "InvalidTag", "Cannot provide multiple Tags with the same key");
            }
        }

        return tags.Count > 10 ? throw new S3Exception(400, "BadRequest", "Object tags cannot be greater than 10") : tags;
    }

    private static IReadOnlyDictionary<string, string> Tags(string header)
    {
        try
        {
            return CheckTags(new QueryParameters(header).Pairs);
        }
        catch (S3Exception e) when (e.Code == "InvalidURI")
        {
            throw S3Errors.InvalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.");
        }
    }
}
