namespace Akka.Pipeline.Hocon;

/// <summary>Files on disk.</summary>
public sealed class HoconFiles : IHoconSource
{
    /// <inheritdoc/>
    public string Locate(string name, string? includedFrom) =>
        includedFrom is null
            ? Path.GetFullPath(name)
            : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(includedFrom) ?? "/", name));

    /// <inheritdoc/>
    public byte[]? Read(string fullName, int limitBytes)
    {
        // So that include "routes" finds routes.conf beside a folder of that name.
        if (Directory.Exists(fullName))
        {
            return null;
        }

        FileStream file;
        try
        {
            file = new FileStream(fullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        using (file)
        {
            // Not the file's length: a pipe has none, and a file may grow while it is read.
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int read;
            while (content.Length <= limitBytes && (read = file.Read(buffer)) > 0)
            {
                content.Write(buffer, 0, read);
            }

            return content.ToArray();
        }
    }
}
