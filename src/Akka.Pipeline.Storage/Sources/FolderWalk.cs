namespace Akka.Pipeline.Storage.Sources;

using System.Text.Unicode;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// Reads a source depth first. Only the folders on the current path are open, each with one buffer, so memory is bounded by depth; a file costs
/// one look at it, and only if its name passes the globs.
/// </summary>
internal sealed class FolderWalk : IFileWalk
{
    /// <summary>An object key has at most 1,024 bytes (S3), so a file deeper than this has no key under which it could be stored.</summary>
    private const int MaximumDepth = 512;

    /// <summary>After so many entries a call ends even if none was taken, so that the caller can stop a walk in a folder of a million others.</summary>
    private const int EntriesPerCall = 20_000;

    private readonly SourceSettings settings;
    private readonly PathGlobs globs;
    private readonly SourceRoot source;
    private readonly NoticeBook notices;
    private readonly FolderWatch? watch;
    private readonly Descriptor root;
    private readonly FileStatus rootStatus;
    private readonly StatusFilter filter;
    private readonly Stack<Level> levels = new();
    private char[] path = new char[1024];
    private List<WalkNotice> batchNotices = [], batchUnread = [];
    private bool ended;

    public FolderWalk(SourceSettings settings, PathGlobs globs, SourceRoot source, NoticeBook notices, FolderWatch? watch, DateTimeOffset now)
    {
        this.settings = settings;
        this.globs = globs;
        this.source = source;
        this.notices = notices;
        this.watch = watch;
        filter = new StatusFilter(settings, now);
        root = source.Open(out rootStatus);
        var error = Beneath.OpenChild(root, ".\0"u8, out var folder);
        if (error != 0)
        {
            root.Dispose();
            throw FileFailure.Exception("read the source folder", source.Path, error, FailureScope.Source);
        }

        levels.Push(new Level(folder!, 0, globs.Start, rootStatus, watch?.Enter(null, "", folder!, rootStatus)));
    }

    public WalkBatch Next(int maxFiles)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxFiles);
        (batchNotices, batchUnread) = ([], []);
        notices.TakeDeferred(batchNotices);
        var files = new List<FileSighting>(Math.Min(maxFiles, 256));
        for (var entries = 0; !ended && files.Count < maxFiles && entries < EntriesPerCall; entries++)
        {
            var level = levels.Peek();
            if (level.Reader.Next())
            {
                Visit(level, files);
            }
            else
            {
                Leave(level);
            }
        }

        return new WalkBatch(files, batchNotices, ended) { Unread = batchUnread };
    }

    public void Dispose()
    {
        ended = true;
        while (levels.TryPop(out var level))
        {
            level.Dispose();
        }

        root.Dispose();
    }

    private void Leave(Level level)
    {
        if (level.Reader.Error is not 0 and var error)
        {
            if (levels.Count == 1)
            {
                throw FileFailure.Exception("read the source folder", source.Path, error, FailureScope.Source);
            }

            ReportUnread(level.PathLength - 1, FileFailure.From("read the folder", new string(path, 0, level.PathLength - 1), error));
        }

        levels.Pop().Dispose();
        if (levels.Count > 0)
        {
            return;
        }

        ended = true;
        using var again = source.Open(out var status);
        if (!status.IsSameFile(rootStatus))
        {
            throw new SourceException(
                new Failure(FailureScope.Source, FailureNature.Passing, "SourceReplaced", $"The source folder '{SourcePath.ForDisplay(source.Path)}' was replaced while it was read.", "Nothing; it is read again."),
                isGone: false);
        }
    }

    private void Visit(Level level, List<FileSighting> files)
    {
        var name = level.Reader.Name;
        var length = Append(level.PathLength, name[..^1]);
        var text = path.AsSpan(level.PathLength..length);
        FileStatus status = default;
        var kind = level.Reader.Kind;
        if (kind == EntryKind.Unknown)
        {
            if (!TryLook(level, name, length, out status))
            {
                return;
            }

            kind = status.Kind;
        }

        switch (kind)
        {
            case EntryKind.File when text.StartsWith(HoldingFolder.BesidePrefix):
                HoldingFolder.RestoreBeside(root, level.Folder, ParentOf(level), text.ToString(), batchNotices);
                break;
            case EntryKind.File:
                if (globs.MatchesFile(level.Globs, text) && TryLook(level, name, length, out status) && status.Kind == EntryKind.File)
                {
                    Take(status, length, files);
                }

                break;
            case EntryKind.Directory when text is SourceSettings.HoldingFolder:
                HoldingFolder.Restore(level.Folder, ParentOf(level), batchNotices);
                break;
            case EntryKind.Directory:
                if (globs.TryEnter(level.Globs, text, out var state))
                {
                    var error = Beneath.OpenChild(level.Folder, name, out var folder);
                    Enter(level, error, folder, state, length);
                }

                break;
            case EntryKind.Link:
                if (settings.FollowLinks)
                {
                    Follow(level, name, length, files);
                }

                break;
            default:
                ReportPassedOver(level, kind, text, length);
                break;
        }
    }

    private string ParentOf(Level level) => level.PathLength == 0 ? "" : new string(path, 0, level.PathLength - 1);

    private void ReportPassedOver(Level level, EntryKind kind, ReadOnlySpan<char> name, int length)
    {
        if (!globs.MatchesFile(level.Globs, name))
        {
            return;
        }

        var what = kind switch
        {
            EntryKind.Pipe => "a pipe",
            EntryKind.Socket => "a socket",
            EntryKind.BlockDevice or EntryKind.CharacterDevice => "a device",
            _ => "no regular file",
        };
        Report(length, new Failure(
            FailureScope.File,
            FailureNature.Lasting,
            "NotAFile",
            $"'{SourcePath.ForDisplay(new string(path, 0, length))}' is {what} and is passed over.",
            "Nothing, or exclude it from the route."));
    }

    /// <summary>Looks at an entry; false when it is gone, or cannot be looked at (which is reported).</summary>
    private bool TryLook(Level level, ReadOnlySpan<byte> name, int length, out FileStatus status)
    {
        var error = FileStatus.Of(level.Folder, name, follow: false, out status);
        if (error is not 0 && !Errno.MeansGone(error))
        {
            ReportOrThrow("look at", length, error);
        }

        return error == 0;
    }

    private void Take(in FileStatus status, int length, List<FileSighting> files)
    {
        if (filter.Takes(status))
        {
            files.Add(new FileSighting(new string(path, 0, length), status.Fingerprint, status.ChangedUnixNs));
        }
    }

    private void Enter(Level parent, int error, Descriptor? folder, ulong[] state, int length)
    {
        FileStatus status = default;
        if (error == 0)
        {
            error = FileStatus.Of(folder!, out status);
        }

        if (error != 0)
        {
            folder?.Dispose();
            if (!Errno.MeansGone(error))
            {
                ReportOrThrow("read the folder", length, error);
            }

            return;
        }

        if (levels.Count >= MaximumDepth)
        {
            folder!.Dispose();
            ReportUnread(length, new Failure(
                FailureScope.File,
                FailureNature.Lasting,
                "TooDeep",
                $"'{SourcePath.ForDisplay(new string(path, 0, length))}' lies more than {MaximumDepth} folders deep and is passed over: no object key is that long.",
                "Move it up, or exclude it from the route."));
            return;
        }

        // Watched before it is read: what is created from here on is either still found by the walk, or an event, or both.
        var watched = parent.Watched is null ? null : watch?.Enter(parent.Watched, new string(path.AsSpan(parent.PathLength..length)), folder!, status);
        Append(length, "/"u8);
        levels.Push(new Level(folder!, length + 1, state, status, watched));
    }

    private void Follow(Level level, ReadOnlySpan<byte> name, int length, List<FileSighting> files)
    {
        var text = path.AsSpan(level.PathLength..length);
        var asFolder = globs.TryEnter(level.Globs, text, out var state);
        var asFile = globs.MatchesFile(level.Globs, text);
        if (!asFolder && !asFile)
        {
            return;
        }

        var error = Beneath.OpenLinkTarget(root, level.Folder, name, out var target);
        using (target)
        {
            FileStatus status = default;
            if (error == 0)
            {
                error = FileStatus.Of(target!, out status);
            }

            if (error == Errno.LinkLoop)
            {
                Report(length, new Failure(
                    FailureScope.File,
                    FailureNature.Lasting,
                    "LinkLeavesSource",
                    $"The link '{SourcePath.ForDisplay(new string(path, 0, length))}' leads out of the source, or in a circle, and is not followed.",
                    "Put the file or folder itself there, or exclude the link from the route."));
            }
            else if (error != 0)
            {
                // A link to nothing is no news; it may be filled later.
                if (!Errno.MeansGone(error))
                {
                    ReportOrThrow("follow the link", length, error);
                }
            }
            else if (status.Kind == EntryKind.File && asFile)
            {
                Take(status, length, files);
            }
            else if (status.Kind == EntryKind.Directory && asFolder && !levels.Any(l => l.Status.IsSameFile(status)))
            {
                error = Beneath.OpenChild(target!, ".\0"u8, out var folder);
                Enter(level, error, folder, state, length);
            }
        }
    }

    private void Report(int length, Failure failure) => notices.Add(batchNotices, new string(path, 0, length), failure);

    /// <summary>A fault of one entry is a notice; a fault of the machine (no handles, no memory) ends the walk, which would pass over good files otherwise.</summary>
    private void ReportOrThrow(string action, int length, int error)
    {
        var failure = FileFailure.From(action, new string(path, 0, length), error);
        if (failure.Scope == FailureScope.Node)
        {
            throw new SourceException(failure, isGone: false);
        }

        ReportUnread(length, failure);
    }

    private void ReportUnread(int length, Failure failure)
    {
        Report(length, failure);

        // fsck's own folder at the top of a volume is closed to everybody but root, and holds nobody's files.
        if (path.AsSpan(0, length) is not "lost+found")
        {
            batchUnread.Add(new WalkNotice(new string(path, 0, length), failure));
        }
    }

    /// <summary>Writes a name into the path at a position; returns where it ends.</summary>
    private int Append(int at, ReadOnlySpan<byte> name)
    {
        if (path.Length < at + name.Length)
        {
            Array.Resize(ref path, 2 * (at + name.Length));
        }

        if (Utf8.ToUtf16(name, path.AsSpan(at), out _, out var written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done)
        {
            return at + written;
        }

        var escaped = SourcePath.FromBytes(name);
        escaped.CopyTo(path.AsSpan(at));
        return at + escaped.Length;
    }

    private sealed class Level(Descriptor folder, int pathLength, ulong[] globs, FileStatus status, WatchedFolder? watched) : IDisposable
    {
        public Descriptor Folder { get; } = folder;

        public EntryReader Reader { get; } = new(folder);

        /// <summary>Length of the path with the '/' at its end; 0 for the source itself.</summary>
        public int PathLength { get; } = pathLength;

        public ulong[] Globs { get; } = globs;

        public FileStatus Status { get; } = status;

        public WatchedFolder? Watched { get; } = watched;

        public void Dispose()
        {
            Reader.Dispose();
            Folder.Dispose();
        }
    }
}
