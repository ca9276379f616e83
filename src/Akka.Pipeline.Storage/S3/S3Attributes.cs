namespace Akka.Pipeline.Storage.S3;

using Amazon.S3;
using Amazon.S3.Model;
using ObjectAttributes = Akka.Pipeline.Core.Stores.ObjectAttributes;

/// <summary><see cref="Core.Stores.ObjectAttributes"/> in the SDK's types.</summary>
internal static class S3Attributes
{
    public static S3StorageClass? StorageClassOf(ObjectAttributes attributes) =>
        attributes.StorageClass is { } name ? S3StorageClass.FindValue(name) : null;

    public static ServerSideEncryptionMethod? EncryptionOf(ObjectAttributes attributes) =>
        attributes.ServerSideEncryption is { } name ? ServerSideEncryptionMethod.FindValue(name) : null;

    public static List<Tag>? TagsOf(ObjectAttributes attributes) =>
        attributes.Tags.Count == 0 ? null : [.. attributes.Tags.Select(tag => new Tag { Key = tag.Key, Value = tag.Value })];

    // docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, "ETag", 2026-11: only plain and SSE-S3 objects have the MD5.
    public static bool MakesETagOpaque(string? encryption) =>
        encryption is { Length: > 0 } && !string.Equals(encryption, "AES256", StringComparison.OrdinalIgnoreCase);
}
