namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Posix;

/// <summary>A source folder on Linux.</summary>
public sealed class LinuxSourceFolder : ISourceFolder
{
    private readonly SourceSettings settings;
    private readonly PathGlobs globs;
    private readonly SourceRoot source;
    private readonly NoticeBook notices = new();
    private readonly TimeProvider time;
    private FolderWatch? watch;

    /// <param name="settings">What to take, and from where.</param>
    /// <param name="time">For the age filters.</param>
    /// <exception cref="SourceException">The folder is missing or cannot be opened.</exception>
    /// <exception cref="FormatException">A glob is malformed.</exception>
    public LinuxSourceFolder(SourceSettings settings, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);
        this.settings = settings;
        this.time = time;
        globs = PathGlobs.Compile(settings.Include, settings.Exclude);
        source = new SourceRoot(settings.Folder, notices);
    }

    /// <remarks>
    /// <see cref="SourceTraits.CanSeeWriters"/> is what the file system promises until the first file is asked for writers; no file is made to
    /// try it, as the source may be read-only. It turns false when a file shows that leases do not work after all.
    /// </remarks>
    public SourceTraits Traits => source.Traits;

    public IFileWalk StartWalk() => new FolderWalk(settings, globs, source, notices, Volatile.Read(ref watch), time.GetUtcNow());

    /// <inheritdoc/>
    /// <remarks>A source has one watch; a second one ends the first.</remarks>
    public ISourceWatch? StartWatch(Action available)
    {
        ArgumentNullException.ThrowIfNull(available);
        if (!settings.Watch || !source.Traits.CanWatch)
        {
            return null;
        }

        var started = new FolderWatch(settings, globs, source, time, available, onDispose: stopped =>
        {
            Interlocked.CompareExchange(ref watch, null, stopped);
        });
        var former = Interlocked.Exchange(ref watch, started);
        former?.Dispose();
        return started;
    }

    public IReadOnlyList<FileObservation> Observe(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        using var root = source.Open();
        using var parents = new ParentFolders(root, settings.FollowLinks);
        var observations = new FileObservation[paths.Count];
        for (var i = 0; i < observations.Length; i++)
        {
            observations[i] = Observe(parents, paths[i]);
        }

        return observations;
    }

    public ISourceFile Open(string path)
    {
        using var opener = StartOpening();
        return opener.Open(path);
    }

    public IFileOpener StartOpening() => new FileOpener(source, settings.FollowLinks, time);

    public IReadOnlyList<RemovalResult> Remove(IReadOnlyList<RemovalRequest> requests, string? moveTo, Func<bool>? mayGoOn = null)
    {
        ArgumentNullException.ThrowIfNull(requests);
        return FileRemoval.Run(source, notices, settings.FollowLinks, requests, moveTo, mayGoOn);
    }

    public void PruneEmptyFolders(IReadOnlyList<string> pathsOfRemovedFiles, TimeSpan minimumAge)
    {
        ArgumentNullException.ThrowIfNull(pathsOfRemovedFiles);
        FolderPruning.Run(source, pathsOfRemovedFiles, minimumAge > TimeSpan.Zero ? time.GetUtcNow() - minimumAge : null);
    }

    public void Dispose() => Volatile.Read(ref watch)?.Dispose();

    private FileObservation Observe(ParentFolders parents, string path)
    {
        var error = parents.OpenFile(path, out var file, out var status);
        using (file)
        {
            if (error == 0)
            {
                return new FileObservation(path, Sighting(), source.AskForWriters(file!, status));
            }

            // Not ours to read, or held by a file server's lease: it is there all the same, and opening it to upload will say what is wrong.
            return error switch
            {
                Errno.Again => new FileObservation(path, Sighting(), WriterState.Open),
                Errno.Access or Errno.NotPermitted when status.Kind == EntryKind.File => new FileObservation(path, Sighting(), WriterState.Unknown),
                _ when Errno.MeansNode(error) => throw FileFailure.Exception("look at", path, error),

                // What cannot be looked at now is no candidate; the next walk says why.
                _ => new FileObservation(path, null, WriterState.Unknown),
            };
        }

        FileSighting Sighting() => new(path, status.Fingerprint, status.ChangedUnixNs);
    }
}
