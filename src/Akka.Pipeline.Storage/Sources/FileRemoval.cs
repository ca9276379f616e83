namespace Akka.Pipeline.Storage.Sources;

using System.Diagnostics;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Posix;

/// <summary>Removes files whose bytes are in the store, and never a byte that is not.</summary>
/// <remarks>
/// In rounds, each in three steps, over all folders of the round:
/// <list type="number">
/// <item>Every file is looked at (same version as uploaded? nobody writing?), opened, and renamed into a <see cref="HoldingFolder"/>. From then on
/// nobody finds it by its name: a writer that comes now makes a new file, which stays.</item>
/// <item>A short wait.</item>
/// <item>Every file is looked at again through the handle: who opened it for writing before the rename still has it open, and the read lease is
/// refused; or has written and closed, and the fingerprint differs. Either way it is put back. Else it is unlinked.</item>
/// </list>
/// While its files and folders are closed the next round begins (<see cref="ClosingRound"/>).
/// What is left: a writer in the middle of open(), past the look-up of the name and before it is counted as a writer. The kernel does nothing in
/// between but check permissions (fs/namei.c do_open, fs/open.c do_dentry_open, Linux 6.12): well under a microsecond, and the wait of step two is
/// thousands of times as long, for a processor that was taken away from the writer right there. It is one wait for a round, not for a file. The
/// writer would also have to begin exactly then, on a file that was quiet since before its upload.
/// A writable mapping counts as an open handle. Another hard link keeps the bytes in any case. Where writers cannot be seen
/// (<see cref="WriterState.Unknown"/>) only the fingerprint speaks.
/// Killed in between, the files are in the holding folder, and the next walk puts them back.
/// </remarks>
internal sealed class FileRemoval : IDisposable
{
    /// <summary>
    /// One handle a file and two a folder are open at once, in this round and in the one before: at most 1,536, and 96 where few are allowed. The rest is for .NET's own needs and the uploads.
    /// </summary>
    private static readonly int FilesPerRound = (int)Math.Clamp((OpenFileLimit.Current - 512) / 6, 16, 256);

    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(5);

    private readonly SourceRoot source;
    private readonly NoticeBook notices;
    private readonly bool followLinks;
    private readonly Descriptor root;
    private readonly MoveTarget? target;
    private readonly IReadOnlyList<RemovalRequest> requests;
    private readonly Func<bool> mayGoOn;
    private readonly RemovalResult[] results;
    private readonly List<HeldFile> held = [];
    private List<Descriptor> finished = [];
    private Dictionary<string, RemovalFolder> folders = new(StringComparer.Ordinal);
    private ClosingRound? closing;

    private FileRemoval(SourceRoot source, NoticeBook notices, bool followLinks, IReadOnlyList<RemovalRequest> requests, string? moveTo, Func<bool> mayGoOn)
    {
        this.mayGoOn = mayGoOn;
        this.source = source;
        this.notices = notices;
        this.followLinks = followLinks;
        this.requests = requests;
        results = new RemovalResult[requests.Count];
        root = source.Open();
        target = moveTo is null ? null : new MoveTarget(moveTo);
    }

    public static IReadOnlyList<RemovalResult> Run(SourceRoot source, NoticeBook notices, bool followLinks, IReadOnlyList<RemovalRequest> requests, string? moveTo, Func<bool>? mayGoOn = null)
    {
        using var removal = new FileRemoval(source, notices, followLinks, requests, moveTo, mayGoOn ?? (() => true));

        // In the order of folders, so that two callers who hold several folders take them in the same order.
        var order = Enumerable.Range(0, requests.Count)
            .OrderBy(i => ParentFolders.ParentOf(requests[i].Path).ToString(), StringComparer.Ordinal)
            .ToArray();
        var inRound = new HashSet<string>(StringComparer.Ordinal);
        foreach (var index in order)
        {
            // A path that stands twice is a question of its own the second time.
            if (removal.held.Count >= FilesPerRound || !inRound.Add(requests[index].Path))
            {
                removal.EndRound();
                inRound.Clear();
                inRound.Add(requests[index].Path);
            }

            removal.Hold(index);
        }

        removal.EndRound();
        return removal.results;
    }

    public void Dispose()
    {
        // Only after an exception is something still held here; it goes back.
        foreach (var file in held)
        {
            _ = file.Folder.Holding!.PutBack(file.Name, out _);
        }

        finished.AddRange(held.Where(file => file.File is not null).Select(file => file.File!));
        held.Clear();
        CloseRound();
        closing?.Wait();
        target?.Dispose();
        root.Dispose();
    }

    private void Hold(int index)
    {
        var request = requests[index];
        var folder = FolderOf(request.Path);
        var name = ParentFolders.NameOf(request.Path).ToString();
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        if (Errno.MeansGone(folder.Error) || !NativeName.TryWrite(name, buffer, out var nameBytes))
        {
            Set(index, RemovalOutcome.Gone);
            return;
        }

        if (folder.Error != 0)
        {
            Fail(index, "read the folder of", folder.Error);
            return;
        }

        Descriptor? file = null;
        try
        {
            if (!IsStillUploaded(index, folder.Handle!, nameBytes, out var isLink, out file) || !CanHold(index, folder))
            {
                return;
            }

            FaultPoint.Reached("looked");
            var error = folder.Holding!.Take(name, file);
            if (error == 0)
            {
                FileStatus renamed = default;
                _ = file is null ? 0 : FileStatus.Of(file, out renamed);
                held.Add(new HeldFile(index, folder, name, isLink, file, renamed.ChangedUnixNs));
                file = null;
            }
            else if (Errno.MeansGone(error))
            {
                Set(index, RemovalOutcome.Gone);
            }
            else
            {
                Fail(index, "remove", error);
            }
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>The first look; the outcome is set when it is false.</summary>
    private bool IsStillUploaded(int index, Descriptor folder, ReadOnlySpan<byte> name, out bool isLink, out Descriptor? file)
    {
        file = null;
        isLink = false;
        var request = requests[index];
        var error = FileStatus.Of(folder, name, follow: false, out var status);
        if (error == 0 && status.Kind == EntryKind.Link && followLinks)
        {
            isLink = true;
            error = FileStatus.Of(folder, name, follow: true, out status);
        }

        if (Errno.MeansGone(error) || (error == 0 && status.Kind != EntryKind.File))
        {
            Set(index, RemovalOutcome.Gone);
            return false;
        }

        if (error == 0 && Differs(status, request.Uploaded, isLink ? null : request.ChangedUnixNs))
        {
            Set(index, RemovalOutcome.Changed);
            return false;
        }

        if (error == 0 && isLink)
        {
            return true;
        }

        if (error == 0)
        {
            error = Beneath.OpenFile(root, folder, name, followLinks: false, out file);
        }

        if (error == 0)
        {
            error = FileStatus.Of(file!, out status);
        }

        switch (error)
        {
            case 0 when Differs(status, request.Uploaded, request.ChangedUnixNs):
                Set(index, RemovalOutcome.Changed);
                return false;
            case 0 when source.AskForWriters(file!, status) == WriterState.Open:
            case Errno.Again:
                Set(index, RemovalOutcome.BeingWritten);
                return false;
            case 0:
                return true;
            case Errno.NoDevice or Errno.NoEntry or Errno.LinkLoop or Errno.NotDirectory:
                Set(index, RemovalOutcome.Changed);
                return false;
            default:
                Fail(index, "open", error);
                return false;
        }
    }

    private bool CanHold(int index, RemovalFolder folder)
    {
        folder.MakeHolding(notices);
        if (folder.HoldError == 0)
        {
            return true;
        }

        var place = folder.Path.Length == 0 ? SourceSettings.HoldingFolder : $"{folder.Path}/{SourceSettings.HoldingFolder}";
        Set(index, RemovalOutcome.Failed, folder.HoldError switch
        {
            Errno.Busy => new Failure(FailureScope.File, FailureNature.Passing, "HeldByAnother", $"Another process removes files of this folder and holds '{SourcePath.ForDisplay(place)}'.", "Nothing; it is tried again. Two routes on one source should not both remove."),
            Errno.NotDirectory or Errno.LinkLoop => new Failure(FailureScope.File, FailureNature.Lasting, "HoldingFolderTaken", $"'{SourcePath.ForDisplay(place)}' is no folder, and files are removed by way of a folder of that name.", "Remove or rename it."),
            var error => FileFailure.From("remove", requests[index].Path, error),
        });
        return false;
    }

    private void EndRound()
    {
        if (held.Count > 0)
        {
            FaultPoint.Reached("held");
            var lastRename = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(lastRename) < SettleTime)
            {
                Thread.Sleep(SettleTime);
            }

            // From the end, so that what an exception leaves in the list is exactly what is still held.
            while (held.Count > 0)
            {
                var file = held[^1];
                Finish(file);
                held.RemoveAt(held.Count - 1);
                if (file.File is { } handle)
                {
                    finished.Add(handle);
                }
            }
        }

        CloseRound();
    }

    private void Finish(HeldFile file)
    {
        var request = requests[file.Index];
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        var holding = file.Folder.Holding!;
        _ = holding.TryNameOf(file.Name, buffer, out var name);
        var error = FileStatus.Of(holding.Handle, name, follow: false, out var byName);
        if (error != 0)
        {
            PutBack(file, Errno.MeansGone(error) ? RemovalOutcome.Changed : RemovalOutcome.Failed);
            return;
        }

        if (file.IsLink)
        {
            // The link goes, its target has a path of its own. A file that took the link's name in between stays.
            Conclude(file, byName.Kind == EntryKind.Link ? RemovalOutcome.Removed : RemovalOutcome.Changed, name, byName);
            return;
        }

        error = FileStatus.Of(file.File!, out var byHandle);
        var outcome = error != 0 || Differs(byName, request.Uploaded, null) || Differs(byHandle, request.Uploaded, request.ChangedUnixNs is null ? null : file.ChangedUnixNs)
            ? RemovalOutcome.Changed
            : source.AskForWriters(file.File!, byHandle) == WriterState.Open ? RemovalOutcome.BeingWritten : RemovalOutcome.Removed;
        FaultPoint.Disable("second-look", ref outcome);
        Conclude(file, outcome, name, byHandle);
    }

    // A file with other hard links has its ctime set by whatever is done to those, our own removals among them.
    private static bool Differs(in FileStatus status, Fingerprint uploaded, long? changedUnixNs)
    {
        var differs = status.Fingerprint != uploaded || (changedUnixNs is { } changed && status.LinkCount == 1 && status.ChangedUnixNs != changed);
        FaultPoint.Disable("recheck-before-unlink", ref differs);
        return differs;
    }

    private void Conclude(HeldFile file, RemovalOutcome outcome, ReadOnlySpan<byte> name, in FileStatus status)
    {
        if (outcome != RemovalOutcome.Removed || !mayGoOn())
        {
            PutBack(file, outcome == RemovalOutcome.Removed ? RemovalOutcome.Changed : outcome);
            return;
        }

        var holding = file.Folder.Holding!;
        var request = requests[file.Index];
        if (target is null || file.IsLink)
        {
            FaultPoint.Reached("unlinking");
            var error = holding.Remove(name);
            if (error == 0)
            {
                FaultPoint.Reached("unlinked");
                Set(file.Index, RemovalOutcome.Removed);
            }
            else
            {
                PutBack(file, RemovalOutcome.Failed, FileFailure.From("remove", request.Path, error));
            }

            return;
        }

        var failure = target.Place(holding, name, file.File!, status, request.Path, IsUntouched, out var changed);
        if (failure is null && !changed)
        {
            Set(file.Index, RemovalOutcome.Removed);
        }
        else
        {
            PutBack(file, changed ? RemovalOutcome.Changed : RemovalOutcome.Failed, failure);
        }

        bool IsUntouched() =>
            FileStatus.Of(file.File!, out var now) == 0 && now.Fingerprint == request.Uploaded && source.AskForWriters(file.File!, now) != WriterState.Open && mayGoOn();
    }

    private void PutBack(HeldFile file, RemovalOutcome outcome, Failure? failure = null)
    {
        var error = file.Folder.Holding!.PutBack(file.Name, out var placedAs);
        var path = requests[file.Index].Path;
        if (Errno.MeansGone(error))
        {
            // Only another process can have taken it out of the holding folder, and it put it back, or removed it itself.
            Set(file.Index, outcome, failure);
        }
        else if (error != 0)
        {
            Set(file.Index, RemovalOutcome.Failed, FileFailure.From($"put back from {SourceSettings.HoldingFolder} (the next walk tries it again)", path, error));
        }
        else if (placedAs != file.Name && failure is null)
        {
            Set(file.Index, outcome, new Failure(
                FailureScope.File,
                FailureNature.Passing,
                "NameTaken",
                $"'{SourcePath.ForDisplay(path)}' was changed and then replaced while it was to be removed: both versions stay, the earlier one as '{SourcePath.ForDisplay(placedAs)}'.",
                "Nothing; both go their way."));
        }
        else
        {
            Set(file.Index, outcome, failure);
        }
    }

    private RemovalFolder FolderOf(string path)
    {
        var parent = ParentFolders.ParentOf(path).ToString();
        if (!folders.TryGetValue(parent, out var folder))
        {
            folder = closing?.TakeOver(parent);
            if (folder is null)
            {
                var error = Beneath.OpenFolder(root, parent, followLinks, out var handle);
                folder = new RemovalFolder(parent, handle, error);
            }

            folders.Add(parent, folder);
        }

        return folder;
    }

    // While this round closes the next one begins; the one before has to have closed.
    private void CloseRound()
    {
        closing?.Wait();
        if (finished.Count + folders.Count > 0)
        {
            closing = new ClosingRound(finished, folders);
            (finished, folders) = ([], new Dictionary<string, RemovalFolder>(StringComparer.Ordinal));
        }
    }

    private void Fail(int index, string action, int error) => Set(index, RemovalOutcome.Failed, FileFailure.From(action, requests[index].Path, error));

    private void Set(int index, RemovalOutcome outcome, Failure? failure = null) => results[index] = new RemovalResult(requests[index], outcome, failure);
}
