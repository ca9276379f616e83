namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;
using Npgsql;

/// <summary>
/// Turns changes into the statements of one batch. Repeating a commit whose answer was lost leaves the same rows: rows are written over with what they held, what is
/// deleted is gone already, and an upload that is begun again keeps the parts that came meanwhile.
/// </summary>
internal sealed class ChangeBatch(PostgresNames names)
{
    // Names our advisory lock of commits among those of other programs in the same database: "AkPM".
    private const int LockClass = 0x416B504D;

    /// <summary>Records a part; $1 to $7 are upload id, number, size, ETag, MD5, CRC-32C, SHA-256.</summary>
    public const string PartSql =
        "INSERT INTO part (multipart_id, number, size, etag, md5, crc32c, sha256) SELECT id, $2, $3, $4, $5, $6, $7 FROM multipart WHERE upload_id = $1 "
        + "ON CONFLICT (multipart_id, number) DO UPDATE SET size = EXCLUDED.size, etag = EXCLUDED.etag, md5 = EXCLUDED.md5, crc32c = EXCLUDED.crc32c, sha256 = EXCLUDED.sha256";

    private const string ResolveSql = "DELETE FROM multipart_intent WHERE route_id = $1 AND path = $2 AND bucket_id = $3 AND key = $4 AND intended_at = $5";

    /// <summary>Appends the statements of the changes, in order as far as order matters.</summary>
    /// <param name="connection">For names that are new; they are committed by themselves, before.</param>
    /// <param name="batch">What runs as one transaction.</param>
    /// <param name="changes">What to write.</param>
    /// <param name="alone">Wait until no other commit of files runs, and hold the others up: for one that the server undid because it and another waited for each other.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task AppendAsync(NpgsqlConnection connection, NpgsqlBatch batch, IReadOnlyList<LedgerChange> changes, bool alone, CancellationToken cancellation)
    {
        await names.EnsureAsync(connection, changes.Select(RouteOf).OfType<string>(), changes.Select(BucketOf).OfType<(string, string)>(), cancellation);
        var files = new FileChanges(names);
        foreach (var change in changes)
        {
            switch (change)
            {
                case FileStored stored:
                    files.Add(stored);
                    break;
                case FileDone done:
                    files.Add(done);
                    break;
                case FileFailed failed:
                    files.Add(failed);
                    break;
                case MultipartIntended intended:
                    AppendIntent(batch, "INSERT INTO multipart_intent (route_id, path, bucket_id, key, intended_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", intended.Intent);
                    break;
                case MultipartIntentResolved resolved:
                    AppendIntent(batch, ResolveSql, resolved.Intent);
                    break;
                case MultipartBegun begun:
                    Append(batch, begun.Upload);
                    break;
                case PartStored part:
                    AppendPart(batch, part.UploadId, part.Part);
                    break;
                case MultipartEnded ended:
                    batch.Append("DELETE FROM multipart WHERE upload_id = $1").With(StoredText.OfName(ended.UploadId));
                    break;
                case BlockageSeen seen:
                    Append(batch, seen.Blockage);
                    break;
                case BlockageCleared cleared:
                    batch.Append("DELETE FROM blockage WHERE scope = $1 AND name = $2").With(cleared.Scope.ToString()).With(StoredText.OfName(cleared.Name));
                    break;
                default:
                    throw new ArgumentException($"No ledger change is a {change.GetType().Name}.", nameof(changes));
            }
        }

        if (!files.IsEmpty)
        {
            batch.Append($"SELECT pg_advisory_xact_lock{(alone ? string.Empty : "_shared")}({LockClass}, hashtext(current_schema()))");
            files.AppendTo(batch);
        }
    }

    public static void AppendPart(NpgsqlBatch batch, string uploadId, PartFacts part) => batch.Append(PartSql)
        .With(StoredText.OfName(uploadId)).With(part.PartNumber).With(part.SizeBytes).With(StoredText.OfDigest(part.ETag))
        .With(StoredText.OfDigest(part.Digests.Md5)).With(StoredText.OfDigest(part.Digests.Crc32C)).With(StoredText.OfDigest(part.Digests.Sha256));

    private static string? RouteOf(LedgerChange change) => change switch
    {
        FileStored stored => stored.Route,
        FileDone done => done.Route,
        FileFailed failed => failed.Route,
        MultipartIntended intended => intended.Intent.Route,
        MultipartIntentResolved resolved => resolved.Intent.Route,
        MultipartBegun begun => begun.Upload.Route,
        _ => null,
    };

    private static (string Store, string Bucket)? BucketOf(LedgerChange change) => change switch
    {
        FileStored stored => (stored.Stored.Store, stored.Stored.Address.Bucket),
        MultipartIntended intended => (intended.Intent.Store, intended.Intent.Address.Bucket),
        MultipartIntentResolved resolved => (resolved.Intent.Store, resolved.Intent.Address.Bucket),
        MultipartBegun begun => (begun.Upload.Store, begun.Upload.Address.Bucket),
        _ => null,
    };

    private void AppendIntent(NpgsqlBatch batch, string sql, MultipartIntent intent) => batch.Append(sql)
        .With(names.Route(intent.Route)).With(StoredText.OfPath(intent.Path)).With(names.Bucket(intent.Store, intent.Address.Bucket))
        .With(StoredText.OfPath(intent.Address.Key)).With(LedgerTime.From(intent.At));

    private void Append(NpgsqlBatch batch, MultipartProgress upload)
    {
        AppendIntent(batch, ResolveSql, new MultipartIntent(upload.Route, upload.Path, upload.Store, upload.Address, upload.BegunAt));
        batch.Append(
            "INSERT INTO multipart (route_id, path, size, mtime_ns, device, inode, bucket_id, key, attributes, upload_id, part_size, begun_at) "
            + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
            + "ON CONFLICT (upload_id) DO UPDATE SET route_id = $1, path = $2, size = $3, mtime_ns = $4, device = $5, inode = $6, bucket_id = $7, key = $8, attributes = $9, part_size = $11, begun_at = $12")
            .With(names.Route(upload.Route)).With(StoredText.OfPath(upload.Path))
            .With(upload.Fingerprint.SizeBytes).With(upload.Fingerprint.ModifiedUnixNs)
            .With(unchecked((long)upload.Fingerprint.Device)).With(unchecked((long)upload.Fingerprint.Inode))
            .With(names.Bucket(upload.Store, upload.Address.Bucket)).With(StoredText.OfPath(upload.Address.Key)).With(StoredText.OfName(upload.Attributes))
            .With(StoredText.OfName(upload.UploadId)).With(upload.PartSizeBytes).With(LedgerTime.From(upload.BegunAt));
        foreach (var part in upload.Parts)
        {
            AppendPart(batch, upload.UploadId, part);
        }
    }

    private static void Append(NpgsqlBatch batch, Blockage blockage) => batch
        .Append("INSERT INTO blockage (scope, name, attempts, next_attempt_at, failure, since) VALUES ($1, $2, $3, $4, $5, $6) "
            + "ON CONFLICT (scope, name) DO UPDATE SET attempts = $3, next_attempt_at = $4, failure = $5, since = $6")
        .With(blockage.Scope.ToString()).With(StoredText.OfName(blockage.Name)).With(blockage.Trouble.Attempts).With(LedgerTime.From(blockage.Trouble.NextAttemptAt))
        .With(FailureJson.Write(blockage.Trouble.Failure)).With(LedgerTime.From(blockage.Since));
}
