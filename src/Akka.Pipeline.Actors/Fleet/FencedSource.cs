namespace Akka.Pipeline.Actors.Fleet;

using Akka.Pipeline.Core.Files;

/// <summary>
/// A shared source as one session sees it. It removes nothing once the session may have ended. And its fingerprints are the same on every node: each node
/// gives a network volume a device number of its own, so that number is left out.
/// </summary>
/// <param name="inner">The source; not disposed of.</param>
/// <param name="session">Whose.</param>
public sealed class FencedSource(ISourceFolder inner, HeldSession session) : ISourceFolder
{
    private readonly DeviceOfSource device = new();

    public SourceTraits Traits => inner.Traits;

    public IFileWalk StartWalk() => new SharedWalk(inner.StartWalk(), device);

    public ISourceWatch? StartWatch(Action available) => inner.StartWatch(available);

    public IReadOnlyList<FileObservation> Observe(IReadOnlyList<string> paths) =>
        [.. inner.Observe(paths).Select(seen => seen.Sighting is { } sighting ? seen with { Sighting = device.Hide(sighting) } : seen)];

    public ISourceFile Open(string path) => new SharedFile(inner.Open(path), device);

    public IFileOpener StartOpening() => new SharedOpener(inner.StartOpening(), device);

    public IReadOnlyList<RemovalResult> Remove(IReadOnlyList<RemovalRequest> requests, string? moveTo, Func<bool>? mayGoOn = null)
    {
        var single = device.Single;
        var seen = single is null ? inner.Observe([.. requests.Select(request => request.Path)]) : [];
        var own = requests.Select((request, i) => request with
        {
            Uploaded = request.Uploaded with { Device = single ?? seen[i].Sighting?.Fingerprint.Device ?? 0 },
        });
        return [.. inner.Remove([.. own], moveTo, () => session.IsSure && mayGoOn?.Invoke() != false).Zip(requests, (result, request) => result with { Request = request })];
    }

    public void PruneEmptyFolders(IReadOnlyList<string> pathsOfRemovedFiles, TimeSpan minimumAge)
    {
        if (session.IsSure)
        {
            inner.PruneEmptyFolders(pathsOfRemovedFiles, minimumAge);
        }
    }

    public void Dispose()
    {
    }

    /// <summary>The device number that this node knows the source by; usually there is one.</summary>
    private sealed class DeviceOfSource
    {
        private readonly Lock gate = new();
        private ulong? seen;
        private bool several;

        /// <summary>Null when none was seen yet, or several.</summary>
        public ulong? Single
        {
            get
            {
                lock (gate)
                {
                    return several ? null : seen;
                }
            }
        }

        public FileSighting Hide(FileSighting sighting) => sighting with { Fingerprint = Hide(sighting.Fingerprint) };

        public Fingerprint Hide(Fingerprint fingerprint)
        {
            lock (gate)
            {
                several |= seen is { } before && before != fingerprint.Device;
                seen = fingerprint.Device;
            }

            return fingerprint with { Device = 0 };
        }
    }

    private sealed class SharedWalk(IFileWalk inner, DeviceOfSource device) : IFileWalk
    {
        public WalkBatch Next(int maxFiles)
        {
            var batch = inner.Next(maxFiles);
            return batch with { Files = [.. batch.Files.Select(device.Hide)] };
        }

        public void Dispose() => inner.Dispose();
    }

    private sealed class SharedOpener(IFileOpener inner, DeviceOfSource device) : IFileOpener
    {
        public ISourceFile Open(string path) => new SharedFile(inner.Open(path), device);

        public void Dispose() => inner.Dispose();
    }

    private sealed class SharedFile(ISourceFile inner, DeviceOfSource device) : ISourceFile
    {
        public Fingerprint OpenedAs => device.Hide(inner.OpenedAs);

        public int Read(Span<byte> buffer, long offsetBytes) => inner.Read(buffer, offsetBytes);

        public FileCheck Check()
        {
            var check = inner.Check();
            return check with { Fingerprint = device.Hide(check.Fingerprint) };
        }

        public void Dispose() => inner.Dispose();
    }
}
