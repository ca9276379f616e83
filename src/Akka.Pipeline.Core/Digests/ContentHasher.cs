namespace Akka.Pipeline.Core.Digests;

using System.Buffers.Binary;
using System.Security.Cryptography;

/// <summary>Computes the digests of a content in the one pass that reads it. Not for use by two threads at once.</summary>
public sealed class ContentHasher : IDisposable
{
    private readonly IncrementalHash? md5;
    private readonly IncrementalHash? sha256;
    private readonly bool withCrc32C;
    private uint crc32C;

    public ContentHasher(DigestKinds kinds)
    {
        md5 = kinds.HasFlag(DigestKinds.Md5) ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        sha256 = kinds.HasFlag(DigestKinds.Sha256) ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        withCrc32C = kinds.HasFlag(DigestKinds.Crc32C);
    }

    /// <summary>How many bytes were added since the last <see cref="Finish"/>.</summary>
    public long LengthBytes { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        md5?.AppendData(bytes);
        sha256?.AppendData(bytes);
        if (withCrc32C)
        {
            crc32C = Digests.Crc32C.Append(crc32C, bytes);
        }

        LengthBytes += bytes.Length;
    }

    /// <summary>The digests of all that was added; the hasher starts afresh.</summary>
    public DigestSet Finish()
    {
        Span<byte> hash = stackalloc byte[32];
        string? md5Hex = null, sha256Hex = null, crcHex = null;
        if (md5 is not null)
        {
            md5Hex = Convert.ToHexStringLower(hash[..md5.GetHashAndReset(hash)]);
        }

        if (sha256 is not null)
        {
            sha256Hex = Convert.ToHexStringLower(hash[..sha256.GetHashAndReset(hash)]);
        }

        if (withCrc32C)
        {
            crcHex = Digests.Crc32C.ToHex(crc32C);
            crc32C = 0;
        }

        LengthBytes = 0;
        return new DigestSet(md5Hex, crcHex, sha256Hex);
    }

    public void Dispose()
    {
        md5?.Dispose();
        sha256?.Dispose();
    }

    /// <summary>The ETag that S3 gives an object of several parts: MD5 over the parts' MD5s, a dash, and their number.</summary>
    /// <remarks>Not promised by AWS but kept by AWS, Ceph, R2 and MinIO for unencrypted and SSE-S3 objects (seen 2026-11).</remarks>
    public static string MultipartETag(IReadOnlyList<string> partMd5Hex)
    {
        ArgumentNullException.ThrowIfNull(partMd5Hex);
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var part in partMd5Hex)
        {
            all.AppendData(Convert.FromHexString(part));
        }

        return $"{Convert.ToHexStringLower(all.GetHashAndReset())}-{partMd5Hex.Count}";
    }
}
