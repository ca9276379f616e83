namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>A folder out of which files are removed in a round.</summary>
/// <param name="path">Below the source.</param>
/// <param name="handle">Open, or null with the error.</param>
/// <param name="error">Why it cannot be opened; 0 when it is open.</param>
internal sealed class RemovalFolder(string path, Descriptor? handle, int error) : IDisposable
{
    public string Path { get; } = path;

    public Descriptor? Handle { get; } = handle;

    public int Error { get; } = error;

    /// <summary>Made for the first file that is held.</summary>
    public HoldingFolder? Holding { get; private set; }

    /// <summary>Why there is no holding folder; 0 when there is one, or none was needed yet.</summary>
    public int HoldError { get; private set; }

    /// <summary>Makes the holding folder, unless that was tried before.</summary>
    /// <param name="notices">Receives what was put back out of one that was left behind.</param>
    public void MakeHolding(NoticeBook notices)
    {
        if (Holding is not null || HoldError != 0)
        {
            return;
        }

        var restored = new List<WalkNotice>();
        HoldError = HoldingFolder.Make(Handle!, Path, restored, out var holding);
        Holding = holding;
        notices.Defer(restored);
        if (HoldError is Errno.NoSpace or Errno.Quota or Errno.TooManyLinks)
        {
            HoldError = 0;
            Holding = HoldingFolder.Beside(Handle!);
        }
    }

    public void Dispose()
    {
        Holding?.Dispose();
        Handle?.Dispose();
    }
}

/// <summary>A file between its first look and its removal.</summary>
/// <param name="Index">Of its request.</param>
/// <param name="Folder">Where it was.</param>
/// <param name="Name">Its last component.</param>
/// <param name="IsLink">It is a symbolic link, of which nothing is open.</param>
/// <param name="File">The open file.</param>
/// <param name="ChangedUnixNs">Its ctime after it was renamed, which sets it.</param>
internal sealed record HeldFile(int Index, RemovalFolder Folder, string Name, bool IsLink, Descriptor? File, long ChangedUnixNs);
