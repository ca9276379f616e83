namespace Akka.Pipeline.Storage.PostgreSql;

using System.Buffers;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;

/// <summary>
/// The files of a batch as one value. A walk gives neighbours, which share folders, times and inodes, so each file is written as what differs from the one before:
/// how much of the path is shared, the rest of it, the size, and the differences of mtime, device and inode, all in seven bits a byte. About 30 bytes a file.
/// </summary>
internal static class BatchContent
{
    private const byte Version = 1;

    public static byte[] Write(IReadOnlyList<BatchFile> files)
    {
        var output = new ArrayBufferWriter<byte>(64 * (files.Count + 1));
        output.Write([Version]);
        WriteNumber(output, (ulong)files.Count);
        var path = Array.Empty<byte>();
        var last = default(Fingerprint);
        foreach (var file in files)
        {
            var next = StoredText.OfPath(file.Path);
            var shared = path.AsSpan().CommonPrefixLength(next);
            WriteNumber(output, (ulong)shared);
            WriteNumber(output, (ulong)(next.Length - shared));
            output.Write(next.AsSpan(shared));
            WriteNumber(output, Folded(file.Fingerprint.SizeBytes));
            WriteNumber(output, Folded(unchecked(file.Fingerprint.ModifiedUnixNs - last.ModifiedUnixNs)));
            WriteNumber(output, Folded(unchecked((long)(file.Fingerprint.Device - last.Device))));
            WriteNumber(output, Folded(unchecked((long)(file.Fingerprint.Inode - last.Inode))));
            path = next;
            last = file.Fingerprint;
        }

        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">It was not written by <see cref="Write"/>.</exception>
    public static IReadOnlyList<BatchFile> Read(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || content[0] != Version)
        {
            throw new InvalidDataException("The content of a batch is not of a version that this program reads.");
        }

        content = content[1..];
        var files = new BatchFile[Length(ReadNumber(ref content), content)];
        var path = Array.Empty<byte>();
        var last = default(Fingerprint);
        for (var i = 0; i < files.Length; i++)
        {
            var shared = Length(ReadNumber(ref content), path);
            var rest = Length(ReadNumber(ref content), content);
            path = [.. path.AsSpan(0, shared), .. content[..rest]];
            content = content[rest..];
            var size = Unfolded(ReadNumber(ref content));
            last = new Fingerprint(
                size,
                unchecked(last.ModifiedUnixNs + Unfolded(ReadNumber(ref content))),
                unchecked(last.Device + (ulong)Unfolded(ReadNumber(ref content))),
                unchecked(last.Inode + (ulong)Unfolded(ReadNumber(ref content))));
            files[i] = new BatchFile(SourcePath.FromBytes(path), last);
        }

        return content.IsEmpty ? files : throw Damaged();
    }

    /// <summary>Small numbers of either sign become small numbers.</summary>
    private static ulong Folded(long value) => unchecked((ulong)((value << 1) ^ (value >> 63)));

    private static long Unfolded(ulong value) => unchecked((long)(value >> 1) ^ -(long)(value & 1));

    private static void WriteNumber(ArrayBufferWriter<byte> output, ulong value)
    {
        var span = output.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        output.Advance(length);
    }

    private static ulong ReadNumber(ref ReadOnlySpan<byte> content)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (content.IsEmpty)
            {
                break;
            }

            var next = content[0];
            content = content[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    private static int Length(ulong value, ReadOnlySpan<byte> of) => value <= (ulong)of.Length ? (int)value : throw Damaged();

    private static InvalidDataException Damaged() => new("The content of a batch is damaged.");
}
