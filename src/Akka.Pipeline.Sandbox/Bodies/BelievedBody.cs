namespace Akka.Pipeline.Sandbox.Bodies;

using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Bodies of <see cref="SandboxOptions.BelievesClients"/>: read to their end, and taken for what the client says of them.</summary>
internal static class BelievedBody
{
    private const int Md5SizeBytes = 16;
    private const int MaxBufferBytes = 256 * 1024;
    private static long _lastMadeUp;

    public static async Task<ReceivedBody> ReceiveAsync(
        S3Request request, ChecksumClaim claim, ChecksumAlgorithm fallback, TemporaryFiles files, CancellationToken cancellation)
    {
        // Clients that say nothing but the SHA-256 (s3cmd) compare the entity tag with an MD5 of their own.
        var comparesMd5 = claim is { ContentMd5: null, Algorithm: null } && request.Header("x-amz-content-sha256") is { Length: 64 };
        using var md5 = comparesMd5 ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        var sizeBytes = 0L;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(request.Body.LengthBytes, 1024, MaxBufferBytes));
        try
        {
            int count;
            while ((count = await request.Body.ReadAsync(buffer, cancellation)) > 0)
            {
                sizeBytes += count;
                md5?.AppendData(buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var algorithm = claim.Algorithm ?? fallback;
        var value = claim.Value ?? request.Body.Trailers.GetValueOrDefault(algorithm.HeaderName) ?? Convert.ToBase64String(new byte[algorithm.SizeBytes]);
        var tag = md5?.GetHashAndReset() ?? (claim.ContentMd5 is { } said ? Convert.FromBase64String(said) : MadeUp());
        return new(files.Create(), sizeBytes, tag, new Checksum(algorithm, ChecksumType.FullObject, value));
    }

    private static byte[] MadeUp()
    {
        var tag = new byte[Md5SizeBytes];
        BinaryPrimitives.WriteInt64BigEndian(tag.AsSpan(8), Interlocked.Increment(ref _lastMadeUp));
        return tag;
    }
}
