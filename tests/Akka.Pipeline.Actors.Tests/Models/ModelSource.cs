namespace Akka.Pipeline.Actors.Tests.Models;

using System.Collections.Concurrent;
using System.Text;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;

/// <summary>A folder in memory that keeps the promises of <see cref="ISourceFolder"/>.</summary>
internal sealed class ModelSource(Journal journal) : ISourceFolder
{
    private readonly ConcurrentDictionary<string, Inode> files = new(StringComparer.Ordinal);
    private ModelWatch? watch;
    private ulong lastInode;
    private int handedOut;

    public SourceTraits Traits { get; set; } = new("model", IsNetwork: false, CanWatch: true, CanSeeWriters: true);

    /// <summary>Called before the operations of that name with the path (or null); may throw or block.</summary>
    public Action<string, string?>? Before { get; set; }

    /// <summary>Called before a file is read, with path and offset.</summary>
    public Action<string, long>? BeforeRead { get; set; }

    /// <summary>Decides the outcome of a removal in place of the model; null leaves it to the model.</summary>
    public Func<RemovalRequest, RemovalResult?>? Refuse { get; set; }

    /// <summary>Files that walks have handed out so far.</summary>
    public int HandedOut => Volatile.Read(ref handedOut);

    public IReadOnlyCollection<string> Paths => [.. files.Keys.Order(StringComparer.Ordinal)];

    public static SourceException Trouble(string code = "EIO", bool isGone = false, FailureScope scope = FailureScope.Source) =>
        new(new Failure(scope, FailureNature.Passing, code, $"The source failed ({code}).", "Look at the disk."), isGone);

    /// <summary>Puts a finished file into place, as a rename does: another file of that name is replaced.</summary>
    public void Put(string path, string content, WriterState writer = WriterState.None, TimeSpan changedAgo = default) => Put(path, Encoding.UTF8.GetBytes(content), writer, changedAgo);

    public void Put(string path, byte[] content, WriterState writer = WriterState.None, TimeSpan changedAgo = default) =>
        files[path] = new Inode(Interlocked.Increment(ref lastInode), content, NowNs() - (changedAgo.Ticks * TimeSpan.NanosecondsPerTick), writer);

    /// <summary>Changes a file in place.</summary>
    public void Overwrite(string path, string content) => files[path].Change(Encoding.UTF8.GetBytes(content), NowNs());

    /// <summary>Changes a file in place and sets its mtime back.</summary>
    public void OverwriteUnseen(string path, string content) => files[path].Change(Encoding.UTF8.GetBytes(content), NowNs(), setsTimeBack: true);

    public void SetWriter(string path, WriterState writer) => files[path].Writer = writer;

    public void Delete(string path) => Assert.True(files.TryRemove(path, out _));

    public string TextOf(string path) => Encoding.UTF8.GetString(files[path].Content);

    public void Hint(params string[] paths) => watch?.Add(paths);

    public IFileWalk StartWalk()
    {
        Before?.Invoke("walk", null);
        journal.Add("walk");
        return new Walk(this, [.. Paths]);
    }

    public ISourceWatch? StartWatch(Action available)
    {
        Before?.Invoke("watch", null);
        return watch = new ModelWatch(available);
    }

    public IReadOnlyList<FileObservation> Observe(IReadOnlyList<string> paths)
    {
        return [.. paths.Select(path =>
        {
            Before?.Invoke("observe", path);
            return files.TryGetValue(path, out var inode) ? new FileObservation(path, inode.See(path), inode.Writer) : new FileObservation(path, null, WriterState.None);
        })];
    }

    public ISourceFile Open(string path)
    {
        Before?.Invoke("open", path);
        return files.TryGetValue(path, out var inode) ? new OpenFile(this, path, inode) : throw Trouble("ENOENT", isGone: true, FailureScope.File);
    }

    public IFileOpener StartOpening() => new Opener(this);

    public IReadOnlyList<RemovalResult> Remove(IReadOnlyList<RemovalRequest> requests, string? moveTo, Func<bool>? mayGoOn = null)
    {
        Before?.Invoke("remove", null);
        return [.. requests.Select(request => mayGoOn?.Invoke() == false ? new RemovalResult(request, RemovalOutcome.Changed) : Remove(request, moveTo))];
    }

    public void PruneEmptyFolders(IReadOnlyList<string> pathsOfRemovedFiles, TimeSpan minimumAge)
    {
        Before?.Invoke("prune", null);
        journal.Add("pruned");
    }

    public void Dispose()
    {
    }

    private sealed class Opener(ModelSource source) : IFileOpener
    {
        public ISourceFile Open(string path) => source.Open(path);

        public void Dispose()
        {
        }
    }

    private static long NowNs() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private RemovalResult Remove(RemovalRequest request, string? moveTo)
    {
        if (Refuse?.Invoke(request) is { } refused)
        {
            return refused;
        }

        if (!files.TryGetValue(request.Path, out var inode))
        {
            return new RemovalResult(request, RemovalOutcome.Gone);
        }

        if (inode.Writer == WriterState.Open)
        {
            return new RemovalResult(request, RemovalOutcome.BeingWritten);
        }

        if (inode.See(request.Path) is var seen && (seen.Fingerprint != request.Uploaded || (request.ChangedUnixNs ?? seen.ChangedUnixNs) != seen.ChangedUnixNs))
        {
            return new RemovalResult(request, RemovalOutcome.Changed);
        }

        journal.Add(moveTo is null ? $"removed {request.Path}" : $"moved {request.Path} to {moveTo}");
        files.TryRemove(request.Path, out _);
        return new RemovalResult(request, RemovalOutcome.Removed);
    }

    private sealed class Inode(ulong number, byte[] content, long changedNs, WriterState writer)
    {
        private readonly Lock gate = new();
        private byte[] bytes = content;
        private long changed = changedNs;
        private long modified = changedNs;

        public volatile WriterState Writer = writer;

        public byte[] Content
        {
            get
            {
                lock (gate)
                {
                    return bytes;
                }
            }
        }

        public void Change(byte[] to, long nowNs, bool setsTimeBack = false)
        {
            lock (gate)
            {
                bytes = to;
                changed = Math.Max(nowNs, changed + 1);
                modified = setsTimeBack ? modified : changed;
            }
        }

        public FileSighting See(string path)
        {
            lock (gate)
            {
                return new FileSighting(path, new Fingerprint(bytes.Length, modified, 1, number), changed);
            }
        }
    }

    private sealed class OpenFile(ModelSource source, string path, Inode inode) : ISourceFile
    {
        public Fingerprint OpenedAs { get; } = inode.See(path).Fingerprint;

        public int Read(Span<byte> buffer, long offsetBytes)
        {
            source.BeforeRead?.Invoke(path, offsetBytes);
            var content = inode.Content;
            var count = (int)Math.Clamp(content.Length - offsetBytes, 0, buffer.Length);
            content.AsSpan((int)Math.Min(offsetBytes, content.Length), count).CopyTo(buffer);
            return count;
        }

        public FileCheck Check() => new(inode.See(path).Fingerprint, inode.Writer, inode.See(path).ChangedUnixNs);

        public void Dispose()
        {
        }
    }

    private sealed class Walk(ModelSource source, string[] paths) : IFileWalk
    {
        private int next;

        public WalkBatch Next(int maxFiles)
        {
            source.Before?.Invoke("next", null);
            var found = new List<FileSighting>();
            for (; next < paths.Length && found.Count < maxFiles; next++)
            {
                if (source.files.TryGetValue(paths[next], out var inode))
                {
                    found.Add(inode.See(paths[next]));
                }
            }

            Interlocked.Add(ref source.handedOut, found.Count);
            return new WalkBatch(found, [], next == paths.Length);
        }

        public void Dispose()
        {
        }
    }

    private sealed class ModelWatch(Action available) : ISourceWatch
    {
        private readonly ConcurrentQueue<string> hints = new();

        public void Add(IEnumerable<string> paths)
        {
            foreach (var path in paths)
            {
                hints.Enqueue(path);
            }

            available();
        }

        public WatchBatch Take(int maxFiles)
        {
            var taken = new List<string>();
            while (taken.Count < maxFiles && hints.TryDequeue(out var path))
            {
                taken.Add(path);
            }

            return new WatchBatch(taken, false, []);
        }

        public void Dispose()
        {
        }
    }
}
