namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>Opens files of a source one after the other, and keeps their folder open in between.</summary>
internal sealed class FileOpener(SourceRoot source, bool followLinks, TimeProvider time) : IFileOpener
{
    /// <summary>Folders are moved, and volumes unmounted, while a batch is on its way to a slow store.</summary>
    public static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(1);

    private Descriptor? root;
    private ParentFolders? parents;
    private long openSince;

    public ISourceFile Open(string path)
    {
        if (parents is null || time.GetElapsedTime(openSince) > LongestKept)
        {
            Dispose();
            root = source.Open();
            parents = new ParentFolders(root, followLinks);
            openSince = time.GetTimestamp();
        }

        return SourceFile.Open(path, source, parents);
    }

    public void Dispose()
    {
        parents?.Dispose();
        root?.Dispose();
        parents = null;
        root = null;
    }
}
