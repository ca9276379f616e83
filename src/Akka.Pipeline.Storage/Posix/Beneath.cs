namespace Akka.Pipeline.Storage.Posix;

using System.Globalization;
using System.Text;

/// <summary>
/// Opens files and folders below an open folder so that no symbolic link, even one put there between two calls, leads out of it.
/// All members return 0 or the error number.
/// </summary>
internal static class Beneath
{
    private const ulong ResolveNoLinks = 0x04 | 0x02;
    private const ulong ResolveBeneath = 0x08;

    // Older kernels (before 5.6) and some container sandboxes have no openat2: then each component is opened by itself.
    private static volatile bool withoutOpenAt2;

    // Set once O_NOATIME was refused (another user's file): asking for it again would cost a second open of every file.
    private static volatile bool withAccessTimes;

    /// <summary>Opens a folder by its own path; a link at the end of that path is followed, as the operator named it.</summary>
    public static int OpenRoot(string path, out Descriptor? folder)
    {
        folder = null;
        Span<byte> buffer = stackalloc byte[NativeName.PathBytes];
        if (!NativeName.TryWritePath(path, buffer, out var bytes))
        {
            return Errno.NameTooLong;
        }

        return Opened(Libc.OpenAt(Libc.AtCurrentFolder, bytes, Libc.OpenReadOnly | Libc.OpenDirectory | Libc.OpenCloseOnExec, 0), out folder);
    }

    /// <summary>Opens the folder at a relative path ("" for the root itself).</summary>
    public static int OpenFolder(Descriptor root, ReadOnlySpan<char> path, bool followLinks, out Descriptor? folder)
    {
        folder = null;
        if (path.IsEmpty)
        {
            return OpenChild(root, ".\0"u8, out folder);
        }

        if (!IsProper(path))
        {
            return Errno.Invalid;
        }

        Span<byte> buffer = stackalloc byte[NativeName.PathBytes];
        var flags = Libc.OpenReadOnly | Libc.OpenDirectory | Libc.OpenCloseOnExec;
        if (NativeName.TryWritePath(path, buffer, out var bytes))
        {
            if (followLinks)
            {
                var error = Opened(Libc.OpenAt(root, bytes, flags, 0), out folder);
                return error != 0 ? error : KeepIfInside(root, ref folder);
            }

            if (!withoutOpenAt2)
            {
                var number = Libc.OpenAt2(root, bytes, flags, ResolveBeneath | ResolveNoLinks);
                if (number >= 0 || Libc.LastError is not (Errno.NotImplemented or Errno.NotPermitted))
                {
                    return Opened(number, out folder);
                }

                withoutOpenAt2 = true;
            }
        }

        return OpenByComponents(root, path, out folder);
    }

    /// <summary>Opens a folder by its name in an open folder; a link is refused.</summary>
    public static int OpenChild(Descriptor parent, ReadOnlySpan<byte> name, out Descriptor? folder) =>
        Opened(Libc.OpenAt(parent, name, Libc.OpenReadOnly | Libc.OpenDirectory | Libc.OpenNoFollow | Libc.OpenCloseOnExec, 0), out folder);

    /// <summary>Opens a file for reading. Never waits (for the other end of a pipe, or for a lease of somebody else: EAGAIN).</summary>
    public static int OpenFile(Descriptor root, Descriptor folder, ReadOnlySpan<byte> name, bool followLinks, out Descriptor? file)
    {
        var flags = Libc.OpenReadOnly | Libc.OpenNonBlocking | Libc.OpenCloseOnExec | (followLinks ? 0 : Libc.OpenNoFollow);
        var error = Errno.NotPermitted;
        file = null;
        if (!withAccessTimes)
        {
            error = Opened(Libc.OpenAt(folder, name, flags | Libc.OpenNoAccessTime, 0), out file);
        }

        if (error == Errno.NotPermitted)
        {
            error = Opened(Libc.OpenAt(folder, name, flags, 0), out file);
            withAccessTimes |= error == 0;
        }

        return error == 0 && followLinks ? KeepIfInside(root, ref file) : error;
    }

    /// <summary>Opens what a link points to, without reading it, if it lies inside the root.</summary>
    public static int OpenLinkTarget(Descriptor root, Descriptor folder, ReadOnlySpan<byte> name, out Descriptor? target)
    {
        var error = Opened(Libc.OpenAt(folder, name, Libc.OpenPathOnly | Libc.OpenCloseOnExec, 0), out target);
        return error != 0 ? error : KeepIfInside(root, ref target);
    }

    /// <summary>Makes the folders of a relative path as far as they are missing, and opens the last.</summary>
    public static int MakeFolders(Descriptor root, ReadOnlySpan<char> path, out Descriptor? folder)
    {
        var error = OpenFolder(root, path, followLinks: false, out folder);
        if (error != Errno.NoEntry)
        {
            return error;
        }

        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        error = OpenChild(root, ".\0"u8, out folder);
        foreach (var range in path.Split('/'))
        {
            if (error != 0)
            {
                break;
            }

            using var parent = folder!;
            folder = null;
            if (!NativeName.TryWrite(path[range], buffer, out var name))
            {
                return Errno.NameTooLong;
            }

            if (Libc.MakeDirectoryAt(parent, name, 0x1ff) == 0)
            {
                _ = Libc.Sync(parent);
            }
            else if (Libc.LastError != Errno.Exists)
            {
                return Libc.LastError;
            }

            error = OpenChild(parent, name, out folder);
        }

        return error;
    }

    /// <summary>The path of what a descriptor has open, as the kernel knows it now; null where /proc does not tell.</summary>
    public static string? RealPath(Descriptor descriptor)
    {
        Span<byte> link = stackalloc byte[32];
        Span<byte> target = stackalloc byte[NativeName.PathBytes];
        var length = Libc.ReadLink(ProcPath(descriptor, link), target, target.Length);
        return length > 0 ? Akka.Pipeline.Core.Files.SourcePath.FromBytes(target[..(int)length]) : null;
    }

    /// <summary>The name under which the kernel takes an open descriptor where it wants a path.</summary>
    public static ReadOnlySpan<byte> ProcPath(Descriptor descriptor, Span<byte> buffer)
    {
        var length = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor.Number}\0"), buffer);
        return buffer[..length];
    }

    /// <summary>True for a relative path of plain components.</summary>
    public static bool IsProper(ReadOnlySpan<char> path)
    {
        foreach (var range in path.Split('/'))
        {
            if (path[range] is "" or "." or "..")
            {
                return false;
            }
        }

        return !path.Contains('\0');
    }

    private static int OpenByComponents(Descriptor root, ReadOnlySpan<char> path, out Descriptor? folder)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        var error = OpenChild(root, ".\0"u8, out folder);
        foreach (var range in path.Split('/'))
        {
            if (error != 0)
            {
                break;
            }

            using var parent = folder!;
            folder = null;
            error = NativeName.TryWrite(path[range], buffer, out var name) ? OpenChild(parent, name, out folder) : Errno.NameTooLong;
        }

        return error;
    }

    /// <summary>Judges the handle and not the path, so that nothing can be exchanged between the judgement and the use.</summary>
    private static int KeepIfInside(Descriptor root, ref Descriptor? opened)
    {
        var inside = RealPath(root) is { } rootPath && RealPath(opened!) is { } path
            && (path == rootPath || path.StartsWith(rootPath.EndsWith('/') ? rootPath : rootPath + "/", StringComparison.Ordinal));
        if (inside)
        {
            return 0;
        }

        opened!.Dispose();
        opened = null;
        return Errno.LinkLoop;
    }

    private static int Opened(int number, out Descriptor? descriptor)
    {
        descriptor = number < 0 ? null : new Descriptor(number);
        return number < 0 ? Libc.LastError : 0;
    }
}
