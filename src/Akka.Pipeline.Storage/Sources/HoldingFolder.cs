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
/// <para>
/// On a full disk no folder can be made, and just there removing must work. Then files are held beside their place, under the name
/// ".pipeline-holding~name", and the lock is on the file itself.
/// </para>
/// </remarks>
internal sealed class HoldingFolder : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimeBetweenTries = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LeftBehindAfter = TimeSpan.FromHours(1);

    private readonly Descriptor parent;
    private readonly Descriptor folder;
    private readonly bool beside;

    private HoldingFolder(Descriptor parent, Descriptor folder)
    {
        this.parent = parent;
        this.folder = folder;
        beside = ReferenceEquals(parent, folder);
    }

    /// <summary>What names held beside their place begin with.</summary>
    public const string BesidePrefix = SourceSettings.HoldingFolder + "~";

    /// <summary>The open folder in which the held files are.</summary>
    public Descriptor Handle => folder;

    private static ReadOnlySpan<byte> Name => ".pipeline-holding\0"u8;

    /// <summary>Makes and locks the folder, and waits a little for another holder; what a dead one left in it is put back first.</summary>
    /// <param name="parent">The open folder whose files are to be held; the caller keeps it open.</param>
    /// <param name="parentPath">Its path below the source, for notices.</param>
    /// <param name="notices">Receives what was put back.</param>
    /// <returns>0 or the error number; EBUSY when another holder does not let go.</returns>
    public static int Make(Descriptor parent, string parentPath, List<WalkNotice> notices, out HoldingFolder? holding)
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
                error = made ? 0 : PutAllBack(parent, folder!, parentPath, notices);
                if (error != 0)
                {
                    holding.Dispose();
                    holding = null;
                }

                return error;
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

    /// <summary>Holds files beside their place, for when no folder can be made.</summary>
    public static HoldingFolder Beside(Descriptor parent) => new(parent, parent);

    /// <summary>Puts a file back that a killed process left held beside its place.</summary>
    public static void RestoreBeside(Descriptor root, Descriptor parent, string parentPath, string heldName, List<WalkNotice> notices)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        if (!NativeName.TryWrite(heldName, buffer, out var name) || Beneath.OpenFile(root, parent, name, followLinks: false, out var file) != 0)
        {
            return;
        }

        using (file)
        {
            // Locked first, then looked at: who held it may have put it back or removed it in between.
            if (Libc.Lock(file!, Libc.LockExclusive | Libc.LockNonBlocking) == 0
                && FileStatus.Of(file!, out var byHandle) == 0
                && FileStatus.Of(parent, name, follow: false, out var byName) == 0
                && byHandle.IsSameFile(byName))
            {
                PutBack(parent, name, parent, heldName[BesidePrefix.Length..], parentPath, notices);
            }
        }
    }

    /// <summary>The name that a file has while it is held; false when that would be too long.</summary>
    public bool TryNameOf(string name, Span<byte> buffer, out ReadOnlySpan<byte> heldName) =>
        NativeName.TryWrite(beside ? BesidePrefix + name : name, buffer, out heldName);

    /// <summary>Moves a file in; 0 or the error number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="file">Its open handle; null for a link, which cannot be held beside its place.</param>
    public int Take(string name, Descriptor? file)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        Span<byte> heldBuffer = stackalloc byte[NativeName.BufferBytes];
        if (!NativeName.TryWrite(name, buffer, out var nameBytes) || !TryNameOf(name, heldBuffer, out var heldBytes))
        {
            return Errno.NameTooLong;
        }

        if (beside)
        {
            if (file is null || Libc.Lock(file, Libc.LockExclusive | Libc.LockNonBlocking) != 0)
            {
                return Errno.Busy;
            }

            return Renaming.IfFree(parent, nameBytes, parent, heldBytes, out _);
        }

        var error = Renaming.IfFree(parent, nameBytes, folder, heldBytes, out var unsupported);

        // The folder was empty when it became ours, and only we put files here, each name once: a plain rename replaces nothing either.
        return unsupported ? (Libc.RenameAt(parent, nameBytes, folder, heldBytes) == 0 ? 0 : Libc.LastError) : error;
    }

    /// <summary>Moves a file back out, under a new name if its own was taken meanwhile.</summary>
    public int PutBack(string name, out string placedAs)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        placedAs = name;
        return TryNameOf(name, buffer, out var heldName) ? PutBack(folder, heldName, parent, name, out placedAs) : Errno.NameTooLong;
    }

    /// <summary>Removes a held file for good; 0 or the error number.</summary>
    /// <param name="heldName">From <see cref="TryNameOf"/>.</param>
    public int Remove(ReadOnlySpan<byte> heldName) => Libc.UnlinkAt(folder, heldName, 0) == 0 ? 0 : Libc.LastError;

    public void Dispose()
    {
        if (!beside)
        {
            // With a file that could not be put back the folder stays, for the next walk to try again.
            _ = Libc.UnlinkAt(parent, Name, Libc.AtRemoveDirectory);
            folder.Dispose();
        }
    }

    /// <summary>
    /// Moves a file into a folder and never over another one: if the name is taken it becomes "name.recovered-N.ext". N is when it was last written, in
    /// nanoseconds since 1970, so that in the store none ever takes the place of one that came back earlier.
    /// </summary>
    private static int PutBack(Descriptor from, ReadOnlySpan<byte> heldName, Descriptor to, string name, out string placedAs)
    {
        const int maximumTries = 10_000;
        Span<byte> target = stackalloc byte[NativeName.BufferBytes];
        placedAs = name;
        var error = FileStatus.Of(from, heldName, follow: false, out var status);
        if (error != 0)
        {
            return error;
        }

        for (var tried = 0; tried < maximumTries; tried++)
        {
            placedAs = tried == 0 ? name : RecoveredName.Of(name, Math.Max(status.ModifiedUnixNs, 0) + tried - 1);
            if (!NativeName.TryWrite(placedAs, target, out var placedBytes))
            {
                return Errno.NameTooLong;
            }

            error = Renaming.IfFree(from, heldName, to, placedBytes, out var unsupported);
            if (unsupported)
            {
                error = Renaming.ByLink(from, heldName, to, placedBytes);
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

    private static int PutAllBack(Descriptor parent, Descriptor folder, string parentPath, List<WalkNotice> notices)
    {
        // The names first: a folder that changes while it is read may show an entry twice or not at all.
        var names = new List<byte[]>();
        using (var reader = new EntryReader(folder))
        {
            while (reader.Next())
            {
                names.Add(reader.Name.ToArray());
            }

            if (reader.Error != 0)
            {
                return reader.Error;
            }
        }

        var failed = 0;
        foreach (var name in names)
        {
            var error = PutBack(folder, name, parent, SourcePath.FromBytes(name.AsSpan(..^1)), parentPath, notices);
            failed = error == 0 ? failed : error;
        }

        return failed;
    }

    private static int PutBack(Descriptor from, ReadOnlySpan<byte> heldName, Descriptor to, string name, string parentPath, List<WalkNotice> notices)
    {
        var error = PutBack(from, heldName, to, name, out var placedAs);
        var path = parentPath.Length == 0 ? placedAs : $"{parentPath}/{placedAs}";
        notices.Add(new WalkNotice(path, error == 0
            ? new Failure(
                FailureScope.File,
                FailureNature.Passing,
                "Restored",
                $"'{SourcePath.ForDisplay(path)}' was put back from {SourceSettings.HoldingFolder}, where a process that was ended in the middle of a removal had left it.",
                "Nothing; it goes its way again.")
            : FileFailure.From($"put back from {SourceSettings.HoldingFolder}", path, error)));
        return error;
    }
}
