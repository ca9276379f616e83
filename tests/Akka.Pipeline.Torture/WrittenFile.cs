namespace Akka.Pipeline.Torture;

using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

/// <summary>A file opened for writing, as any program opens one: no locks, and its inode is known.</summary>
internal sealed unsafe partial class WrittenFile : IDisposable
{
    private const int WriteOnly = 1, Create = 0x40, Exclusive = 0x80, CloseOnExec = 0x80000;
    private const int NoEntry = 2;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;

    // struct statx of linux/stat.h: stx_ino at byte 32, stx_size at byte 40, 256 bytes in all, on every architecture.
    private const int StatusBytes = 256, InodeAt = 32, SizeAt = 40;

    private readonly int handle;

    private WrittenFile(int handle) => this.handle = handle;

    /// <returns>Null if there is no such file and none is to be made.</returns>
    public static WrittenFile? Open(string path, bool create, bool exclusive = false)
    {
        var handle = OpenFile(path, WriteOnly | CloseOnExec | (create ? Create : 0) | (exclusive ? Exclusive : 0), 0x1a4);
        return handle >= 0 ? new WrittenFile(handle)
            : Marshal.GetLastPInvokeError() == NoEntry && !create ? null
            : throw new IOException($"open {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    public (ulong Inode, long SizeBytes) Status()
    {
        var buffer = stackalloc byte[StatusBytes];
        if (Statx(handle, "", EmptyPath, BasicStats, buffer) != 0)
        {
            throw new IOException($"statx: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        return (*(ulong*)(buffer + InodeAt), *(long*)(buffer + SizeAt));
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            long written;
            fixed (byte* start = bytes)
            {
                written = WriteAt(handle, start, (nuint)bytes.Length, offset);
            }

            if (written < 0)
            {
                throw new IOException($"pwrite: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            }

            bytes = bytes[(int)written..];
            offset += written;
        }
    }

    public void Truncate()
    {
        if (SetLength(handle, 0) != 0)
        {
            throw new IOException($"ftruncate: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    public void Flush() => _ = Synchronise(handle);

    /// <returns>Null if there is no such file.</returns>
    public static ulong? InodeOf(string path)
    {
        var buffer = stackalloc byte[StatusBytes];
        return Statx(0, path, 0, BasicStats, buffer) == 0 ? *(ulong*)(buffer + InodeAt) : null;
    }

    public void Dispose() => _ = Close(handle);

    /// <returns>False if there is nothing to rename.</returns>
    public static bool Rename(string from, string to) => RenameFile(from, to) == 0
        || (Marshal.GetLastPInvokeError() == NoEntry ? false : throw new IOException($"rename {from} {to}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}"));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAt(int handle, byte* bytes, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int SetLength(int handle, long sizeBytes);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronise(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);
}
