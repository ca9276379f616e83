namespace Akka.Pipeline.Storage.Posix;

/// <summary>Renames that never replace a file. Members return 0 or the error number, EEXIST when the new name is taken.</summary>
internal static class Renaming
{
    /// <summary>In one step.</summary>
    /// <param name="unsupported">The file system cannot do that (NFS, some FUSE); nothing was done.</param>
    public static int IfFree(Descriptor from, ReadOnlySpan<byte> name, Descriptor to, ReadOnlySpan<byte> newName, out bool unsupported)
    {
        unsupported = false;
        if (Libc.RenameAt2(from, name, to, newName, Libc.RenameNoReplace) == 0)
        {
            return 0;
        }

        var error = Libc.LastError;
        unsupported = error is Errno.Invalid or Errno.NotImplemented;
        return error;
    }

    /// <summary>In two steps, for file systems without the one: a hard link replaces nothing either.</summary>
    public static int ByLink(Descriptor from, ReadOnlySpan<byte> name, Descriptor to, ReadOnlySpan<byte> newName)
    {
        if (Libc.LinkAt(from, name, to, newName, 0) != 0)
        {
            return Libc.LastError;
        }

        return Libc.UnlinkAt(from, name, 0) == 0 ? 0 : Libc.LastError;
    }
}
