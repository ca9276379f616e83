namespace Akka.Pipeline.Sandbox.Store;

using System.Collections.Concurrent;
using Akka.Pipeline.Sandbox.Protocol;

/// <summary>All buckets under one root folder, or in memory in null mode.</summary>
internal sealed class ObjectStore : IDisposable
{
    private readonly SandboxOptions _options;
    private readonly string? _root;
    private readonly string? _private;
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Lock _bucketLock = new();
    private readonly FileStream? _guard;

    /// <exception cref="IOException">The folder cannot be used, or another sandbox uses it.</exception>
    public ObjectStore(SandboxOptions options)
    {
        _options = options;
        if (options.NullMode)
        {
            Temporaries = new(null, flushToDisk: false);
            Uploads = new(null, Temporaries, options);
            return;
        }

        ArgumentException.ThrowIfNullOrEmpty(options.RootFolder);
        _root = Path.GetFullPath(options.RootFolder);
        _private = Path.Combine(_root, ".sandbox");
        var temporary = Path.Combine(_private, "temporary");
        Directory.CreateDirectory(temporary);
        Directory.CreateDirectory(Path.Combine(_private, "buckets"));
        try
        {
            _guard = new FileStream(Path.Combine(_private, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"The folder '{_root}' is in use by another sandbox, or its lock cannot be opened. Stop the other one, or choose another folder.", e);
        }

        Temporaries = new(temporary, options.FlushToDisk);
        foreach (var folder in Directory.EnumerateDirectories(_root))
        {
            var name = Path.GetFileName(folder);
            if (BucketName.IsValid(name))
            {
                _buckets[name] = OpenBucket(name);
            }
        }

        Uploads = new(Path.Combine(_private, "uploads"), Temporaries, options);
        Uploads.Recover(_buckets.Values);
        // Only now: the journals' last lines may have needed what lay here.
        foreach (var leftover in Directory.EnumerateFiles(temporary))
        {
            File.Delete(leftover);
        }
    }

    public TemporaryFiles Temporaries { get; }

    public MultipartUploads Uploads { get; }

    public IReadOnlyList<Bucket> Buckets => [.. _buckets.Values.OrderBy(bucket => bucket.Name, StringComparer.Ordinal)];

    /// <exception cref="S3Exception">NoSuchBucket.</exception>
    public Bucket Find(string name) => _buckets.TryGetValue(name, out var bucket) ? bucket : throw S3Errors.NoSuchBucket(name);

    /// <summary>The bucket for a write, made if the options say so.</summary>
    /// <exception cref="S3Exception">NoSuchBucket.</exception>
    public Bucket FindForWrite(string name)
    {
        if (!_buckets.TryGetValue(name, out var bucket) && _options.CreateBucketsOnDemand && BucketName.IsValid(name))
        {
            (bucket, _) = Create(name);
        }

        return bucket ?? throw S3Errors.NoSuchBucket(name);
    }

    /// <returns>The bucket, and whether it is new.</returns>
    /// <exception cref="S3Exception">InvalidBucketName.</exception>
    public (Bucket Bucket, bool IsNew) Create(string name)
    {
        if (!BucketName.IsValid(name))
        {
            throw S3Errors.InvalidBucketName(name);
        }

        lock (_bucketLock)
        {
            if (_buckets.TryGetValue(name, out var present))
            {
                return (present, false);
            }

            return (_buckets[name] = OpenBucket(name), true);
        }
    }

    /// <exception cref="S3Exception">NoSuchBucket or BucketNotEmpty.</exception>
    public void Delete(string name)
    {
        lock (_bucketLock)
        {
            Find(name).Remove();
            _buckets.TryRemove(name, out _);
            Uploads.Forget(name);
            if (_private is not null)
            {
                File.Delete(JournalPath(name));
            }
        }
    }

    public void Dispose()
    {
        foreach (var bucket in _buckets.Values)
        {
            bucket.Dispose();
        }

        Uploads.Dispose();
        _guard?.Dispose();
    }

    private Bucket OpenBucket(string name)
    {
        if (_root is null)
        {
            return new(name, _options.Clock.GetUtcNow(), null, null, Temporaries, flushToDisk: false);
        }

        var folder = Path.Combine(_root, name);
        if (!Directory.Exists(folder))
        {
            // Without its folder a bucket is gone, whatever its journal says.
            File.Delete(JournalPath(name));
            Directory.CreateDirectory(folder);
        }

        return new(name, new DateTimeOffset(Directory.GetCreationTimeUtc(folder)), new BucketFolder(folder), JournalPath(name), Temporaries, _options.FlushToDisk);
    }

    private string JournalPath(string name) => Path.Combine(_private!, "buckets", name + ".jsonl");
}
