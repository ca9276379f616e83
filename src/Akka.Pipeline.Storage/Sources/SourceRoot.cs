namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// The source folder by its path. It is opened anew for every walk and batch: a handle kept for ever would keep a volume from being unmounted,
/// and would go on showing a folder that was removed and made again.
/// </summary>
internal sealed class SourceRoot
{
    private const int MostEntriesLookedAt = 1000;
    private const int MostDepthLookedAt = 8;

    private readonly Lock gate = new();
    private readonly Dictionary<ulong, bool> mountedBelow = [];
    private readonly NoticeBook notices;
    private bool foreignFilesReported;
    private ulong device;
    private SourceTraits traits;

    /// <param name="path">Absolute path of the source.</param>
    /// <param name="notices">Receives what turns out while files are looked at.</param>
    public SourceRoot(string path, NoticeBook notices)
    {
        Path = path;
        this.notices = notices;
        using var folder = OpenUnchecked(out var status);
        device = status.Device;
        traits = FileSystemKind.Find(folder, status);
    }

    public string Path { get; }

    public SourceTraits Traits
    {
        get
        {
            lock (gate)
            {
                return traits;
            }
        }
    }

    /// <exception cref="SourceException">It is missing, cannot be read, or another file system stands in its place.</exception>
    public Descriptor Open() => Open(out _);

    public Descriptor Open(out FileStatus status)
    {
        var folder = OpenUnchecked(out status);
        lock (gate)
        {
            if (status.Device == device)
            {
                return folder;
            }

            // What is mounted anew may get another number; a missing mount shows the empty folder that it is mounted on. Files that are there are taken
            // whatever they lie on: their fingerprints hold the device, so none is mistaken for one of before. But quiet time is judged otherwise
            // on a network, and the route has settled on that.
            var now = FileSystemKind.Find(folder, status);
            var entries = MostEntriesLookedAt;
            if (now.IsNetwork ? now.FileSystem == traits.FileSystem : !traits.IsNetwork && HoldsFiles(folder, ".\0"u8, MostDepthLookedAt, ref entries))
            {
                device = status.Device;
                traits = now;
                return folder;
            }

            folder.Dispose();
            throw new SourceException(
                new Failure(
                    FailureScope.Source,
                    FailureNature.Lasting,
                    "SourceMoved",
                    $"The source '{SourcePath.ForDisplay(Path)}' lies on another file system ({now.FileSystem}) than before ({traits.FileSystem}){(now.IsNetwork == traits.IsNetwork ? ", and holds no files" : "")}: its volume is not mounted, or another one is.",
                    "Mount the volume again; if the change is meant, restart."),
                isGone: false);
        }
    }

    /// <summary>Asks for writers of an open file, and remembers when leases turn out not to work here.</summary>
    /// <param name="file">The handle, read-only.</param>
    /// <param name="status">What it showed; another file system mounted below the source is judged by itself.</param>
    public WriterState AskForWriters(Descriptor file, in FileStatus status)
    {
        var state = WriterProbe.Ask(file, IsNetwork(file, status), out var support);
        if (support == LeaseSupport.None)
        {
            lock (gate)
            {
                traits = traits with { CanSeeWriters = traits.CanSeeWriters && status.Device != device };
            }
        }
        else if (support == LeaseSupport.NotOurs && !Interlocked.Exchange(ref foreignFilesReported, true))
        {
            notices.Defer([new WalkNotice("", new Failure(
                FailureScope.Source,
                FailureNature.Lasting,
                "WritersUnseen",
                $"Some files of '{SourcePath.ForDisplay(Path)}' belong to other users: whether somebody has them open for writing cannot be seen, only how long they have been quiet.",
                "Run as the user who owns them, or give this process the capability CAP_LEASE (systemd: AmbientCapabilities=CAP_LEASE)."))]);
        }

        return state;
    }

    private bool IsNetwork(Descriptor file, in FileStatus status)
    {
        lock (gate)
        {
            if (status.Device == device)
            {
                return traits.IsNetwork;
            }

            if (!mountedBelow.TryGetValue(status.Device, out var isNetwork))
            {
                isNetwork = FileSystemKind.Find(file, status).IsNetwork;
                mountedBelow[status.Device] = isNetwork;
            }

            return isNetwork;
        }
    }

    /// <summary>Whether it looks as if there were files; folders alone may be the mount points of other volumes.</summary>
    private static bool HoldsFiles(Descriptor parent, ReadOnlySpan<byte> name, int depth, ref int entries)
    {
        if (Beneath.OpenChild(parent, name, out var folder) != 0)
        {
            return false;
        }

        using (folder)
        using (var reader = new EntryReader(folder!))
        {
            while (entries-- > 0 && reader.Next())
            {
                if (reader.Kind != EntryKind.Directory || (depth > 0 && HoldsFiles(folder!, reader.Name, depth - 1, ref entries)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private Descriptor OpenUnchecked(out FileStatus status)
    {
        var error = Beneath.OpenRoot(Path, out var folder);
        status = default;
        if (error == 0)
        {
            error = FileStatus.Of(folder!, out status);
        }

        if (error == 0)
        {
            return folder!;
        }

        folder?.Dispose();
        throw Failed(error);
    }

    private SourceException Failed(int error) => error switch
    {
        Errno.NoEntry => new SourceException(
            new Failure(FailureScope.Source, FailureNature.Lasting, "SourceMissing", $"The source folder '{SourcePath.ForDisplay(Path)}' does not exist.", "Create it (mkdir -p), mount its volume, or correct the route's source."),
            isGone: false),
        Errno.NotDirectory => new SourceException(
            new Failure(FailureScope.Source, FailureNature.Lasting, "SourceIsNoFolder", $"The source '{SourcePath.ForDisplay(Path)}' is not a folder.", "Name a folder as the route's source."),
            isGone: false),
        _ => new SourceException(FileFailure.From("open the source folder", Path, error, FailureScope.Source), isGone: false),
    };
}
