namespace Akka.Pipeline.Core.Files;

using Akka.Pipeline.Core.Failures;

/// <summary>
/// The folder that a route empties. Every member blocks on the file system and may be called from any thread, several at a time;
/// callers keep them off the mailboxes. Paths are relative to the folder (see <see cref="SourcePath"/>).
/// Failures of the file system are <see cref="SourceException"/>, never "nothing there": a folder that vanished is an error.
/// </summary>
public interface ISourceFolder : IDisposable
{
    /// <summary>What the file system under the folder can do.</summary>
    SourceTraits Traits { get; }

    /// <summary>Starts to walk the folder. Memory stays bounded by the depth of the tree, not by its size.</summary>
    /// <exception cref="SourceException">The folder is missing or cannot be read.</exception>
    IFileWalk StartWalk();

    /// <summary>
    /// Starts to watch, or returns null when the file system emits no events (see <see cref="SourceTraits.CanWatch"/>).
    /// Folders are added to the watch as walks enter them and as they are created, before they are read, so that nothing falls between.
    /// </summary>
    /// <param name="available">Called, from any thread and rarely, when <see cref="ISourceWatch.Take"/> has something after it had nothing.</param>
    ISourceWatch? StartWatch(Action available);

    /// <summary>Looks at the named files again, and asks for writers. The answers stand in the order of the paths.</summary>
    IReadOnlyList<FileObservation> Observe(IReadOnlyList<string> paths);

    /// <summary>Opens a file for reading. Never blocks on a pipe and never follows a link that the route does not allow.</summary>
    /// <exception cref="SourceException">With <see cref="SourceException.IsGone"/> when there is no regular file of that name.</exception>
    ISourceFile Open(string path);

    /// <summary>Starts to open files one after the other, which is cheaper for those of one folder. Fails with the first file, not here.</summary>
    IFileOpener StartOpening();

    /// <summary>
    /// Removes files whose bytes are known to be in the store, each only if it is still the version that was uploaded and nobody has it
    /// open for writing. A write at any moment is never lost: it is either seen, and the file stays, or it lands in a file that stays.
    /// </summary>
    /// <param name="requests">The files; those of one folder stand together, which makes it cheaper.</param>
    /// <param name="moveTo">Null to remove; else an absolute folder that receives the files under their relative paths.</param>
    /// <param name="mayGoOn">Asked right before each file goes; false leaves it in its place, as <see cref="RemovalOutcome.Changed"/>. Null: always.</param>
    /// <returns>One result a request, in order. Never throws for a single file.</returns>
    IReadOnlyList<RemovalResult> Remove(IReadOnlyList<RemovalRequest> requests, string? moveTo, Func<bool>? mayGoOn = null);

    /// <summary>Removes the folders on the way to the given files that are empty now and have been for <paramref name="minimumAge"/>; the source itself stays.</summary>
    void PruneEmptyFolders(IReadOnlyList<string> pathsOfRemovedFiles, TimeSpan minimumAge);
}

/// <summary>What the file system under a source can do.</summary>
/// <param name="FileSystem">Its name, for messages ("ext4", "nfs4").</param>
/// <param name="IsNetwork">Other machines may write to it: their writers cannot be seen and its clock is not ours.</param>
/// <param name="CanWatch">It emits change events.</param>
/// <param name="CanSeeWriters">Leases work on it, so that writers of this machine are seen exactly.</param>
public sealed record SourceTraits(string FileSystem, bool IsNetwork, bool CanWatch, bool CanSeeWriters);

/// <summary>A walk under way; not for use by two threads at once.</summary>
public interface IFileWalk : IDisposable
{
    /// <summary>Reads on until <paramref name="maxFiles"/> files are found or the walk has ended. Filters of the route are already applied.</summary>
    /// <exception cref="SourceException">The source itself vanished or cannot be read any more.</exception>
    WalkBatch Next(int maxFiles);
}

/// <summary>A stretch of a walk.</summary>
/// <param name="Files">Files that pass the filters; may be empty before the end (a long stretch of files that do not).</param>
/// <param name="Notices">What the walk met and passed over.</param>
/// <param name="Ended">True with the last batch.</param>
public sealed record WalkBatch(IReadOnlyList<FileSighting> Files, IReadOnlyList<WalkNotice> Notices, bool Ended)
{
    /// <summary>What could not be looked into in this stretch, so that files may be left there; told by every walk anew.</summary>
    public IReadOnlyList<WalkNotice> Unread { get; init; } = [];
}

/// <summary>Something that a walk passes over and an operator may want to know; reported once per path, not at every walk.</summary>
/// <param name="Path">Where, below the source.</param>
/// <param name="Failure">Why, and what helps.</param>
public sealed record WalkNotice(string Path, Failure Failure);

/// <summary>Events of a source, as hints: what they miss the next walk finds.</summary>
public interface ISourceWatch : IDisposable
{
    /// <summary>Takes up to <paramref name="maxFiles"/> files that were finished (closed after writing, or renamed into place) since the last call.</summary>
    WatchBatch Take(int maxFiles);
}

/// <summary>Hints taken from a watch.</summary>
/// <param name="Paths">Files that may be finished; filters of the route are already applied.</param>
/// <param name="WalkNeeded">Events were lost, or a part of the tree cannot be watched: only a walk tells.</param>
/// <param name="Notices">Why watching is not complete, once.</param>
public sealed record WatchBatch(IReadOnlyList<string> Paths, bool WalkNeeded, IReadOnlyList<WalkNotice> Notices);

/// <summary>
/// Opens files of a source one after the other; not for use by two threads at once. The folder of the last file stays open for a second at most, so a folder that is
/// moved within that time is still seen where it was. A file that was opened stays open when this is closed.
/// </summary>
public interface IFileOpener : IDisposable
{
    /// <summary>As <see cref="ISourceFolder.Open"/>.</summary>
    /// <exception cref="SourceException">With <see cref="SourceException.IsGone"/> when there is no regular file of that name.</exception>
    ISourceFile Open(string path);
}

/// <summary>A file open for reading.</summary>
public interface ISourceFile : IDisposable
{
    /// <summary>What the open handle showed when it was opened.</summary>
    Fingerprint OpenedAs { get; }

    /// <summary>Reads up to the buffer's length at the offset; fewer bytes only at the end of the file, 0 past it.</summary>
    /// <exception cref="SourceException">The file cannot be read (a bad disk, a lost mount).</exception>
    int Read(Span<byte> buffer, long offsetBytes);

    /// <summary>Looks at the open handle again: has the file changed since, and does somebody have it open for writing?</summary>
    FileCheck Check();
}

/// <summary>The answer of <see cref="ISourceFile.Check"/>.</summary>
/// <param name="Fingerprint">What the handle shows now.</param>
/// <param name="Writer">Whether somebody else has the file open for writing.</param>
/// <param name="ChangedUnixNs">Its ctime (see <see cref="FileSighting"/>).</param>
public readonly record struct FileCheck(Fingerprint Fingerprint, WriterState Writer, long ChangedUnixNs)
{
    /// <summary>Whether it is still as it was seen. The ctime, where it is given, also tells of a rewrite whose size and mtime are those of before.</summary>
    public bool IsStill(Fingerprint fingerprint, long? changedUnixNs) => Fingerprint == fingerprint && (changedUnixNs is null || ChangedUnixNs == changedUnixNs);
}

/// <summary>A file to remove, and the version that is in the store.</summary>
/// <param name="Path">The file.</param>
/// <param name="Uploaded">The version.</param>
/// <param name="ChangedUnixNs">Its ctime when it was uploaded; null where it proves nothing.</param>
public sealed record RemovalRequest(string Path, Fingerprint Uploaded, long? ChangedUnixNs = null);

/// <summary>What became of a file that was to be removed.</summary>
public enum RemovalOutcome
{
    /// <summary>Removed (or moved).</summary>
    Removed,

    /// <summary>It is another version now, or others are at it: it stays.</summary>
    Changed,

    /// <summary>Somebody has it open for writing: it stays.</summary>
    BeingWritten,

    /// <summary>There is no such file any more.</summary>
    Gone,

    /// <summary>The file system refused; it stays.</summary>
    Failed,
}

/// <summary>What became of one request.</summary>
public sealed record RemovalResult(RemovalRequest Request, RemovalOutcome Outcome, Failure? Failure = null);

/// <summary>The file system refused, or something is not there.</summary>
public sealed class SourceException : Exception
{
    public SourceException(Failure failure, bool isGone, Exception? inner = null)
        : base(failure?.Cause, inner)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Failure = failure;
        IsGone = isGone;
    }

    /// <summary>Cause, cure and what it concerns.</summary>
    public Failure Failure { get; }

    /// <summary>True when there is no regular file of that name; for a single file that is no error but an end.</summary>
    public bool IsGone { get; }
}
