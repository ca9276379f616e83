namespace Akka.Pipeline.Torture;

using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

/// <summary>What tells one file from all others, also from a later one that got its inode number.</summary>
internal readonly record struct FileIdentity(ulong Inode, long BornUnixNs)
{
    public override string ToString() => $"inode {Inode}";
}

/// <summary>A file opened for writing, as any program opens one: no locks, and its inode is known.</summary>
internal sealed unsafe partial class WrittenFile : IDisposable
{
    private const int ReadWrite = 2, Create = 0x40, Exclusive = 0x80, CloseOnExec = 0x80000;
    private const int NoEntry = 2;
    private const int EmptyPath = 0x1000;
    private const int ProtectWrite = 2, Shared = 1;
    private const uint BasicStats = 0x7ff, BirthTime = 0x800;

    // struct statx of linux/stat.h: stx_mask at byte 0, stx_ino at 32, stx_size at 40, stx_btime at 80, 256 bytes in all, on every architecture.
    private const int StatusBytes = 256, InodeAt = 32, SizeAt = 40, BirthSecondsAt = 80, BirthNanosecondsAt = 88;

    private readonly int handle;

    private WrittenFile(int handle) => this.handle = handle;

    /// <returns>Null if there is no such file and none is to be made.</returns>
    public static WrittenFile? Open(string path, bool create, bool exclusive = false)
    {
        var handle = OpenFile(path, ReadWrite | CloseOnExec | (create ? Create : 0) | (exclusive ? Exclusive : 0), 0x1a4);
        return handle >= 0 ? new WrittenFile(handle)
            : Marshal.GetLastPInvokeError() == NoEntry && !create ? null
            : throw new IOException($"open {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    public (FileIdentity Identity, long SizeBytes) Status()
    {
        var buffer = stackalloc byte[StatusBytes];
        if (Statx(handle, "", EmptyPath, BasicStats | BirthTime, buffer) != 0)
        {
            throw new IOException($"statx: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        return (IdentityIn(buffer), *(long*)(buffer + SizeAt));
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

    /// <summary>Writes by way of memory, as databases do: no write() ever tells anybody of it.</summary>
    /// <param name="bytes">The whole content, as long as the file is.</param>
    /// <param name="halfWritten">Called when half of it is written.</param>
    public void WriteMapped(ReadOnlySpan<byte> bytes, Action halfWritten)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var memory = Map(0, (nuint)bytes.Length, ProtectWrite, Shared, handle, 0);
        if (memory == (byte*)-1)
        {
            throw new IOException($"mmap: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        var half = bytes.Length / 2;
        bytes[..half].CopyTo(new Span<byte>(memory, bytes.Length));
        halfWritten();
        bytes[half..].CopyTo(new Span<byte>(memory + half, bytes.Length - half));
        _ = Unmap(memory, (nuint)bytes.Length);
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
    public static FileIdentity? IdentityOf(string path)
    {
        var buffer = stackalloc byte[StatusBytes];
        return Statx(0, path, 0, BasicStats | BirthTime, buffer) == 0 ? IdentityIn(buffer) : null;
    }

    public void Dispose() => _ = Close(handle);

    /// <returns>False if there is nothing to rename.</returns>
    public static bool Rename(string from, string to) => RenameFile(from, to) == 0
        || (Marshal.GetLastPInvokeError() == NoEntry ? false : throw new IOException($"rename {from} {to}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}"));

    /// <returns>False if there is nothing to remove.</returns>
    public static bool Remove(string path) => RemoveFile(path) == 0
        || (Marshal.GetLastPInvokeError() == NoEntry ? false : throw new IOException($"unlink {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}"));

    /// <returns>False if there is nothing to give another name.</returns>
    public static bool Link(string path, string other) => LinkFile(path, other) == 0
        || (Marshal.GetLastPInvokeError() == NoEntry ? false : throw new IOException($"link {path} {other}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}"));

    private static FileIdentity IdentityIn(byte* status) => (*(uint*)status & BirthTime) != 0
        ? new FileIdentity(*(ulong*)(status + InodeAt), *(long*)(status + BirthSecondsAt) * 1_000_000_000 + *(uint*)(status + BirthNanosecondsAt))
        : throw new TortureException("The file system does not tell when a file was made, so that files with the same inode number cannot be told apart. Name another with --work.");

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

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveFile(string path);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string path, string other);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* Map(nint address, nuint length, int protection, int flags, int handle, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(byte* address, nuint length);
}
