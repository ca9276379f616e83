namespace Akka.Pipeline.Core.Stores;

using System.Buffers;
using System.Text;
using System.Text.Json;
using Akka.Pipeline.Core.Digests;

/// <summary>What a store can do and wants; fixed for the life of an <see cref="IObjectStore"/>.</summary>
/// <param name="Name">For messages: the endpoint or the folder, never with credentials.</param>
/// <param name="PutDigests">What the uploader computes of every body and hands over with it, so that the store can refuse a wrong one.</param>
/// <param name="FullObjectChecksum">The store verifies a CRC-32C of the whole object when several parts are completed.</param>
/// <param name="Multipart">The limits of multipart uploads, or null where a body of any size goes in one request.</param>
/// <param name="ConditionalWrites">It honours <see cref="WriteCondition"/> on <see cref="IObjectStore.PutAsync"/>.</param>
/// <param name="ConditionalComplete">It honours <see cref="WriteCondition"/> on <see cref="IObjectStore.CompleteMultipartAsync"/>.</param>
public sealed record StoreTraits(
    string Name,
    DigestKinds PutDigests,
    bool FullObjectChecksum,
    MultipartLimits? Multipart,
    bool ConditionalWrites,
    bool ConditionalComplete);

/// <summary>Limits of multipart uploads.</summary>
/// <param name="MinimumPartSizeBytes">Every part but the last is at least this long.</param>
/// <param name="MaximumPartSizeBytes">No part is longer.</param>
/// <param name="MaximumParts">No more parts than this.</param>
/// <param name="MaximumPutSizeBytes">The longest body of a single PUT.</param>
public sealed record MultipartLimits(long MinimumPartSizeBytes, long MaximumPartSizeBytes, int MaximumParts, long MaximumPutSizeBytes)
{
    /// <summary>AWS S3: parts of 5 MiB to 5 GiB, 10,000 of them, 5 GiB in one PUT (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html, 2026-11).</summary>
    public static readonly MultipartLimits S3 = new(5L << 20, 5L << 30, 10_000, 5L << 30);
}

/// <summary>On what a write depends; a store that finds otherwise answers <see cref="WriteOutcome.ConditionFailed"/> and changes nothing.</summary>
/// <param name="ExpectedETag">Null: no object may be there; else the object that is there has this ETag.</param>
public sealed record WriteCondition(string? ExpectedETag)
{
    /// <summary>Only if no object of that key exists.</summary>
    public static readonly WriteCondition IfAbsent = new((string?)null);

    /// <summary>Only if the object that exists has this ETag.</summary>
    public static WriteCondition IfMatches(string eTag) => new(eTag);
}

/// <summary>What a route wants of its objects, sent with every new object.</summary>
/// <param name="ContentType">MIME type of this object, or null for the store's default.</param>
/// <param name="StorageClass">Such as STANDARD_IA, or null for the bucket's default.</param>
/// <param name="ServerSideEncryption">"AES256" or "aws:kms", or null for the bucket's default.</param>
/// <param name="KmsKeyId">With "aws:kms": the key, or null for the default key.</param>
/// <param name="Tags">Object tags: at most 10, keys of 1 to 128 and values of 0 to 256 characters (docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html, 2026-11).</param>
public sealed record ObjectAttributes(
    string? ContentType,
    string? StorageClass,
    string? ServerSideEncryption,
    string? KmsKeyId,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>All of them in one line of text; equal for equal attributes, different for different ones.</summary>
    public string Summary
    {
        get
        {
            var text = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(text))
            {
                json.WriteStartArray();
                json.WriteStringValue(ContentType);
                json.WriteStringValue(StorageClass);
                json.WriteStringValue(ServerSideEncryption);
                json.WriteStringValue(KmsKeyId);
                json.WriteStartArray();
                foreach (var tag in Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
                {
                    json.WriteStartArray();
                    json.WriteStringValue(tag.Key);
                    json.WriteStringValue(tag.Value);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
                json.WriteEndArray();
            }

            return Encoding.UTF8.GetString(text.WrittenSpan);
        }
    }

    public static readonly ObjectAttributes None = new(null, null, null, null, new Dictionary<string, string>(StringComparer.Ordinal));
}
