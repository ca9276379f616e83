namespace Akka.Pipeline.Sandbox.Bodies;

using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;

/// <summary>What a client says about the checksums of a body.</summary>
/// <param name="Value">Base64; null where it comes as a trailer.</param>
/// <param name="ContentMd5">Base64.</param>
internal sealed record ChecksumClaim(ChecksumAlgorithm? Algorithm, string? Value, string? ContentMd5)
{
    private const int Md5SizeBytes = 16;

    /// <exception cref="S3Exception">The claim contradicts itself or is no checksum.</exception>
    public static ChecksumClaim From(S3Request request)
    {
        ChecksumAlgorithm? algorithm = null;
        string? value = null;
        foreach (var candidate in ChecksumAlgorithms.All)
        {
            var header = request.Header(candidate.HeaderName);
            var isTrailer = request.Header("x-amz-trailer")?.Split(',', StringSplitOptions.TrimEntries).Contains(candidate.HeaderName, StringComparer.OrdinalIgnoreCase) == true;
            if (header is null && !isTrailer)
            {
                continue;
            }

            if (algorithm is not null || (header is not null && isTrailer))
            {
                throw S3Errors.InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
            }

            if (header is not null && !Checksum.IsWellFormed(candidate, header))
            {
                throw S3Errors.InvalidRequest($"Value for {candidate.HeaderName} header is invalid.");
            }

            algorithm = candidate;
            value = header;
        }

        if (request.Header("x-amz-sdk-checksum-algorithm") is { } announced)
        {
            if (algorithm is null)
            {
                throw S3Errors.InvalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");
            }

            if (ChecksumAlgorithms.Parse(announced) != algorithm)
            {
                throw S3Errors.InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
            }
        }

        var contentMd5 = request.Header("content-md5");
        Span<byte> octets = stackalloc byte[64];
        if (contentMd5 is not null && (contentMd5.Length > 64 || !Convert.TryFromBase64String(contentMd5, octets, out var count) || count != Md5SizeBytes))
        {
            throw S3Errors.InvalidDigest();
        }

        return new(algorithm, value, contentMd5);
    }

    /// <exception cref="S3Exception">The body is not what the client said.</exception>
    public void Check(RequestBody body, BodyDigests computed)
    {
        if (ContentMd5 is not null && !Convert.FromBase64String(ContentMd5).AsSpan().SequenceEqual(computed.Md5))
        {
            throw S3Errors.BadContentMd5();
        }

        if (Algorithm is not { } algorithm)
        {
            return;
        }

        var value = Value ?? body.Trailers.GetValueOrDefault(algorithm.HeaderName);
        if (value is null || !Checksum.IsWellFormed(algorithm, value))
        {
            throw S3Errors.InvalidRequest($"Value for {algorithm.HeaderName} trailing header is invalid.");
        }

        if (value != computed.ChecksumValue)
        {
            throw S3Errors.BadDigest(algorithm.WireName);
        }
    }
}
