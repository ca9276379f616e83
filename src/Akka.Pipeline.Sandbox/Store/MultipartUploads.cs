namespace Akka.Pipeline.Sandbox.Store;

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Akka.Pipeline.Sandbox.Protocol;

/// <summary>The uploads in progress, and those completed of late. Each has a folder, so that a restart finds it again.</summary>
internal sealed class MultipartUploads(string? folder, TemporaryFiles temporaries, SandboxOptions options) : IDisposable
{
    /// <summary>How long a repeated Complete is answered like the first.</summary>
    private static readonly TimeSpan CompletedIsKnownFor = TimeSpan.FromHours(24);
    private const string RecordFile = "upload.json";
    private const string PartsFile = "parts.jsonl";

    private readonly ConcurrentDictionary<string, MultipartUpload> _uploads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Bucket, ObjectRecord Record)> _completed = new(StringComparer.Ordinal);

    public TemporaryFiles Temporaries => temporaries;

    /// <summary>Finds again what a former run left: after a crash between a commit and the removal of the upload, the commit counts.</summary>
    public void Recover(IEnumerable<Bucket> buckets)
    {
        Directory.CreateDirectory(folder!);
        var now = options.Clock.GetUtcNow();
        foreach (var bucket in buckets)
        {
            foreach (var record in bucket.All().Where(record => record.UploadId is not null && now - record.ModifiedAt < CompletedIsKnownFor))
            {
                _completed[record.UploadId!] = (bucket.Name, record);
            }
        }

        foreach (var path in Directory.EnumerateDirectories(folder!))
        {
            var recordPath = Path.Combine(path, RecordFile);
            if (_completed.ContainsKey(Path.GetFileName(path)) || !File.Exists(recordPath))
            {
                Directory.Delete(path, recursive: true);
                continue;
            }

            var record = JsonSerializer.Deserialize(File.ReadAllBytes(recordPath), StoreJson.Default.UploadRecord)!;
            var parts = new List<PartRecord>();
            var journal = Journal<PartRecord>.Open(Path.Combine(path, PartsFile), StoreJson.Default.PartRecord, options.FlushToDisk, parts.Add);
            var upload = new MultipartUpload(record, path, journal);
            foreach (var part in parts)
            {
                upload.Restore(part);
            }

            _uploads[record.Id] = upload;
        }
    }

    public MultipartUpload Create(Func<string, UploadRecord> record)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var made = record(id);
        if (folder is null)
        {
            return _uploads[id] = new(made, null, null);
        }

        var path = Path.Combine(folder, id);
        Directory.CreateDirectory(path);
        var fresh = Path.Combine(path, RecordFile + ".new");
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(made, StoreJson.Default.UploadRecord));
        File.Move(fresh, Path.Combine(path, RecordFile));
        var journal = Journal<PartRecord>.Open(Path.Combine(path, PartsFile), StoreJson.Default.PartRecord, options.FlushToDisk, _ => { });
        return _uploads[id] = new(made, path, journal);
    }

    /// <exception cref="S3Exception">NoSuchUpload.</exception>
    public MultipartUpload Find(string bucket, string key, string? id) =>
        id is not null && _uploads.TryGetValue(id, out var upload) && upload.Record.Bucket == bucket && upload.Record.Key == key ? upload : throw S3Errors.NoSuchUpload();

    /// <summary>What came of an upload that was completed of late.</summary>
    public ObjectRecord? FindCompleted(string bucket, string key, string? id) =>
        id is not null && _completed.TryGetValue(id, out var completed) && completed.Bucket == bucket && completed.Record.Key == key
        && options.Clock.GetUtcNow() - completed.Record.ModifiedAt < CompletedIsKnownFor
            ? completed.Record
            : null;

    public IReadOnlyList<UploadRecord> Of(string bucket) =>
        [.. _uploads.Values.Select(upload => upload.Record).Where(record => record.Bucket == bucket)
            .OrderBy(record => record.Key, KeyOrder.Instance).ThenBy(record => record.InitiatedAt).ThenBy(record => record.Id, StringComparer.Ordinal)];

    /// <summary>Takes an upload out of those in progress; its gate is held by the caller.</summary>
    public void Close(MultipartUpload upload, ObjectRecord? completed)
    {
        if (completed is not null)
        {
            _completed[upload.Record.Id] = (upload.Record.Bucket, completed);
        }

        _uploads.TryRemove(upload.Record.Id, out _);
        upload.Close();
    }

    /// <summary>Drops what was in progress in a bucket that is gone.</summary>
    public void Forget(string bucket)
    {
        foreach (var upload in _uploads.Values.Where(upload => upload.Record.Bucket == bucket))
        {
            Close(upload, completed: null);
        }
    }

    public void Dispose()
    {
        foreach (var upload in _uploads.Values)
        {
            upload.Dispose();
        }
    }
}
