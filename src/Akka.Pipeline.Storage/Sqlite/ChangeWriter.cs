namespace Akka.Pipeline.Storage.Sqlite;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;

/// <summary>Turns changes into statements, inside the transaction of its caller.</summary>
internal sealed class ChangeWriter(SqliteSession session)
{
    public void Apply(LedgerChange change)
    {
        switch (change)
        {
            case FileStored stored:
                FileRow.Put(session, new LedgerEntry(stored.Route, stored.Path, stored.Stored.Fingerprint, FileProgress.Stored, stored.Stored, null, stored.At));
                break;
            case FileDone done:
                Apply(done);
                break;
            case FileFailed failed:
                Apply(failed);
                break;
            case MultipartIntended intended:
                Bind(session.Prepared("INSERT OR IGNORE INTO multipart_intent (route_id, path, bucket_id, key, intended_at) VALUES (?1, ?2, ?3, ?4, ?5)"), intended.Intent).Run();
                break;
            case MultipartIntentResolved resolved:
                Resolve(resolved.Intent);
                break;
            case MultipartBegun begun:
                Apply(begun.Upload);
                break;
            case PartStored part:
                Apply(part.UploadId, part.Part);
                break;
            case MultipartEnded ended:
                session.Prepared("DELETE FROM multipart WHERE upload_id = ?1").BindText(1, ended.UploadId).Run();
                break;
            case BlockageSeen seen:
                Apply(seen.Blockage);
                break;
            case BlockageCleared cleared:
                session.Prepared("DELETE FROM blockage WHERE scope = ?1 AND name = ?2").BindText(1, cleared.Scope.ToString()).BindText(2, cleared.Name).Run();
                break;
            default:
                throw new ArgumentException($"No ledger change is a {change.GetType().Name}.", nameof(change));
        }
    }

    private void Apply(FileDone done)
    {
        if (session.Names.FindRoute(done.Route) is not { } routeId)
        {
            return;
        }

        var statement = session.Prepared(
            "UPDATE file SET progress = 1, fate = ?1, updated_at = ?2, attempts = NULL, next_attempt_at = NULL, failure = NULL "
            + "WHERE route_id = ?3 AND path = ?4 AND size = ?5 AND mtime_ns = ?6 AND device = ?7 AND inode = ?8 AND bucket_id IS NOT NULL AND stored_size IS NULL");
        statement.Bind(1, (long)done.Fate).Bind(2, LedgerTime.From(done.At)).Bind(3, routeId).BindBytesOf(4, done.Path);
        FileRow.BindFingerprint(statement, 5, done.Fingerprint).Run();
    }

    private void Apply(FileFailed failed)
    {
        var earlier = FileRow.Find(session, session.Names.RouteId(failed.Route), failed.Route, failed.Path);
        var progress = failed.SetAside ? FileProgress.SetAside : FileProgress.Failing;
        FileRow.Put(session, new LedgerEntry(failed.Route, failed.Path, failed.Fingerprint, progress, earlier?.Stored, failed.Trouble, failed.At));
    }

    private void Apply(MultipartProgress upload)
    {
        var routeId = session.Names.RouteId(upload.Route);
        var bucketId = session.Names.BucketId(upload.Store, upload.Address.Bucket);
        Resolve(new MultipartIntent(upload.Route, upload.Path, upload.Store, upload.Address, upload.BegunAt));
        session.Prepared("DELETE FROM multipart WHERE upload_id = ?1").BindText(1, upload.UploadId).Run();

        var insert = session.Prepared(
            "INSERT INTO multipart (size, mtime_ns, device, inode, route_id, path, bucket_id, key, attributes, upload_id, part_size, begun_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
        FileRow.BindFingerprint(insert, 1, upload.Fingerprint)
            .Bind(5, routeId).BindBytesOf(6, upload.Path).Bind(7, bucketId).BindBytesOf(8, upload.Address.Key).BindText(9, upload.Attributes)
            .BindText(10, upload.UploadId).Bind(11, upload.PartSizeBytes).Bind(12, LedgerTime.From(upload.BegunAt)).Run();
        foreach (var part in upload.Parts)
        {
            Apply(upload.UploadId, part);
        }
    }

    private void Resolve(MultipartIntent intent) => Bind(
        session.Prepared("DELETE FROM multipart_intent WHERE route_id = ?1 AND path = ?2 AND bucket_id = ?3 AND key = ?4 AND intended_at = ?5"), intent).Run();

    private SqliteStatement Bind(SqliteStatement statement, MultipartIntent intent) => statement
        .Bind(1, session.Names.RouteId(intent.Route)).BindBytesOf(2, intent.Path)
        .Bind(3, session.Names.BucketId(intent.Store, intent.Address.Bucket)).BindBytesOf(4, intent.Address.Key).Bind(5, LedgerTime.From(intent.At));

    private void Apply(string uploadId, PartFacts part) => session
        .Prepared("INSERT OR REPLACE INTO part (multipart_id, number, size, etag, md5, crc32c, sha256) SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM multipart WHERE upload_id = ?1")
        .BindText(1, uploadId).Bind(2, part.PartNumber).Bind(3, part.SizeBytes).BindHex(4, part.ETag)
        .BindHex(5, part.Digests.Md5).BindHex(6, part.Digests.Crc32C).BindHex(7, part.Digests.Sha256).Run();

    private void Apply(Blockage blockage) => session
        .Prepared("INSERT OR REPLACE INTO blockage (scope, name, attempts, next_attempt_at, failure, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .BindText(1, blockage.Scope.ToString()).BindText(2, blockage.Name).Bind(3, blockage.Trouble.Attempts).Bind(4, LedgerTime.From(blockage.Trouble.NextAttemptAt))
        .BindText(5, FailureJson.Write(blockage.Trouble.Failure)).Bind(6, LedgerTime.From(blockage.Since)).Run();
}
