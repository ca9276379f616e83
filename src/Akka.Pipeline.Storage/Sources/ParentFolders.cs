namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>Opens files by path below a root; the folder of the last one stays open, as the next is mostly in the same.</summary>
internal sealed class ParentFolders(Descriptor root, bool followLinks) : IDisposable
{
    private Descriptor? folder;
    private string? folderPath;
    private int folderError;

    /// <summary>The folder part of a path, "" for a file directly in the source.</summary>
    public static ReadOnlySpan<char> ParentOf(string path) => path.AsSpan(0, Math.Max(0, path.LastIndexOf('/')));

    /// <summary>The last component.</summary>
    public static ReadOnlySpan<char> NameOf(string path) => path.AsSpan(path.LastIndexOf('/') + 1);

    /// <summary>Looks at a file without opening it; 0 or the error number, ENOENT when it is no regular file.</summary>
    public int Look(string path, out FileStatus status)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        status = default;
        var error = FindFolder(ParentOf(path));
        if (error != 0)
        {
            return error;
        }

        if (!NativeName.TryWrite(NameOf(path), buffer, out var name))
        {
            return Errno.NoEntry;
        }

        error = FileStatus.Of(folder!, name, followLinks, out status);
        return error == 0 && status.Kind != EntryKind.File ? Errno.NoEntry : error;
    }

    /// <summary>Opens a regular file for reading; 0 or the error number, ENOENT when it is none.</summary>
    public int OpenFile(string path, out Descriptor? file, out FileStatus status)
    {
        file = null;

        // Looked at before it is opened: opening a pipe or a device is an act that its other side notices.
        var error = Look(path, out status);
        if (error != 0)
        {
            return error;
        }

        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        _ = NativeName.TryWrite(NameOf(path), buffer, out var name);
        error = Beneath.OpenFile(root, folder!, name, followLinks, out file);
        if (error == 0)
        {
            error = FileStatus.Of(file!, out status);
            if (error == 0 && status.Kind == EntryKind.File)
            {
                return 0;
            }

            file!.Dispose();
            file = null;
        }

        // ENXIO: a pipe or socket took the name in between.
        return error is 0 or Errno.NoDevice ? Errno.NoEntry : error;
    }

    public void Dispose() => folder?.Dispose();

    private int FindFolder(ReadOnlySpan<char> path)
    {
        if (folderPath is null || !path.SequenceEqual(folderPath))
        {
            folder?.Dispose();
            folderPath = path.ToString();
            folderError = Beneath.OpenFolder(root, path, followLinks, out folder);
        }

        return folderError;
    }
}
