namespace Akka.Pipeline.Storage.Sources;

using System.Diagnostics;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// The hidden folder that takes files out of everybody's reach between the last look at them and their removal. It has one holder at a time:
/// who made it, and holds a flock on it. A holder that was killed leaves the folder without a lock; whoever finds that puts the files back.
/// </summary>
/// <remarks>
/// Where directories cannot be locked (NFS), only who made the folder holds it, and one that has not changed for an hour is taken for left behind.
/// That is safe even when it is wrong: each file leaves the folder by one atomic rename or unlink, and a holder's handle on a folder that was
/// removed meanwhile finds nothing in the next one of that name.
/// </remarks>
internal sealed class HoldingFolder : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimeBetweenTries = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LeftBehindAfter = TimeSpan.FromHours(1);

    private readonly Descriptor parent;
    private readonly Descriptor folder;

    private HoldingFolder(Descriptor parent, Descriptor folder)
    {
        this.parent = parent;
        this.folder = folder;
    }

    /// <summary>The open folder itself.</summary>
    public Descriptor Handle => folder;

    private static ReadOnlySpan<byte> Name => ".pipeline-holding\0"u8;

    /// <summary>Makes and locks the folder, and waits a little for another holder; what a dead one left in it is put back first.</summary>
    /// <param name="parent">The open folder whose files are to be held; the caller keeps it open.</param>
    /// <param name="parentPath">Its path below the source, for notices.</param>
    /// <returns>0 or the error number; EBUSY when another holder does not let go.</returns>
    public static int Make(Descriptor parent, string parentPath, out HoldingFolder? holding)
    {
        holding = null;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var made = Libc.MakeDirectoryAt(parent, Name, 0x1c0) == 0;
            if (!made && Libc.LastError != Errno.Exists)
            {
                return Libc.LastError;
            }

            var error = Beneath.OpenChild(parent, Name, out var folder);
            if (error == 0 && TryOwn(folder!, made))
            {
                holding = new HoldingFolder(parent, folder!);
                if (!made)
                {
                    PutAllBack(parent, folder!, parentPath, []);
                }

                return 0;
            }

            folder?.Dispose();
            if (error != 0 && error != Errno.NoEntry)
            {
                return error;
            }

            if (Stopwatch.GetElapsedTime(started) > LongestWait)
            {
                return Errno.Busy;
            }

            Thread.Sleep(TimeBetweenTries);
        }
    }

    /// <summary>Puts back what a killed process left in the holding folder of <paramref name="parent"/>, if its holder is dead, and removes the folder.</summary>
    public static void Restore(Descriptor parent, string parentPath, List<WalkNotice> notices)
    {
        if (Beneath.OpenChild(parent, Name, out var folder) != 0)
        {
            return;
        }

        using (folder)
        {
            if (TryOwn(folder!, made: false))
            {
                PutAllBack(parent, folder!, parentPath, notices);
                _ = Libc.UnlinkAt(parent, Name, Libc.AtRemoveDirectory);
            }
        }
    }

    /// <summary>Moves a file in; 0 or the error number.</summary>
    public int Take(ReadOnlySpan<byte> name)
    {
        var error = Renaming.IfFree(parent, name, folder, name, out var unsupported);

        // Only this holder puts files here, each name once, so a plain rename replaces nothing either.
        return unsupported ? (Libc.RenameAt(parent, name, folder, name) == 0 ? 0 : Libc.LastError) : error;
    }

    /// <summary>Moves a file back out, under a new name if its own was taken meanwhile; see <see cref="PutBack(Descriptor, Descriptor, string, out string)"/>.</summary>
    public int PutBack(string name, out string placedAs) => PutBack(folder, parent, name, out placedAs);

    /// <summary>Removes a held file for good; 0 or the error number.</summary>
    public int Remove(ReadOnlySpan<byte> name) => Libc.UnlinkAt(folder, name, 0) == 0 ? 0 : Libc.LastError;

    public void Dispose()
    {
        // With a file that could not be put back the folder stays, for the next walk to try again.
        _ = Libc.UnlinkAt(parent, Name, Libc.AtRemoveDirectory);
        folder.Dispose();
    }

    /// <summary>
    /// Moves a file into a folder and never over another one: if the name is taken it becomes "name.recovered-1.ext", or the next free number.
    /// </summary>
    public static int PutBack(Descriptor from, Descriptor to, string name, out string placedAs)
    {
        const int maximumTries = 10_000;
        Span<byte> source = stackalloc byte[NativeName.BufferBytes];
        Span<byte> target = stackalloc byte[NativeName.BufferBytes];
        placedAs = name;
        if (!NativeName.TryWrite(name, source, out var nameBytes))
        {
            return Errno.NameTooLong;
        }

        for (var number = 0; number < maximumTries; number++)
        {
            placedAs = number == 0 ? name : RecoveredName.Of(name, number);
            if (!NativeName.TryWrite(placedAs, target, out var placedBytes))
            {
                return Errno.NameTooLong;
            }

            var error = Renaming.IfFree(from, nameBytes, to, placedBytes, out var unsupported);
            if (unsupported)
            {
                error = Renaming.ByLink(from, nameBytes, to, placedBytes);
            }

            if (error != Errno.Exists)
            {
                return error;
            }
        }

        return Errno.Exists;
    }

    private static bool TryOwn(Descriptor folder, bool made)
    {
        var locked = Libc.Lock(folder, Libc.LockExclusive | Libc.LockNonBlocking) == 0;
        var heldByOther = !locked && Libc.LastError == Errno.Again;

        // Between mkdir and flock a walk may have taken the new folder for one left behind, and removed it: then it has no link any more.
        if (heldByOther || FileStatus.Of(folder, out var status) != 0 || status.LinkCount == 0)
        {
            return false;
        }

        var changedAt = DateTimeOffset.FromUnixTimeMilliseconds(status.ChangedUnixNs / 1_000_000);
        return locked || made || DateTimeOffset.UtcNow - changedAt > LeftBehindAfter;
    }

    private static void PutAllBack(Descriptor parent, Descriptor folder, string parentPath, List<WalkNotice> notices)
    {
        // The names first: a folder that changes while it is read may show an entry twice or not at all.
        var names = new List<string>();
        using (var reader = new EntryReader(folder))
        {
            while (reader.Next())
            {
                names.Add(SourcePath.FromBytes(reader.Name[..^1]));
            }
        }

        foreach (var name in names)
        {
            var error = PutBack(folder, parent, name, out var placedAs);
            var path = parentPath.Length == 0 ? placedAs : $"{parentPath}/{placedAs}";
            notices.Add(new WalkNotice(path, error == 0
                ? new Failure(
                    FailureScope.File,
                    FailureNature.Passing,
                    "Restored",
                    $"'{SourcePath.ForDisplay(path)}' was put back from {SourceSettings.HoldingFolder}, where a process that was ended in the middle of a removal had left it.",
                    "Nothing; it goes its way again.")
                : FileFailure.From($"put back from {SourceSettings.HoldingFolder}", path, error)));
        }
    }
}
