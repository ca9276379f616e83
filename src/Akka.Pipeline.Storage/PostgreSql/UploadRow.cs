namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;
using Npgsql;

/// <summary>How a <see cref="MultipartProgress"/> is read from the tables multipart and part, and a <see cref="MultipartIntent"/> from multipart_intent.</summary>
internal static class UploadRow
{
    /// <summary>The columns that <see cref="Read"/> takes, in its order, of multipart m, route r and bucket b.</summary>
    public const string Columns = "m.id, m.path, m.size, m.mtime_ns, m.device, m.inode, m.bucket_id, b.store, b.name, m.key, m.attributes, m.upload_id, m.part_size, m.begun_at, r.name";

    /// <summary>The tables of <see cref="Columns"/>.</summary>
    public const string Tables = "multipart m JOIN route r ON r.id = m.route_id JOIN bucket b ON b.id = m.bucket_id";

    public static async Task<MultipartProgress?> FindAsync(NpgsqlConnection connection, PostgresNames names, string route, string path, CancellationToken cancellation)
    {
        var found = await connection.Ask($"SELECT {Columns} FROM {Tables} WHERE r.name = $1 AND m.path = $2 ORDER BY m.begun_at DESC, m.id DESC LIMIT 1")
            .With(StoredText.OfName(route)).With(StoredText.OfPath(path))
            .ListAsync(row => Read(row, names), cancellation);
        return found is [var upload] ? upload with { Parts = await PartsAsync(connection, upload.UploadId, cancellation) } : null;
    }

    public static async Task<IReadOnlyList<MultipartProgress>> ListAsync(NpgsqlConnection connection, PostgresNames names, CancellationToken cancellation) =>
        await connection.Ask($"SELECT {Columns} FROM {Tables} ORDER BY m.begun_at, m.id").ListAsync(row => Read(row, names), cancellation);

    public static async Task<IReadOnlyList<MultipartIntent>> IntentsAsync(NpgsqlConnection connection, PostgresNames names, CancellationToken cancellation) =>
        await connection.Ask("SELECT r.name, i.path, i.bucket_id, b.store, b.name, i.key, i.intended_at FROM multipart_intent i JOIN route r ON r.id = i.route_id JOIN bucket b ON b.id = i.bucket_id "
                + "ORDER BY i.intended_at, i.route_id, i.path")
            .ListAsync(
                row =>
                {
                    var (store, bucket) = names.BucketOf(row, 2, 3, 4);
                    return new MultipartIntent(
                        StoredText.ToName(row.GetFieldValue<byte[]>(0)), SourcePath.FromBytes(row.GetFieldValue<byte[]>(1)), store,
                        new ObjectAddress(bucket, SourcePath.FromBytes(row.GetFieldValue<byte[]>(5))), LedgerTime.ToTime(row.GetInt64(6)));
                },
                cancellation);

    public static async Task<IReadOnlyList<PartFacts>> PartsAsync(NpgsqlConnection connection, string uploadId, CancellationToken cancellation) =>
        await connection.Ask("SELECT number, size, etag, md5, crc32c, sha256 FROM part WHERE multipart_id = (SELECT id FROM multipart WHERE upload_id = $1) ORDER BY number")
            .With(StoredText.OfName(uploadId))
            .ListAsync(
                row => new PartFacts(row.GetInt32(0), row.GetInt64(1), StoredText.ToDigest(row.GetFieldValue<byte[]>(2)), EntryRow.ReadDigests(row, 3)),
                cancellation);

    /// <summary>The upload of the row, without its parts.</summary>
    public static MultipartProgress Read(NpgsqlDataReader row, PostgresNames names)
    {
        var (store, bucket) = names.BucketOf(row, 6, 7, 8);
        return new MultipartProgress(
            StoredText.ToName(row.GetFieldValue<byte[]>(14)),
            SourcePath.FromBytes(row.GetFieldValue<byte[]>(1)),
            EntryRow.ReadFingerprint(row, 2),
            store,
            new ObjectAddress(bucket, SourcePath.FromBytes(row.GetFieldValue<byte[]>(9))),
            StoredText.ToName(row.GetFieldValue<byte[]>(10)),
            StoredText.ToName(row.GetFieldValue<byte[]>(11)),
            row.GetInt64(12),
            [],
            LedgerTime.ToTime(row.GetInt64(13)));
    }
}
