namespace Akka.Pipeline.Sandbox.Store;

using System.Text.Json.Serialization;
using Akka.Pipeline.Sandbox.Checksums;

/// <summary>What is known of an object, besides its bytes.</summary>
/// <param name="Path">Relative path of its file in the bucket's folder.</param>
/// <param name="ETag">Without quotation marks.</param>
/// <param name="Parts">Of an object that came by multipart.</param>
/// <param name="UploadId">Of an object that came by multipart: lets a repeated Complete be answered after a restart.</param>
internal sealed record ObjectRecord(
    string Key,
    string Path,
    long SizeBytes,
    string ETag,
    DateTimeOffset ModifiedAt,
    Checksum Checksum,
    ObjectAttributes Attributes,
    IReadOnlyList<ObjectPart>? Parts = null,
    string? UploadId = null);

/// <summary>One part of a finished multipart object.</summary>
internal sealed record ObjectPart(int Number, long SizeBytes, string Checksum);

/// <summary>What a client gave an object along, to be given back as it was.</summary>
/// <param name="Headers">By lower-case name: content-type, cache-control, x-amz-meta-… and such.</param>
internal sealed record ObjectAttributes(IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, string> Tags)
{
    public string StorageClass => Headers.GetValueOrDefault("x-amz-storage-class", "STANDARD");
}

/// <summary>A line of a bucket's journal: one change, with all that is needed to do it again.</summary>
/// <param name="Put">The object as it is from now on; null where the key was deleted.</param>
/// <param name="Temporary">Name of the temporary file that becomes the object's file.</param>
internal sealed record JournalEntry(ObjectRecord? Put, string? Deleted, string? Temporary);

/// <summary>An upload in progress, without its parts.</summary>
internal sealed record UploadRecord(
    string Id, string Bucket, string Key, DateTimeOffset InitiatedAt, ChecksumAlgorithm Algorithm, ChecksumType Type, bool AlgorithmIsChosen, ObjectAttributes Attributes);

/// <summary>A part of an upload in progress.</summary>
/// <param name="File">Name of its file in the upload's folder; null in null mode.</param>
internal sealed record PartRecord(int Number, long SizeBytes, string ETag, string Checksum, DateTimeOffset ModifiedAt, string? File);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(UploadRecord))]
[JsonSerializable(typeof(PartRecord))]
internal sealed partial class StoreJson : JsonSerializerContext;
