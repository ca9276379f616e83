namespace Akka.Pipeline.Storage.S3;

using System.Net;
using Akka.Pipeline.Core.Digests;

/// <summary>Digests as S3 writes them (base64, ETags) and as Core does (hex).</summary>
internal static class S3Digests
{
    public static string? ToBase64(string? hex) => hex is null ? null : Convert.ToBase64String(Convert.FromHexString(hex));

    /// <summary>Null for nothing, for what is no base64 of that length, and for the checksum of checksums of a composite ("...-3").</summary>
    public static string? ToHex(string? base64, int lengthBytes)
    {
        Span<byte> bytes = stackalloc byte[64];
        return base64 is not null && base64.Length <= 88 && Convert.TryFromBase64String(base64, bytes, out var length) && length == lengthBytes
            ? Convert.ToHexStringLower(bytes[..length])
            : null;
    }

    public static string Unquote(string? eTag) => (eTag ?? "").Trim().Trim('"');

    /// <summary>The MD5 that an ETag is, if it has the form of one.</summary>
    public static string? Md5Of(string eTag) => eTag.Length == 32 && eTag.All(char.IsAsciiHexDigit) ? eTag.ToLowerInvariant() : null;

    /// <summary>Checksums in an answer; those of a composite say nothing of the whole content.</summary>
    public static DigestSet Read(string? md5, string? crc32C, string? sha256, string? checksumType) =>
        string.Equals(checksumType, "COMPOSITE", StringComparison.OrdinalIgnoreCase)
            ? new DigestSet(md5)
            : new DigestSet(md5, ToHex(crc32C, 4), ToHex(sha256, 32));

    /// <summary>The CRC-32C of parts one after the other, if that of each is known.</summary>
    public static string? CombineCrc32C(IEnumerable<(string? Crc32C, long LengthBytes)> parts)
    {
        uint whole = 0;
        foreach (var (crc, length) in parts)
        {
            if (crc is null)
            {
                return null;
            }

            whole = Crc32C.Combine(whole, Crc32C.FromHex(crc), length);
        }

        return Crc32C.ToHex(whole);
    }

    /// <summary>A key of a list that was asked for in URL encoding. Ceph (16.2, seen 2026-11) encodes and does not say so, so the look of the key has to tell.</summary>
    public static string? ReadKey(string? key, bool saysEncoded)
    {
        if (key is null || saysEncoded)
        {
            return WebUtility.UrlDecode(key);
        }

        for (var i = 0; i < key.Length; i++)
        {
            var isEscape = key[i] == '%' && i + 2 < key.Length && char.IsAsciiHexDigit(key[i + 1]) && char.IsAsciiHexDigit(key[i + 2]);
            if (key[i] is <= ' ' or > '~' || (key[i] == '%' && !isEscape))
            {
                return key;
            }
        }

        return Uri.UnescapeDataString(key);
    }
}
