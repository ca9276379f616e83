namespace Akka.Pipeline.Storage.S3;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// Sends the two requests that carry bytes; apart from the rest, because they are the hot path. An error is an exception that <see cref="S3TroubleReader"/> can read.
/// </summary>
internal interface ISender
{
    Task<SendAnswer> PutAsync(PutRequest request, Precondition condition, StallClock clock);

    Task<SendAnswer> UploadPartAsync(PartRequest request, StallClock clock);
}

/// <summary>Headers that make a write conditional, exactly as they are sent.</summary>
internal readonly record struct Precondition(string? IfNoneMatch, string? IfMatch)
{
    public static readonly Precondition None;

    public static Precondition Of(WriteCondition? condition, bool quoted) => condition switch
    {
        null => None,
        { ExpectedETag: null } => new Precondition("*", null),
        { ExpectedETag: { } eTag } => new Precondition(null, quoted ? $"\"{eTag}\"" : eTag),
    };
}

/// <summary>What a store answers to bytes.</summary>
/// <param name="ETag">Without quotes; empty if there is none.</param>
/// <param name="Echo">The checksums that the answer names; never the ETag.</param>
/// <param name="ETagIsOpaque">Encryption makes the ETag something else than the MD5 of the content.</param>
/// <param name="VersionId">In a bucket with versions.</param>
internal sealed record SendAnswer(string ETag, DigestSet Echo, bool ETagIsOpaque, string? VersionId);
