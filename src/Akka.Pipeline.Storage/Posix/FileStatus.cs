namespace Akka.Pipeline.Storage.Posix;

using System.Runtime.InteropServices;
using Akka.Pipeline.Core.Files;

/// <summary>What kind of thing a directory entry is; the values are those of st_mode's type bits shifted right by 12, and of d_type.</summary>
internal enum EntryKind
{
    /// <summary>The file system does not say in its listing.</summary>
    Unknown = 0,
    Pipe = 1,
    CharacterDevice = 2,
    Directory = 4,
    BlockDevice = 6,
    File = 8,
    Link = 10,
    Socket = 12,
}

/// <summary>The part of statx that is of use here.</summary>
internal readonly record struct FileStatus(
    EntryKind Kind,
    uint Mode,
    uint LinkCount,
    uint Owner,
    long SizeBytes,
    long ModifiedUnixNs,
    long ChangedUnixNs,
    ulong Device,
    ulong Inode,
    ulong MountId)
{
    // struct statx of include/uapi/linux/stat.h (Linux 6.12): the same offsets on every architecture.
    private const int StatusBytes = 256;
    private const uint BasicFields = 0x7ff;
    private const uint MountIdField = 0x1000;
    private const int AllFields = (int)(BasicFields | MountIdField);

    public Fingerprint Fingerprint => new(SizeBytes, ModifiedUnixNs, Device, Inode);

    public bool IsSameFile(in FileStatus other) => Device == other.Device && Inode == other.Inode;

    /// <summary>Looks at a name in a folder; 0 or the error number.</summary>
    public static int Of(Descriptor folder, ReadOnlySpan<byte> name, bool follow, out FileStatus status) =>
        Read(folder, name, follow ? 0 : Libc.AtSymlinkNoFollow, out status);

    /// <summary>Looks at an open handle; 0 or the error number.</summary>
    public static int Of(Descriptor file, out FileStatus status) => Read(file, "\0"u8, Libc.AtEmptyPath, out status);

    private static int Read(Descriptor folder, ReadOnlySpan<byte> name, int flags, out FileStatus status)
    {
        Span<byte> raw = stackalloc byte[StatusBytes];
        if (Libc.Statx(folder, name, flags, AllFields, raw) != 0)
        {
            status = default;
            return Libc.LastError;
        }

        var mode = MemoryMarshal.Read<ushort>(raw[28..]);
        status = new FileStatus(
            (EntryKind)(mode >> 12),
            mode & 0xfffu,
            MemoryMarshal.Read<uint>(raw[16..]),
            MemoryMarshal.Read<uint>(raw[20..]),
            MemoryMarshal.Read<long>(raw[40..]),
            Time(raw[112..]),
            Time(raw[96..]),
            ((ulong)MemoryMarshal.Read<uint>(raw[136..]) << 32) | MemoryMarshal.Read<uint>(raw[140..]),
            MemoryMarshal.Read<ulong>(raw[32..]),
            (MemoryMarshal.Read<uint>(raw) & MountIdField) != 0 ? MemoryMarshal.Read<ulong>(raw[144..]) : 0);
        return 0;
    }

    private static long Time(ReadOnlySpan<byte> raw)
    {
        // A file may claim a time beyond what 64 bits of nanoseconds hold (year 2262): it counts as that.
        var seconds = MemoryMarshal.Read<long>(raw);
        var nanoseconds = MemoryMarshal.Read<uint>(raw[8..]);
        const long limit = (long.MaxValue / 1_000_000_000) - 1;
        return (Math.Clamp(seconds, -limit, limit) * 1_000_000_000) + nanoseconds;
    }
}
