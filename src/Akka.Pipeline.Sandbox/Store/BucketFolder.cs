namespace Akka.Pipeline.Sandbox.Store;

using Microsoft.Win32.SafeHandles;

/// <summary>The files of a bucket. Calls are made under the bucket's lock.</summary>
internal sealed class BucketFolder(string root)
{
    public string FullPath(string relative) => Path.Combine(root, relative);

    /// <summary>The path for a key's file, its folders made; where a file stands in a folder's place, or the other way round, the newcomer is marked.</summary>
    public string PathFor(string key)
    {
        var names = KeyPath.Components(key);
        var path = string.Join('/', names);
        var parent = names.Count == 1 ? root : Path.GetDirectoryName(FullPath(path))!;
        if (!Directory.Exists(parent))
        {
            path = MakeFolders(names);
        }

        return Directory.Exists(FullPath(path)) ? path + KeyPath.FileMark : path;
    }

    public SafeFileHandle Open(string relative) =>
        File.OpenHandle(FullPath(relative), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);

    /// <summary>Removes a file, and the folders that it leaves empty: S3 has none.</summary>
    public void Remove(string relative)
    {
        var path = FullPath(relative);
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        for (var folder = Path.GetDirectoryName(path)!; folder.Length > root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (Directory.EnumerateFileSystemEntries(folder).Any())
            {
                return;
            }

            Directory.Delete(folder);
        }
    }

    /// <returns>Whether the folder held no file, and is gone now.</returns>
    public bool TryRemoveAll()
    {
        if (!Directory.Exists(root))
        {
            return true;
        }

        if (Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Any())
        {
            return false;
        }

        Directory.Delete(root, recursive: true);
        return true;
    }

    private string MakeFolders(List<string> names)
    {
        var path = "";
        for (var i = 0; i < names.Count - 1; i++)
        {
            path += names[i];
            if (File.Exists(FullPath(path)))
            {
                path += KeyPath.FolderMark;
            }

            Directory.CreateDirectory(FullPath(path));
            path += "/";
        }

        return path + names[^1];
    }
}
