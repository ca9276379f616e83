namespace Akka.Pipeline.Core.Digests;

using System.Buffers.Binary;
using System.Numerics;

/// <summary>CRC-32C (RFC 3720, appendix B.4): polynomial 0x1EDC6F41, reflected, initial value and final XOR all ones.</summary>
public static class Crc32C
{
    private const uint ReflectedPolynomial = 0x82F63B78;

    /// <summary>The checksum of what gave <paramref name="crc"/> followed by <paramref name="bytes"/>; start with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    /// <summary>The checksum of two contents one after the other, from their checksums and the length of the second.</summary>
    /// <remarks>Appending n zero bytes is a linear map over GF(2); it is applied by squaring, in O(log n).</remarks>
    public static uint Combine(uint first, uint second, long secondLengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLengthBytes);
        Span<uint> power = stackalloc uint[32];
        Span<uint> square = stackalloc uint[32];

        // The map for one zero bit, squared three times: one zero byte.
        power[0] = ReflectedPolynomial;
        for (var bit = 1; bit < 32; bit++)
        {
            power[bit] = 1u << (bit - 1);
        }

        for (var i = 0; i < 3; i++)
        {
            Square(power, square);
            square.CopyTo(power);
        }

        for (var length = secondLengthBytes; length != 0; length >>= 1)
        {
            if ((length & 1) != 0)
            {
                first = Apply(power, first);
            }

            Square(power, square);
            square.CopyTo(power);
        }

        return first ^ second;
    }

    /// <summary>Eight lower-case hex digits, most significant first, as S3 orders the bytes.</summary>
    public static string ToHex(uint crc) => crc.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The opposite of <see cref="ToHex"/>.</summary>
    public static uint FromHex(string hex) => uint.Parse(hex, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);

    private static uint Apply(ReadOnlySpan<uint> map, uint vector)
    {
        uint sum = 0;
        for (var bit = 0; vector != 0; bit++, vector >>= 1)
        {
            if ((vector & 1) != 0)
            {
                sum ^= map[bit];
            }
        }

        return sum;
    }

    private static void Square(ReadOnlySpan<uint> map, Span<uint> result)
    {
        for (var bit = 0; bit < 32; bit++)
        {
            result[bit] = Apply(map, map[bit]);
        }
    }
}
