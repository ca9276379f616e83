namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Storage.Posix;

/// <summary>Removes folders that removals left empty.</summary>
internal static class FolderPruning
{
    /// <param name="source">The source; it stays itself.</param>
    /// <param name="paths">Files that were removed.</param>
    /// <param name="unchangedSince">Folders in which an entry was made or removed later stay for now; null for any.</param>
    public static void Run(SourceRoot source, IReadOnlyList<string> paths, DateTimeOffset? unchangedSince)
    {
        using var root = source.Open();
        var latest = unchangedSince is { } time ? (time - DateTimeOffset.UnixEpoch).Ticks * 100 : long.MaxValue;

        // Judged before anything is removed, as removing a folder makes the one above it young.
        var candidates = new HashSet<string>(StringComparer.Ordinal);
        var judged = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            for (var folder = ParentFolders.ParentOf(path); !folder.IsEmpty && judged.Add(folder.ToString()); folder = folder[..Math.Max(0, folder.LastIndexOf('/'))])
            {
                if (Beneath.OpenFolder(root, folder, followLinks: false, out var handle) == 0)
                {
                    using (handle)
                    {
                        if (FileStatus.Of(handle!, out var status) == 0 && status.ModifiedUnixNs <= latest)
                        {
                            candidates.Add(folder.ToString());
                        }
                    }
                }
            }
        }

        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        foreach (var folder in candidates.OrderByDescending(c => c.Length))
        {
            // What holds something stays (ENOTEMPTY), and what may not be removed as well: an empty folder harms nobody.
            if (NativeName.TryWrite(ParentFolders.NameOf(folder), buffer, out var name)
                && Beneath.OpenFolder(root, ParentFolders.ParentOf(folder), followLinks: false, out var parent) == 0)
            {
                using (parent)
                {
                    _ = Libc.UnlinkAt(parent!, name, Libc.AtRemoveDirectory);
                }
            }
        }
    }
}
