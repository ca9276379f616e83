namespace Akka.Pipeline.Storage.Sources;

using System.Runtime.InteropServices;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// Watches a source by inotify: one instance, one thread that sleeps in the kernel. Folders are added by the walk before it reads them, and by this
/// class when they are made or moved here; those are then listed once, as what happened in them before the watch gave no event.
/// </summary>
internal sealed class FolderWatch : ISourceWatch
{
    private const int MaximumDepth = 64;

    private const uint Events = Libc.NotifyCreate | Libc.NotifyCloseWrite | Libc.NotifyMovedTo | Libc.NotifyDeleteSelf | Libc.NotifyMoveSelf
        | Libc.NotifyOnlyDirectory | Libc.NotifyExcludeUnlinked;

    private readonly SourceSettings settings;
    private readonly PathGlobs globs;
    private readonly SourceRoot source;
    private readonly TimeProvider time;
    private readonly WatchHints hints;
    private readonly Action<FolderWatch> onDispose;
    private readonly Descriptor? notifier;
    private readonly Descriptor? stop;
    private readonly Thread? thread;

    private readonly Lock gate = new();
    private readonly Dictionary<int, WatchedFolder> folders = [];
    private bool disposed;

    public FolderWatch(SourceSettings settings, PathGlobs globs, SourceRoot source, TimeProvider time, Action available, Action<FolderWatch> onDispose)
    {
        this.settings = settings;
        this.globs = globs;
        this.source = source;
        this.time = time;
        hints = new WatchHints(available);
        this.onDispose = onDispose;
        var number = Libc.NotifyStart(Libc.OpenNonBlocking | Libc.OpenCloseOnExec);
        if (number < 0)
        {
            // The caller gets its watch first and the news afterwards.
            var error = Libc.LastError;
            ThreadPool.UnsafeQueueUserWorkItem(_ => hints.ReportLimit(source.Path, error, "max_user_instances"), null);
            return;
        }

        notifier = new Descriptor(number);
        stop = new Descriptor(Libc.EventCounter(0, Libc.OpenNonBlocking | Libc.OpenCloseOnExec));
        thread = new Thread(Run) { IsBackground = true, Name = "source watch" };
        thread.Start();
    }

    public WatchBatch Take(int maxFiles)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxFiles);
        var batch = hints.Take(maxFiles);
        var filter = new StatusFilter(settings, time.GetUtcNow());
        if (batch.Paths.Count == 0 || filter.TakesAll)
        {
            return batch;
        }

        try
        {
            using var root = source.Open();
            using var parents = new ParentFolders(root, settings.FollowLinks);
            return batch with { Paths = [.. batch.Paths.Where(path => parents.Look(path, out var status) == 0 && filter.Takes(status))] };
        }
        catch (SourceException)
        {
            return batch with { Paths = [], WalkNeeded = true };
        }
    }

    /// <summary>Puts an open folder under watch; null when the kernel has no watch left for it.</summary>
    public WatchedFolder? Enter(WatchedFolder? parent, string name, Descriptor folder, in FileStatus status)
    {
        if (notifier is null)
        {
            return null;
        }

        int error;
        Span<byte> buffer = stackalloc byte[32];
        lock (gate)
        {
            if (disposed)
            {
                return null;
            }

            var watch = Libc.NotifyAdd(notifier, Beneath.ProcPath(folder, buffer), Events);
            if (watch >= 0)
            {
                // The kernel knows a folder by its inode: one that was renamed has the watch that it had.
                if (folders.TryGetValue(watch, out var known) && known.Is(status))
                {
                    known.Parent = parent;
                    known.Name = name;
                    return known;
                }

                return folders[watch] = new WatchedFolder(watch, parent, name, status.Device, status.Inode);
            }

            error = Libc.LastError;
        }

        if (error is Errno.NoSpace or Errno.NoMemory)
        {
            hints.ReportLimit(source.Path, error, "max_user_watches");
        }

        return null;
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        onDispose(this);
        if (thread is not null)
        {
            Span<byte> one = stackalloc byte[sizeof(ulong)];
            MemoryMarshal.Write(one, 1UL);
            _ = Libc.Write(stop!, one, one.Length);
            if (Environment.CurrentManagedThreadId != thread.ManagedThreadId)
            {
                thread.Join();
            }
        }
    }

    private void Run()
    {
        var buffer = new byte[64 * 1024];
        Span<Libc.PollEntry> entries =
        [
            new Libc.PollEntry { Descriptor = notifier!.Number, Events = Libc.PollIn },
            new Libc.PollEntry { Descriptor = stop!.Number, Events = Libc.PollIn },
        ];
        using (notifier)
        using (stop)
        {
            while (true)
            {
                var ready = Libc.Poll(entries, 2, -1);
                if (entries[1].Returned != 0 || (ready < 0 && Libc.LastError != Errno.Interrupted))
                {
                    lock (gate)
                    {
                        disposed = true;
                        return;
                    }
                }

                var read = ready > 0 ? (int)Libc.Read(notifier, buffer, buffer.Length) : 0;
                if (read > 0)
                {
                    Handle(buffer.AsSpan(0, read));
                }
            }
        }
    }

    /// <summary>struct inotify_event (include/uapi/linux/inotify.h): watch, mask, cookie, length of the name, the name padded with zeros.</summary>
    private void Handle(ReadOnlySpan<byte> events)
    {
        while (events.Length >= 16)
        {
            var watch = MemoryMarshal.Read<int>(events);
            var mask = MemoryMarshal.Read<uint>(events[4..]);
            var length = (int)MemoryMarshal.Read<uint>(events[12..]);
            var name = events.Slice(16, length);
            var end = name.IndexOf((byte)0);
            try
            {
                Handle(watch, mask, end < 0 ? name : name[..end]);
            }
            catch (Exception)
            {
                // The source vanished, or what was told of the event failed: hints may be lost, and an exception would end the process here.
                hints.NeedWalk();
            }

            events = events[(16 + length)..];
        }
    }

    private void Handle(int watch, uint mask, ReadOnlySpan<byte> nameBytes)
    {
        if ((mask & (Libc.NotifyOverflow | Libc.NotifyUnmount)) != 0)
        {
            hints.NeedWalk();
            return;
        }

        WatchedFolder? folder;
        lock (gate)
        {
            if (!folders.TryGetValue(watch, out folder))
            {
                return;
            }

            if ((mask & Libc.NotifyIgnored) != 0)
            {
                folders.Remove(watch);
                return;
            }
        }

        if ((mask & Libc.NotifyMoveSelf) != 0)
        {
            ForgetIfMovedAway(folder);
        }
        else if ((mask & Libc.NotifyDeleteSelf) != 0)
        {
            if (folder.Parent is null)
            {
                hints.NeedWalk();
            }
        }
        else if (PathOf(folder, nameBytes) is not { } path)
        {
            hints.NeedWalk();
        }
        else if ((mask & Libc.NotifyIsDirectory) == 0)
        {
            if ((mask & (Libc.NotifyCloseWrite | Libc.NotifyMovedTo)) != 0)
            {
                Hint(path);
            }
        }
        else if (!nameBytes.SequenceEqual(".pipeline-holding"u8))
        {
            using var root = source.Open();
            EnterNew(root, folder, path, depth: 0);
        }
    }

    private static string? PathOf(WatchedFolder folder, ReadOnlySpan<byte> name)
    {
        var text = SourcePath.FromBytes(name);
        return folder.Path switch
        {
            null => null,
            "" => text,
            var parent => $"{parent}/{text}",
        };
    }

    /// <summary>Watches a folder that appeared, then lists it: its files may have been finished before the watch was there.</summary>
    /// <remarks>Where the kernel has no watch left for it, it is listed all the same, and from then on found by walks.</remarks>
    private void EnterNew(Descriptor root, WatchedFolder? parent, string path, int depth)
    {
        if (!globs.CanMatchBelow(path))
        {
            return;
        }

        var error = Beneath.OpenFolder(root, path, followLinks: false, out var folder);
        using (folder)
        {
            FileStatus status = default;
            if (error == 0)
            {
                error = FileStatus.Of(folder!, out status);
            }

            if (error != 0)
            {
                if (!Errno.MeansGone(error))
                {
                    hints.NeedWalk();
                }

                return;
            }

            var watched = parent is null ? null : Enter(parent, ParentFolders.NameOf(path).ToString(), folder!, status);
            if (depth == MaximumDepth)
            {
                hints.NeedWalk();
                return;
            }

            using var reader = new EntryReader(folder!);
            while (reader.Next())
            {
                var child = $"{path}/{SourcePath.FromBytes(reader.Name[..^1])}";
                if (reader.Kind is EntryKind.Directory && !child.EndsWith("/" + SourceSettings.HoldingFolder, StringComparison.Ordinal))
                {
                    EnterNew(root, watched, child, depth + 1);
                }
                else if (reader.Kind is EntryKind.File && !Hint(child))
                {
                    return;
                }
                else if (reader.Kind is EntryKind.Unknown)
                {
                    hints.NeedWalk();
                }
            }
        }
    }

    /// <summary>A folder that was renamed inside the source has been given its new path already, by the event of its new parent; else it left the source.</summary>
    private void ForgetIfMovedAway(WatchedFolder folder)
    {
        if (folder.Parent is null)
        {
            hints.NeedWalk();
            return;
        }

        using var root = source.Open();
        if (folder.Path is { } path && Beneath.OpenFolder(root, path, followLinks: false, out var handle) == 0)
        {
            using (handle)
            {
                if (FileStatus.Of(handle!, out var status) == 0 && folder.Is(status))
                {
                    return;
                }
            }
        }

        lock (gate)
        {
            foreach (var below in folders.Values.Where(f => IsBelow(f, folder)).ToList())
            {
                folders.Remove(below.Watch);
                _ = Libc.NotifyRemove(notifier!, below.Watch);
            }
        }
    }

    private static bool IsBelow(WatchedFolder? folder, WatchedFolder ancestor)
    {
        for (var depth = 0; folder is not null && depth < 4096; folder = folder.Parent, depth++)
        {
            if (ReferenceEquals(folder, ancestor))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes a file; false when there is no room for more.</summary>
    private bool Hint(string path) =>
        !globs.Matches(path) || ParentFolders.NameOf(path).StartsWith(HoldingFolder.BesidePrefix) || hints.TryAdd(path);
}
