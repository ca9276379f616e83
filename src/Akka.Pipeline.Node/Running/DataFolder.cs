namespace Akka.Pipeline.Node.Running;

using System.Globalization;
using Akka.Pipeline.Node.Settings;

/// <summary>
/// The data folder while a daemon runs on it. A lock of the operating system keeps a second one out: it ends with the process, however that ends, so
/// no stale file can keep anybody out.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream lockFile;

    private DataFolder(FileStream lockFile) => this.lockFile = lockFile;

    /// <summary>Makes the folder if need be, and takes the lock.</summary>
    /// <exception cref="ConfigurationException">Another process runs on it, or it cannot be written.</exception>
    public static DataFolder Take(string folder)
    {
        var file = Path.Combine(folder, "lock");
        try
        {
            Directory.CreateDirectory(folder);
            var taken = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            taken.SetLength(0);
            taken.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            taken.Flush();
            return new DataFolder(taken);
        }
        catch (IOException) when (File.Exists(file) && IsLocked(file))
        {
            throw new ConfigurationException(
                $"Another pipeline runs on the data folder '{folder}'. Stop it first, or give this one a folder of its own (--data, or pipeline.node.data).");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The data folder '{folder}' cannot be used: {refused.Message} Make it writable for this user, or name another one (--data, or pipeline.node.data).");
        }
    }

    public void Dispose() => lockFile.Dispose();

    private static bool IsLocked(string file)
    {
        try
        {
            using var probe = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
