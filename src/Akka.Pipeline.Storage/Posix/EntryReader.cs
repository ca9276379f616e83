namespace Akka.Pipeline.Storage.Posix;

using System.Buffers;
using System.Runtime.InteropServices;

/// <summary>Reads a directory as a stream: memory is one buffer, however many entries there are.</summary>
internal sealed class EntryReader(Descriptor folder) : IDisposable
{
    private const int BufferBytes = 32 * 1024;

    // struct linux_dirent64 (include/linux/dirent.h): inode, offset, length of the record, type, name with a zero.
    private const int LengthOffset = 16;
    private const int KindOffset = 18;
    private const int NameOffset = 19;

    private byte[]? buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int position;
    private int filled;

    /// <summary>The entry's name with its closing zero; valid until the next <see cref="Next"/>.</summary>
    public ReadOnlySpan<byte> Name => buffer.AsSpan(nameStart, nameLength + 1);

    private int nameStart;
    private int nameLength;

    public EntryKind Kind { get; private set; }

    /// <summary>The error that ended the listing early, or 0.</summary>
    public int Error { get; private set; }

    /// <summary>Moves on; "." and ".." are left out. False at the end, or when <see cref="Error"/> is set.</summary>
    public bool Next()
    {
        var bytes = buffer.AsSpan();
        while (true)
        {
            if (position >= filled)
            {
                filled = Libc.ReadEntries(folder, bytes);
                position = 0;
                if (filled <= 0)
                {
                    // A folder that was removed under our feet gives ENOENT: it is simply over.
                    Error = filled < 0 && Libc.LastError != Errno.NoEntry ? Libc.LastError : 0;
                    filled = 0;
                    return false;
                }
            }

            var entry = bytes[position..filled];
            var length = MemoryMarshal.Read<ushort>(entry[LengthOffset..]);
            nameStart = position + NameOffset;
            nameLength = entry[NameOffset..length].IndexOf((byte)0);
            Kind = (EntryKind)entry[KindOffset];
            position += length;
            var name = bytes.Slice(nameStart, nameLength);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                return true;
            }
        }
    }

    public void Dispose()
    {
        if (buffer is { } rented)
        {
            buffer = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
