namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Storage.Posix;

/// <summary>A folder under watch. Its path follows from its parents, so that a renamed folder takes all below it along.</summary>
internal sealed class WatchedFolder(int watch, WatchedFolder? parent, string name, ulong device, ulong inode)
{
    public int Watch { get; } = watch;

    public WatchedFolder? Parent { get; set; } = parent;

    public string Name { get; set; } = name;

    public bool Is(in FileStatus status) => status.Device == device && status.Inode == inode;

    /// <summary>The path below the source, "" for the source itself; null in a circle, which a race of renames can leave for a moment.</summary>
    public string? Path
    {
        get
        {
            var names = new List<string>();
            for (var folder = this; folder.Parent is not null; folder = folder.Parent)
            {
                names.Add(folder.Name);
                if (names.Count > 4096)
                {
                    return null;
                }
            }

            names.Reverse();
            return string.Join('/', names);
        }
    }
}
