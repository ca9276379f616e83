namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Storage.Posix;

/// <summary>The end of a round of removals, while the next one begins: the handles of its removed files are closed, which may wait for the disk, and then its folders.</summary>
internal sealed class ClosingRound
{
    private readonly Lock gate = new();
    private readonly ManualResetEventSlim ended = new();
    private Dictionary<string, RemovalFolder> folders;

    /// <summary>Begins at once.</summary>
    /// <param name="removed">The files; a file without a name is gone when its last handle is closed.</param>
    /// <param name="folders">By path. Closed after the files: on a network file system a removed file stays in its folder until it is closed.</param>
    public ClosingRound(IReadOnlyList<Descriptor> removed, Dictionary<string, RemovalFolder> folders)
    {
        this.folders = folders;
        HandleClosing.CloseAll(removed, CloseFolders);
    }

    /// <summary>Takes a folder that is still open over into the next round; null when there is none that is of use.</summary>
    public RemovalFolder? TakeOver(string path)
    {
        lock (gate)
        {
            return folders.TryGetValue(path, out var folder) && folder is { Error: 0, HoldError: 0 } && folders.Remove(path) ? folder : null;
        }
    }

    /// <summary>Returns when all of it is closed.</summary>
    public void Wait() => ended.Wait();

    private void CloseFolders()
    {
        lock (gate)
        {
            foreach (var folder in folders.Values)
            {
                folder.Dispose();
            }

            folders = [];
        }

        ended.Set();
    }
}
