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
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
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
        ulong crcOfFirst = crc, crcOfSecond = 0, crcOfThird = 0;

        // Asked once for all words: code that was compiled ahead asks the machine each time, and calls BitOperations for every word.
        if (Sse42.X64.IsSupported)
        {
            for (var i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
            {
                crcOfFirst = Sse42.X64.Crc32(crcOfFirst, first[i]);
                crcOfSecond = Sse42.X64.Crc32(crcOfSecond, second[i]);
                crcOfThird = Sse42.X64.Crc32(crcOfThird, third[i]);
            }
        }
        else if (ArmCrc32.Arm64.IsSupported)
        {
            for (var i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
            {
                crcOfFirst = ArmCrc32.Arm64.ComputeCrc32C((uint)crcOfFirst, first[i]);
                crcOfSecond = ArmCrc32.Arm64.ComputeCrc32C((uint)crcOfSecond, second[i]);
                crcOfThird = ArmCrc32.Arm64.ComputeCrc32C((uint)crcOfThird, third[i]);
            }
        }
        else
        {
            for (var i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
            {
                crcOfFirst = BitOperations.Crc32C((uint)crcOfFirst, first[i]);
                crcOfSecond = BitOperations.Crc32C((uint)crcOfSecond, second[i]);
                crcOfThird = BitOperations.Crc32C((uint)crcOfThird, third[i]);
            }
        }

        return PastLane(PastLane((uint)crcOfFirst) ^ (uint)crcOfSecond) ^ (uint)crcOfThird;
    }

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
