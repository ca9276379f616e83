namespace Akka.Pipeline.Storage.Posix;

using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

/// <summary>
/// The calls that .NET does not offer, on Linux x64 and arm64 with glibc or musl. Calls that one of the two libraries lacks go through
/// <c>syscall</c>. Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux 6.12 (2024-11).
/// </summary>
internal static partial class Libc
{
    public const int AtCurrentFolder = -100;
    public const int AtSymlinkNoFollow = 0x100;
    public const int AtRemoveDirectory = 0x200;
    public const int AtEmptyPath = 0x1000;

    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenExclusive = 0x80;
    public const int OpenNonBlocking = 0x800;
    public const int OpenNoAccessTime = 0x40000;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenPathOnly = 0x200000;

    public const uint RenameNoReplace = 1;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    public const int FcntlSetSignal = 10;
    public const int FcntlSetLease = 1024;
    public const int LeaseRead = 0;
    public const int LeaseNone = 2;

    public const uint NotifyCloseWrite = 0x8;
    public const uint NotifyMovedTo = 0x80;
    public const uint NotifyCreate = 0x100;
    public const uint NotifyDeleteSelf = 0x400;
    public const uint NotifyMoveSelf = 0x800;
    public const uint NotifyUnmount = 0x2000;
    public const uint NotifyOverflow = 0x4000;
    public const uint NotifyIgnored = 0x8000;
    public const uint NotifyOnlyDirectory = 0x1000000;
    public const uint NotifyExcludeUnlinked = 0x4000000;
    public const uint NotifyIsDirectory = 0x40000000;

    public const short PollIn = 1;

    public const int SendNoSignal = 0x4000;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    // These four differ between the architectures; openat2 is younger than the split and has one number.
    private static readonly nint SysGetDents = IsArm ? 61 : 217;
    private static readonly nint SysRenameAt2 = IsArm ? 276 : 316;
    private static readonly nint SysStatx = IsArm ? 291 : 332;
    private const nint SysOpenAt2 = 437;

    /// <summary>O_DIRECTORY and O_NOFOLLOW have their own values on arm64 (arch/arm64/include/uapi/asm/fcntl.h).</summary>
    public static int OpenDirectory { get; } = IsArm ? 0x4000 : 0x10000;

    public static int OpenNoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    /// <summary>The error number of the last call on this thread.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    public static unsafe int ReadEntries(Descriptor folder, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            return (int)Syscall(SysGetDents, folder, (nint)p, buffer.Length);
        }
    }

    public static unsafe int RenameAt2(Descriptor from, ReadOnlySpan<byte> name, Descriptor to, ReadOnlySpan<byte> newName, uint flags)
    {
        fixed (byte* p = name)
        fixed (byte* q = newName)
        {
            return (int)Syscall(SysRenameAt2, from, (nint)p, to, (nint)q, (nint)flags);
        }
    }

    public static unsafe int Statx(Descriptor folder, ReadOnlySpan<byte> name, int flags, uint mask, Span<byte> status)
    {
        fixed (byte* p = name)
        fixed (byte* q = status)
        {
            return (int)Syscall(SysStatx, folder, (nint)p, flags, (nint)mask, (nint)q);
        }
    }

    /// <summary>openat2 with a struct open_how of flags, mode and resolve (Linux 5.6).</summary>
    public static unsafe int OpenAt2(Descriptor folder, ReadOnlySpan<byte> path, int flags, ulong resolve)
    {
        var how = stackalloc ulong[3] { (ulong)flags, 0, resolve };
        fixed (byte* p = path)
        {
            return (int)Syscall(SysOpenAt2, folder, (nint)p, (nint)how, 24);
        }
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(Descriptor folder, ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int folder, ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(nint descriptor);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(Descriptor folder, ReadOnlySpan<byte> name, int flags);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(Descriptor from, ReadOnlySpan<byte> name, Descriptor to, ReadOnlySpan<byte> newName, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(Descriptor from, ReadOnlySpan<byte> name, Descriptor to, ReadOnlySpan<byte> newName);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeDirectoryAt(Descriptor folder, ReadOnlySpan<byte> name, uint mode);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]
    public static partial nint ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, nint size);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(Descriptor file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(Descriptor file, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(Descriptor file);

    /// <summary>Returns the error number itself, and 0 when the space is there.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    public static partial int Allocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, nint count, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(Descriptor file, Span<byte> buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(Descriptor file, Span<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(Descriptor file, ReadOnlySpan<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    public static partial int SetTimes(Descriptor file, ReadOnlySpan<long> times);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int FileSystemStatus(Descriptor file, Span<byte> status);

    /// <param name="clock">Which.</param>
    /// <param name="time">Two numbers: seconds, nanoseconds (struct timespec of 64-bit Linux).</param>
    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int ClockGetTime(int clock, Span<long> time);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial int NotifyStart(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true)]
    public static partial int NotifyAdd(Descriptor notifier, ReadOnlySpan<byte> path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int NotifyRemove(Descriptor notifier, int watch);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventCounter(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PollEntry> entries, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, Descriptor a, nint b, nint c);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, Descriptor a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, Descriptor a, nint b, Descriptor c, nint d, nint e);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, Descriptor a, nint b, nint c, nint d, nint e);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
