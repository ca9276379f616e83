namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;
using Npgsql;

/// <summary>How a <see cref="LedgerEntry"/> is read from a row of table file, joined with its bucket.</summary>
internal static class EntryRow
{
    /// <summary>The columns that <see cref="Read"/> takes, in its order, of file f and bucket b.</summary>
    public const string Columns =
        "f.path, f.size, f.mtime_ns, f.device, f.inode, f.progress, f.updated_at, f.bucket_id, b.store, b.name, f.key, f.etag, f.md5, f.crc32c, f.sha256, f.version_id, "
        + "f.stored_at, f.stored_size, f.stored_mtime_ns, f.stored_device, f.stored_inode, f.attempts, f.next_attempt_at, f.failure";

    /// <summary>How many <see cref="Columns"/> there are: the number of the first column after them.</summary>
    public const int ColumnCount = 24;

    public static LedgerEntry Read(NpgsqlDataReader row, PostgresNames names, string route)
    {
        var fingerprint = ReadFingerprint(row, 1);
        return new LedgerEntry(
            route,
            SourcePath.FromBytes(row.GetFieldValue<byte[]>(0)),
            fingerprint,
            (FileProgress)row.GetInt16(5),
            ReadStored(row, names, fingerprint),
            row.IsDBNull(21) ? null : new Trouble(row.GetInt32(21), LedgerTime.ToTime(row.GetInt64(22)), FailureJson.Read(row.GetString(23))),
            LedgerTime.ToTime(row.GetInt64(6)));
    }

    /// <summary>The four numbers of a fingerprint from the given column on.</summary>
    public static Fingerprint ReadFingerprint(NpgsqlDataReader row, int first) =>
        new(row.GetInt64(first), row.GetInt64(first + 1), unchecked((ulong)row.GetInt64(first + 2)), unchecked((ulong)row.GetInt64(first + 3)));

    /// <summary>MD5, CRC-32C and SHA-256 from the given column on.</summary>
    public static DigestSet ReadDigests(NpgsqlDataReader row, int first) => new(Digest(row, first), Digest(row, first + 1), Digest(row, first + 2));

    private static StoredVersion? ReadStored(NpgsqlDataReader row, PostgresNames names, Fingerprint current)
    {
        if (row.IsDBNull(7))
        {
            return null;
        }

        var (store, bucket) = names.BucketOf(row, 7, 8, 9);
        return new StoredVersion(
            row.IsDBNull(17) ? current : ReadFingerprint(row, 17),
            store,
            new ObjectAddress(bucket, SourcePath.FromBytes(row.GetFieldValue<byte[]>(10))),
            Digest(row, 11)!,
            ReadDigests(row, 12),
            row.IsDBNull(15) ? null : StoredText.ToName(row.GetFieldValue<byte[]>(15)),
            LedgerTime.ToTime(row.GetInt64(16)));
    }

    private static string? Digest(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : StoredText.ToDigest(row.GetFieldValue<byte[]>(column));
}
