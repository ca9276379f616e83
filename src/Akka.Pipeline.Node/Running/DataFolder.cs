namespace Akka.Pipeline.Node.Running;

using System.Globalization;
using Akka.Pipeline.Node.Settings;

/// <summary>
/// The data folder while a daemon runs on it. A lock of the operating system keeps a second one out: it ends with the process, however that ends, so
/// no stale file can keep anybody out.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly FileStream lockFile;

    private DataFolder(FileStream lockFile) => this.lockFile = lockFile;

    /// <summary>Makes the folder if need be, and takes the lock.</summary>
    /// <exception cref="ConfigurationException">Another process runs on it, or it cannot be written.</exception>
    public static async Task<DataFolder> TakeAsync(string folder)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                Directory.CreateDirectory(folder);
                var taken = new FileStream(LockOf(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

                // Over what is there, and only then cut: on a full disk a block that is given away does not come back.
                taken.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
                taken.Flush();
                taken.SetLength(taken.Position);
                return new DataFolder(taken);
            }
            catch (IOException) when (IsTaken(folder))
            {
                // Who only asks whether somebody has it holds it himself for an instant.
                if (look == Looks)
                {
                    throw new ConfigurationException(
                        $"Another pipeline runs on the data folder '{folder}'. Stop it first (pipeline stop), or give this one a folder of its own (--data, or pipeline.node.data).");
                }
            }
            catch (IOException) when (look < Looks && File.Exists(LockOf(folder)))
            {
                // It was taken a moment ago.
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new ConfigurationException($"The data folder '{folder}' cannot be used: {refused.Message} Make it writable for this user, or name another one (--data, or pipeline.node.data).", refused);
            }

            await Task.Delay(BetweenLooks);
        }
    }

    /// <summary>Whether a process runs on it. Where that may not be asked, no.</summary>
    public static bool IsTaken(string folder)
    {
        try
        {
            // Shared, so that two who ask do not take each other for a daemon.
            using var probe = new FileStream(LockOf(folder), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => lockFile.Dispose();

    private static string LockOf(string folder) => Path.Combine(folder, "lock");
}
