namespace Akka.Pipeline.Core.Stores;

using Akka.Pipeline.Core.Digests;

/// <summary>The bytes of one request. The digests were computed over exactly the bytes that <see cref="OpenRead"/> gives.</summary>
public interface IUploadBody
{
    /// <summary>Length in bytes.</summary>
    long LengthBytes { get; }

    /// <summary>The digests that <see cref="StoreTraits.PutDigests"/> asks for; <see cref="DigestSet.Unknown"/> only where it asks for none.</summary>
    DigestSet Digests { get; }

    /// <summary>A new seekable stream over the bytes, from the start; the caller disposes of it. May be opened again for a repeated request.</summary>
    Stream OpenRead();

    /// <summary>The bytes, when they lie in memory; else default.</summary>
    ReadOnlyMemory<byte> Memory { get; }
}

/// <summary>One object, one request.</summary>
/// <param name="Address">Where to.</param>
/// <param name="Body">The bytes.</param>
/// <param name="Attributes">Content type, storage class, encryption, tags.</param>
/// <param name="Condition">On what the write depends, or null to write in any case.</param>
public sealed record PutRequest(ObjectAddress Address, IUploadBody Body, ObjectAttributes Attributes, WriteCondition? Condition);

/// <summary>The beginning of an upload in parts.</summary>
public sealed record CreateMultipartRequest(ObjectAddress Address, ObjectAttributes Attributes);

/// <summary>One part.</summary>
/// <param name="Address">The object.</param>
/// <param name="UploadId">Of the upload that it belongs to.</param>
/// <param name="PartNumber">1 to <see cref="MultipartLimits.MaximumParts"/>.</param>
/// <param name="Body">The bytes.</param>
public sealed record PartRequest(ObjectAddress Address, string UploadId, int PartNumber, IUploadBody Body);

/// <summary>A part that the store holds.</summary>
/// <param name="PartNumber">1 to <see cref="MultipartLimits.MaximumParts"/>.</param>
/// <param name="SizeBytes">Length in bytes.</param>
/// <param name="ETag">As the store gives it, without quotes.</param>
/// <param name="Digests">What is known of its content: computed by us, or told by the store.</param>
public sealed record PartFacts(int PartNumber, long SizeBytes, string ETag, DigestSet Digests);

/// <summary>The end of an upload in parts.</summary>
/// <param name="Address">The object.</param>
/// <param name="UploadId">The upload.</param>
/// <param name="Parts">All parts, by number, with the digests that we computed.</param>
/// <param name="SizeBytes">Length of the whole object in bytes.</param>
/// <param name="WholeObject">Digests of the whole where they are known (CRC-32C, combined), for a store with <see cref="StoreTraits.FullObjectChecksum"/>.</param>
/// <param name="Condition">On what the write depends, or null to write in any case.</param>
public sealed record CompleteMultipartRequest(
    ObjectAddress Address,
    string UploadId,
    IReadOnlyList<PartFacts> Parts,
    long SizeBytes,
    DigestSet WholeObject,
    WriteCondition? Condition);

/// <summary>How a write ended.</summary>
public enum WriteOutcome
{
    /// <summary>The store holds exactly the body, confirmed.</summary>
    Stored,

    /// <summary>The condition was not met; nothing was written. (409 of a conditional race is a failure of nature Passing, not this.)</summary>
    ConditionFailed,
}

/// <summary>The answer to a write.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Object">What the store holds now, with <see cref="WriteOutcome.Stored"/>.</param>
public sealed record WriteResult(WriteOutcome Outcome, ObjectFacts? Object)
{
    public static readonly WriteResult ConditionFailed = new(WriteOutcome.ConditionFailed, null);

    public static WriteResult Stored(ObjectFacts facts) => new(WriteOutcome.Stored, facts);
}

/// <summary>What a store says of an object.</summary>
/// <param name="SizeBytes">Length in bytes.</param>
/// <param name="ETag">Without quotes; empty where the store has none.</param>
/// <param name="Digests">Of the whole content, as far as the store vouches for them. An ETag that is surely the MD5 of the content (32 hex digits, no KMS or customer-key encryption) counts.</param>
/// <param name="VersionId">In a bucket with versions, else null.</param>
public sealed record ObjectFacts(long SizeBytes, string ETag, DigestSet Digests, string? VersionId);

/// <summary>An unfinished upload.</summary>
public sealed record OpenMultipart(ObjectAddress Address, string UploadId, DateTimeOffset InitiatedAt);
