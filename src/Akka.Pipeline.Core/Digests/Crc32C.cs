namespace Akka.Pipeline.Core.Digests;

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

/// <summary>CRC-32C (RFC 3720, appendix B.4): polynomial 0x1EDC6F41, reflected, initial value and final XOR all ones.</summary>
public static class Crc32C
{
    private const uint ReflectedPolynomial = 0x82F63B78;
    private const int LaneBytes = 1024;

    private static readonly uint[] ZeroLane = MapOfZeroLane();

    /// <summary>The checksum of what gave <paramref name="crc"/> followed by <paramref name="bytes"/>; start with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        while (bytes.Length >= 3 * LaneBytes)
        {
            crc = AppendLanes(crc, MemoryMarshal.Cast<byte, ulong>(bytes[..(3 * LaneBytes)]));
            bytes = bytes[(3 * LaneBytes)..];
        }

        while (bytes.Length >= sizeof(ulong))
        {
            crc = Step(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    // The processor's instruction has a result after three cycles and can begin with another one in each: three stretches side by side take as long as one.
    private static uint AppendLanes(uint crc, ReadOnlySpan<ulong> words)
    {
        const int laneWords = LaneBytes / sizeof(ulong);
        var first = words[..laneWords];
        var second = words.Slice(laneWords, laneWords);
        var third = words.Slice(2 * laneWords, laneWords);
        uint crcOfSecond = 0, crcOfThird = 0;
        for (var i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
        {
            crc = Step(crc, first[i]);
            crcOfSecond = Step(crcOfSecond, second[i]);
            crcOfThird = Step(crcOfThird, third[i]);
        }

        return PastLane(PastLane(crc) ^ crcOfSecond) ^ crcOfThird;
    }

    // Named outright, because code that was compiled ahead calls BitOperations for every word.
    private static uint Step(uint crc, ulong word) =>
        Sse42.X64.IsSupported ? (uint)Sse42.X64.Crc32(crc, word)
        : ArmCrc32.Arm64.IsSupported ? ArmCrc32.Arm64.ComputeCrc32C(crc, word)
        : BitOperations.Crc32C(crc, word);

    /// <summary>As if a lane of zeros followed.</summary>
    private static uint PastLane(uint crc) =>
        ZeroLane[crc & 0xff] ^ ZeroLane[256 + ((crc >> 8) & 0xff)] ^ ZeroLane[512 + ((crc >> 16) & 0xff)] ^ ZeroLane[768 + (crc >> 24)];

    private static uint[] MapOfZeroLane()
    {
        Span<uint> map = stackalloc uint[32];
        for (var bit = 0; bit < map.Length; bit++)
        {
            map[bit] = Combine(1u << bit, 0, LaneBytes);
        }

        var table = new uint[4 * 256];
        for (var entry = 0; entry < table.Length; entry++)
        {
            table[entry] = Apply(map, (uint)(entry & 0xff) << (entry / 256 * 8));
        }

        return table;
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
