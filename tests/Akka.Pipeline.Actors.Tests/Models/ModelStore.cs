namespace Akka.Pipeline.Actors.Tests.Models;

using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;

/// <summary>One request to the model.</summary>
internal sealed record StoreCall(string Operation, ObjectAddress Address, int Part = 0);

/// <summary>A store in memory that keeps the promises of <see cref="IObjectStore"/>: it honours conditions and refuses bodies that contradict their digests.</summary>
internal sealed class ModelStore(Journal journal, string name = "model") : IObjectStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectAddress, ObjectFacts> objects = [];
    private readonly Dictionary<ObjectAddress, byte[]> contents = [];
    private readonly Dictionary<string, SortedDictionary<int, (PartFacts Facts, byte[] Content)>> uploads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OpenMultipart> begun = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<StoreCall> calls = new();
    private int lastUpload;

    public StoreTraits Traits { get; set; } = new(
        name, DigestKinds.Md5 | DigestKinds.Crc32C, FullObjectChecksum: true, new MultipartLimits(5, 1000, 100, 10_000), ConditionalWrites: true, ConditionalComplete: true);

    public int RequestsAtOnce { get; set; } = int.MaxValue;

    /// <summary>Called before a request is carried out; may throw or wait.</summary>
    public Func<StoreCall, Task>? Before { get; set; }

    /// <summary>Called after it was carried out, before the answer; may throw or wait.</summary>
    public Func<StoreCall, Task>? After { get; set; }

    public IReadOnlyList<StoreCall> Calls => [.. calls];

    /// <summary>What the store vouches for in its answers.</summary>
    public DigestKinds Tells { get; set; } = DigestKinds.Md5 | DigestKinds.Crc32C;

    public IReadOnlyCollection<string> OpenUploads
    {
        get
        {
            lock (gate)
            {
                return [.. uploads.Keys];
            }
        }
    }

    public IReadOnlyCollection<string> Keys
    {
        get
        {
            lock (gate)
            {
                return [.. objects.Keys.Select(a => a.Key).Order(StringComparer.Ordinal)];
            }
        }
    }

    public static StoreException Trouble(FailureScope scope, string code, FailureNature nature = FailureNature.Passing, bool unknown = false) =>
        new(new Failure(scope, nature, code, $"The store failed ({code}).", "Wait.", unknown));

    public string? TextOf(string key, string bucket = "b")
    {
        lock (gate)
        {
            return contents.TryGetValue(new ObjectAddress(bucket, key), out var bytes) ? Encoding.UTF8.GetString(bytes) : null;
        }
    }

    /// <summary>Puts an object there as somebody else would.</summary>
    public void Hold(string key, string content, string bucket = "b") => Write(new ObjectAddress(bucket, key), Encoding.UTF8.GetBytes(content), null);

    public void Forget(string uploadId)
    {
        lock (gate)
        {
            Assert.True(uploads.Remove(uploadId));
        }
    }

    /// <summary>An upload that was aborted holds a part again.</summary>
    public void Revive(string uploadId)
    {
        lock (gate)
        {
            uploads.Add(uploadId, []);
        }
    }

    public int Count(string operation) => calls.Count(call => string.Equals(call.Operation, operation, StringComparison.Ordinal));

    public Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation) =>
        DoAsync(new StoreCall("HEAD", address), () =>
        {
            lock (gate)
            {
                return objects.TryGetValue(address, out var facts) ? Told(facts) : null;
            }
        });

    public Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation) =>
        DoAsync(new StoreCall("PUT", request.Address), () =>
        {
            var bytes = Read(request.Body);
            lock (gate)
            {
                if (Refused(request.Address, Traits.ConditionalWrites ? request.Condition : null))
                {
                    return WriteResult.ConditionFailed;
                }

                journal.Add($"put {request.Address.Key}");
                return WriteResult.Stored(Told(Write(request.Address, bytes, null)));
            }
        });

    public Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation) =>
        DoAsync(new StoreCall("CREATE", request.Address), () =>
        {
            lock (gate)
            {
                var id = (++lastUpload).ToString("upload0", CultureInfo.InvariantCulture);
                uploads.Add(id, []);
                begun.Add(id, new OpenMultipart(request.Address, id, DateTimeOffset.UtcNow));
                journal.Add($"created {id} {request.Address.Key}");
                return id;
            }
        });

    public Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation) =>
        DoAsync(new StoreCall("PART", request.Address, request.PartNumber), () =>
        {
            var bytes = Read(request.Body);
            lock (gate)
            {
                var digests = DigestsOf(bytes);
                var facts = new PartFacts(request.PartNumber, bytes.Length, digests.Md5!, digests);
                Upload(request.UploadId)[request.PartNumber] = (facts, bytes);
                journal.Add($"part {request.PartNumber} {request.Address.Key}");
                return facts;
            }
        });

    public Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) =>
        DoAsync<IReadOnlyList<PartFacts>?>(new StoreCall("LIST", address), () =>
        {
            lock (gate)
            {
                return uploads.TryGetValue(uploadId, out var parts) ? [.. parts.Values.Select(p => p.Facts)] : null;
            }
        });

    public Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation) =>
        DoAsync(new StoreCall("COMPLETE", request.Address), () =>
        {
            lock (gate)
            {
                var held = Upload(request.UploadId);
                if (request.Parts.Any(p => !held.TryGetValue(p.PartNumber, out var part) || part.Facts.ETag != p.ETag))
                {
                    throw Trouble(FailureScope.File, "InvalidPart");
                }

                if (Refused(request.Address, Traits.ConditionalComplete ? request.Condition : null))
                {
                    return WriteResult.ConditionFailed;
                }

                byte[] bytes = [.. request.Parts.SelectMany(p => held[p.PartNumber].Content)];
                if (bytes.Length != request.SizeBytes || request.WholeObject.Agrees(DigestsOf(bytes)) == false)
                {
                    throw Trouble(FailureScope.File, "BadDigest");
                }

                uploads.Remove(request.UploadId);
                journal.Add($"completed {request.UploadId} {request.Address.Key}");
                var eTag = ContentHasher.MultipartETag([.. request.Parts.Select(p => held[p.PartNumber].Facts.ETag)]);
                return WriteResult.Stored(Told(Write(request.Address, bytes, eTag)));
            }
        });

    public Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) =>
        DoAsync(new StoreCall("ABORT", address), () =>
        {
            lock (gate)
            {
                journal.Add($"aborted {uploadId}");
                return uploads.Remove(uploadId);
            }
        });

    public async IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var open = await DoAsync(new StoreCall("LISTUPLOADS", new ObjectAddress(bucket, keyPrefix)), () =>
        {
            lock (gate)
            {
                return begun.Values.Where(u => uploads.ContainsKey(u.UploadId) && u.Address.Bucket == bucket && u.Address.Key.StartsWith(keyPrefix, StringComparison.Ordinal)).ToList();
            }
        });
        foreach (var upload in open)
        {
            yield return upload;
        }
    }

    /// <summary>Begins an upload as somebody else would, at a time.</summary>
    public string Begin(string key, DateTimeOffset at, string bucket = "b")
    {
        lock (gate)
        {
            var id = (++lastUpload).ToString("upload0", CultureInfo.InvariantCulture);
            uploads.Add(id, []);
            begun.Add(id, new OpenMultipart(new ObjectAddress(bucket, key), id, at));
            return id;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static DigestSet DigestsOf(byte[] bytes)
    {
        using var hasher = new ContentHasher(DigestKinds.Md5 | DigestKinds.Crc32C);
        hasher.Append(bytes);
        return hasher.Finish();
    }

    private static byte[] Read(IUploadBody body)
    {
        byte[] bytes;
        try
        {
            using var stream = body.OpenRead();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            bytes = copy.ToArray();
        }
        catch (Exception broken)
        {
            // As over a network: a body that breaks off looks like a connection that broke.
            throw new StoreException(Trouble(FailureScope.Store, "ConnectionBroken", unknown: true).Failure, broken);
        }

        return bytes.Length == body.LengthBytes && body.Digests.Agrees(DigestsOf(bytes)) != false ? bytes : throw Trouble(FailureScope.File, "BadDigest");
    }

    private async Task<T> DoAsync<T>(StoreCall call, Func<T> action)
    {
        // As a network does: the answer never comes on the caller's stack.
        await Task.Yield();
        calls.Enqueue(call);
        if (Before is { } before)
        {
            await before(call);
        }

        var result = action();
        if (After is { } after)
        {
            await after(call);
        }

        return result;
    }

    private ObjectFacts Write(ObjectAddress address, byte[] bytes, string? eTag)
    {
        lock (gate)
        {
            var digests = DigestsOf(bytes);
            contents[address] = bytes;
            return objects[address] = new ObjectFacts(bytes.Length, eTag ?? digests.Md5!, eTag is null ? digests : digests with { Md5 = null }, null);
        }
    }

    private ObjectFacts Told(ObjectFacts facts) => facts with
    {
        Digests = new DigestSet(
            Tells.HasFlag(DigestKinds.Md5) ? facts.Digests.Md5 : null, Tells.HasFlag(DigestKinds.Crc32C) ? facts.Digests.Crc32C : null),
    };

    private bool Refused(ObjectAddress address, WriteCondition? condition) =>
        condition is not null && (condition.ExpectedETag is { } eTag
            ? !objects.TryGetValue(address, out var there) || !string.Equals(there.ETag, eTag, StringComparison.Ordinal)
            : objects.ContainsKey(address));

    private SortedDictionary<int, (PartFacts Facts, byte[] Content)> Upload(string id) =>
        uploads.TryGetValue(id, out var parts) ? parts : throw Trouble(FailureScope.File, "NoSuchUpload");
}
