namespace Akka.Pipeline.Storage.Folders;

using System.Buffers;
using System.Runtime.CompilerServices;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Posix;
using Akka.Pipeline.Storage.Sources;

/// <summary>
/// A folder as a store (target <c>file:///folder</c>). An object is written under a temporary name beside its place, compared with the digests of the
/// body while it is written, made durable (fsync of the file, and of the folder after the rename), and only then gets its name. So a name always
/// stands for a whole object, whenever the power fails.
/// </summary>
/// <remarks>
/// The ETag of an object is the SHA-256 of its content as 64 hex digits: computed by reading it, so that it vouches for what is there now. Attributes
/// (content type, tags) have no place in a folder and are not kept. Keys "a" and "a/b" cannot both exist. A condition on an ETag is checked right before
/// the rename; among the writers of this process that is exact, and another program that writes to the folder at that moment may be overtaken.
/// </remarks>
public sealed class FolderStore : IObjectStore
{
    private const int BufferBytes = 256 * 1024;
    private const uint AnyMode = 0x1b6;

    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(1);

    private readonly string folder;
    private readonly ulong device;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim[] overwriting = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <param name="folder">Absolute path; made if it is missing.</param>
    /// <param name="time">For the age of unfinished files that a killed process left; those older than a day are removed in the background.</param>
    /// <exception cref="StoreException">It cannot be made or opened.</exception>
    public FolderStore(string folder, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(time);
        this.folder = folder.Length > 1 ? folder.TrimEnd('/') : folder;
        Traits = new StoreTraits(this.folder, DigestKinds.Sha256, FullObjectChecksum: false, Multipart: null, ConditionalWrites: true, ConditionalComplete: false);
        try
        {
            Directory.CreateDirectory(this.folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                new Failure(FailureScope.Store, FailureNature.Lasting, "TargetUnusable", $"The target folder '{SourcePath.ForDisplay(this.folder)}' cannot be made: {e.Message}", "Make it by hand and let this user write to it, or correct the route's target."),
                e);
        }

        using var root = OpenRoot(out var status);
        device = status.Device;
        Cleaning = Task.Run(() => RemoveStalePartials(time));
    }

    public StoreTraits Traits { get; }

    /// <summary>Ends when what killed processes left is removed.</summary>
    internal Task Cleaning { get; }

    /// <summary>Reads the whole object to compute its digest.</summary>
    public Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation)
    {
        var key = FolderKey.Of(address);
        return Task.Run(
            () =>
            {
                using var root = OpenChecked();
                return Read(root, key, cancellation);
            },
            cancellation);
    }

    public async Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var key = FolderKey.Of(request.Address);
        return await Task.Run(() => WriteAsync(key, request, cancellation), cancellation);
    }

    /// <summary>Not offered: an object of any size goes in one request.</summary>
    public Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation) => throw NoMultipart();

    /// <summary>Not offered.</summary>
    public Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation) => throw NoMultipart();

    /// <summary>No upload is ever known.</summary>
    public Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<PartFacts>?>(null);

    /// <summary>Not offered.</summary>
    public Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation) => throw NoMultipart();

    /// <summary>Nothing to end.</summary>
    public Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>There are none.</summary>
    public async IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Cleaning;
        stopping.Dispose();
        foreach (var turn in overwriting)
        {
            turn.Dispose();
        }
    }

    private static NotSupportedException NoMultipart() => new("A folder takes an object of any size in one request; its traits offer no multipart uploads.");

    private async Task<WriteResult> WriteAsync(FolderKey key, PutRequest request, CancellationToken cancellation)
    {
        using var root = OpenChecked();
        var error = Beneath.MakeFolders(root, key.Parent, out var parent);
        using var opened = parent;
        Check(error, key, "make the folder of");
        if (request.Condition is { ExpectedETag: null } && Exists(parent!, key))
        {
            return WriteResult.ConditionFailed;
        }

        Check(PartialFile.Create(parent!, AnyMode, out var created), key);
        using var partial = created!;
        var facts = await FillAsync(partial, key, request.Body, cancellation);
        Check(partial.Sync(), key);

        // From the last look at what is there to its replacement, one writer of a key at a time.
        var turn = overwriting[(uint)key.Path.GetHashCode(StringComparison.Ordinal) % overwriting.Length];
        await turn.WaitAsync(cancellation);
        try
        {
            return Place(root, partial, key, request.Condition, cancellation) ? WriteResult.Stored(facts) : WriteResult.ConditionFailed;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Gives a finished file its name; false when the condition is not met.</summary>
    private bool Place(Descriptor root, PartialFile partial, FolderKey key, WriteCondition? condition, CancellationToken cancellation)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        _ = NativeName.TryWrite(key.Name, buffer, out var name);
        if (condition is { ExpectedETag: null })
        {
            var error = partial.PlaceIfFree(name);
            Check(error == Errno.Exists ? 0 : error, key);
            return error == 0;
        }

        if (condition is { ExpectedETag: { } expected } && Read(root, key, cancellation)?.ETag != expected)
        {
            return false;
        }

        Check(partial.PlaceOver(name), key);
        return true;
    }

    /// <summary>Writes the body and holds it against its length and digests.</summary>
    private async Task<ObjectFacts> FillAsync(PartialFile partial, FolderKey key, IUploadBody body, CancellationToken cancellation)
    {
        using var hasher = new ContentHasher(DigestKinds.Sha256 | body.Digests.Kinds);
        if (!body.Memory.IsEmpty)
        {
            hasher.Append(body.Memory.Span);
            Check(partial.Write(body.Memory.Span), key);
        }
        else
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                await using var stream = body.OpenRead();
                while (await stream.ReadAsync(buffer, cancellation) is > 0 and var read)
                {
                    hasher.Append(buffer.AsSpan(0, read));
                    Check(partial.Write(buffer.AsSpan(0, read)), key);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        var length = hasher.LengthBytes;
        var digests = hasher.Finish();
        if (length != body.LengthBytes || digests.Agrees(body.Digests) == false)
        {
            throw new StoreException(new Failure(
                FailureScope.File,
                FailureNature.Passing,
                "BadDigest",
                $"What was read for '{Shown(key)}' is not what its digests were computed of ({length} bytes instead of {body.LengthBytes}, or other content): the file changed meanwhile.",
                "Nothing; it is read again. If it stays so, check the disk and the memory of this machine."));
        }

        return new ObjectFacts(length, digests.Sha256!, digests, VersionId: null);
    }

    private ObjectFacts? Read(Descriptor root, FolderKey key, CancellationToken cancellation)
    {
        var error = Beneath.OpenFolder(root, key.Parent, followLinks: false, out var parent);
        using var opened = parent;
        if (error == Errno.NoEntry)
        {
            return null;
        }

        Check(error, key, "read");
        if (!Exists(parent!, key))
        {
            return null;
        }

        Span<byte> nameBuffer = stackalloc byte[NativeName.BufferBytes];
        _ = NativeName.TryWrite(key.Name, nameBuffer, out var name);
        error = Beneath.OpenFile(root, parent!, name, followLinks: false, out var file);
        using var openFile = file;
        if (error == Errno.NoEntry)
        {
            return null;
        }

        Check(error, key, "read");
        if (SpelledName.OtherThan(root, key.Path) is { } other)
        {
            throw new StoreException(new Failure(
                FailureScope.File,
                FailureNature.Lasting,
                "NameTaken",
                $"'{Shown(key)}' cannot be stored: the file system of the target takes it for '{SourcePath.ForDisplay(other)}', which is there already and has a key of its own.",
                "Rename one of the two files, change the route's key template, or take a target on a file system that tells such names apart."));
        }

        using var hasher = new ContentHasher(DigestKinds.Sha256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (nint read; (read = Libc.Read(file!, buffer, buffer.Length, hasher.LengthBytes)) != 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                if (read > 0)
                {
                    hasher.Append(buffer.AsSpan(0, (int)read));
                }
                else
                {
                    Check(Libc.LastError == Errno.Interrupted ? 0 : Libc.LastError, key, "read");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var length = hasher.LengthBytes;
        var digests = hasher.Finish();
        return new ObjectFacts(length, digests.Sha256!, digests, VersionId: null);
    }

    /// <summary>False when nothing has the name; what is no regular file is a failure that says so.</summary>
    private bool Exists(Descriptor parent, FolderKey key)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        _ = NativeName.TryWrite(key.Name, buffer, out var name);
        var error = FileStatus.Of(parent, name, follow: false, out var status);
        if (error == Errno.NoEntry)
        {
            return false;
        }

        Check(error, key, "look at");
        return status.Kind switch
        {
            EntryKind.File => true,
            EntryKind.Directory => throw Failed(key, "store", Errno.IsDirectory),
            _ => throw Failed(key, "store", Errno.LinkLoop),
        };
    }

    private Descriptor OpenChecked()
    {
        var root = OpenRoot(out var status);
        if (status.Device == device)
        {
            return root;
        }

        root.Dispose();
        throw new StoreException(new Failure(
            FailureScope.Store,
            FailureNature.Lasting,
            "TargetMoved",
            $"The target folder '{SourcePath.ForDisplay(folder)}' lies on another file system than at the start: its volume is not mounted, or another one is.",
            "Mount the volume again; if the change is meant, restart."));
    }

    private Descriptor OpenRoot(out FileStatus status)
    {
        status = default;
        var error = Beneath.OpenRoot(folder, out var root);
        if (error == 0)
        {
            error = FileStatus.Of(root!, out status);
        }

        if (error == 0)
        {
            return root!;
        }

        root?.Dispose();
        var failure = FileFailure.From("open the target folder", folder, error, FailureScope.Store);
        throw new StoreException(error == Errno.NoEntry
            ? failure with { Nature = FailureNature.Lasting, Cure = "Mount its volume or make it again; a restart makes it too." }
            : failure);
    }

    private void Check(int error, FolderKey key, string action = "store")
    {
        if (error != 0)
        {
            throw Failed(key, action, error);
        }
    }

    private StoreException Failed(FolderKey key, string action, int error)
    {
        var failure = FileFailure.From(action, $"{folder}/{key.Path}", error);
        return new StoreException(error switch
        {
            Errno.LinkLoop => failure with { Cure = "Replace the symbolic link in the target by a folder or file of its own, or name the folder that it leads to as the target." },
            Errno.NotDirectory or Errno.IsDirectory => failure with
            {
                Nature = FailureNature.Lasting,
                Cause = $"Cannot {action} '{Shown(key)}': a file stands where a folder is wanted, or a folder where a file is ({failure.Code}); in a folder the keys 'a' and 'a/b' exclude each other.",
                Cure = "Remove or rename what is in the way, or change the route's key template.",
            },
            Errno.ReadOnly => failure with { Scope = FailureScope.Store },
            _ when failure.Scope == FailureScope.Source => failure with { Scope = FailureScope.Store },
            _ => failure,
        });
    }

    private string Shown(FolderKey key) => SourcePath.ForDisplay($"{folder}/{key.Path}");

    private void RemoveStalePartials(TimeProvider time)
    {
        try
        {
            using var tree = new LinuxSourceFolder(
                new Core.Routes.SourceSettings(folder, [PartialFile.Prefix + "*"], [], 0, null, StaleAfter, null, FollowLinks: false, Watch: false),
                time);
            using var walk = tree.StartWalk();
            using var root = OpenChecked();
            WalkBatch batch;
            Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
            do
            {
                batch = walk.Next(100);
                foreach (var file in batch.Files)
                {
                    if (Beneath.OpenFolder(root, ParentFolders.ParentOf(file.Path), followLinks: false, out var parent) == 0)
                    {
                        using (parent)
                        {
                            _ = NativeName.TryWrite(ParentFolders.NameOf(file.Path), buffer, out var name);
                            _ = Libc.UnlinkAt(parent!, name, 0);
                        }
                    }
                }
            }
            while (!batch.Ended && !stopping.IsCancellationRequested);
        }
        catch (Exception e) when (e is SourceException or StoreException)
        {
            // Old leftovers cost space and nothing else; whatever ails the folder shows with the first object.
        }
    }
}
