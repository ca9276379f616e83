namespace Akka.Pipeline.Sandbox.Checksums;

using System.Buffers.Binary;
using System.Security.Cryptography;

/// <summary>A checksum as S3 shows it.</summary>
/// <param name="Value">Base64; of a composite one with `-` and the number of parts behind it.</param>
internal sealed record Checksum(ChecksumAlgorithm Algorithm, ChecksumType Type, string Value)
{
    public static string Encode(ulong crc, int bits)
    {
        Span<byte> octets = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(octets, crc);
        return Convert.ToBase64String(octets[(8 - (bits / 8))..]);
    }

    public static ulong DecodeCrc(string value)
    {
        var crc = 0UL;
        foreach (var octet in Convert.FromBase64String(value))
        {
            crc = (crc << 8) | octet;
        }

        return crc;
    }

    /// <summary>Whether a value given by a client is base64 of the algorithm's length.</summary>
    public static bool IsWellFormed(ChecksumAlgorithm algorithm, string value)
    {
        Span<byte> octets = stackalloc byte[64];
        return value.Length <= 64 && Convert.TryFromBase64String(value, octets, out var count) && count == algorithm.SizeBytes;
    }

    /// <summary>The checksum of a whole multipart object.</summary>
    /// <param name="parts">Checksum and size of each part, in order.</param>
    public static Checksum OfParts(ChecksumAlgorithm algorithm, ChecksumType type, IReadOnlyList<(string Value, long SizeBytes)> parts)
    {
        if (type == ChecksumType.FullObject)
        {
            var table = algorithm.Table!;
            var whole = 0UL;
            foreach (var (value, sizeBytes) in parts)
            {
                whole = table.Combine(whole, DecodeCrc(value), sizeBytes);
            }

            return new(algorithm, type, Encode(whole, table.Bits));
        }

        using var digest = new ChecksumDigest(algorithm);
        foreach (var (value, _) in parts)
        {
            digest.Append(Convert.FromBase64String(value));
        }

        return new(algorithm, type, $"{digest.Finish()}-{parts.Count}");
    }
}

/// <summary>Computes one checksum over a stream of bytes.</summary>
internal sealed class ChecksumDigest : IDisposable
{
    private readonly CrcTable? _table;
    private readonly IncrementalHash? _hash;
    private ulong _crc;

    public ChecksumDigest(ChecksumAlgorithm algorithm)
    {
        Algorithm = algorithm;
        _table = algorithm.Table;
        _hash = algorithm switch
        {
            ChecksumAlgorithm.Sha1 => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
            ChecksumAlgorithm.Sha256 => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
            _ => null,
        };
    }

    public ChecksumAlgorithm Algorithm { get; }

    public void Append(ReadOnlySpan<byte> data)
    {
        if (_hash is not null)
        {
            _hash.AppendData(data);
        }
        else
        {
            _crc = _table!.Append(_crc, data);
        }
    }

    public string Finish() => _hash is not null ? Convert.ToBase64String(_hash.GetHashAndReset()) : Checksum.Encode(_crc, _table!.Bits);

    public void Dispose() => _hash?.Dispose();
}
