namespace Akka.Pipeline.Storage.Sqlite;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;

/// <summary>How a <see cref="LedgerEntry"/> stands in a row of table file.</summary>
internal static class FileRow
{
    /// <summary>The columns that <see cref="Read"/> takes, in its order; path is apart.</summary>
    public const string Columns =
        "size, mtime_ns, device, inode, progress, updated_at, bucket_id, key, etag, md5, crc32c, sha256, version_id, stored_at, "
        + "stored_size, stored_mtime_ns, stored_device, stored_inode, attempts, next_attempt_at, failure";

    /// <summary>How many <see cref="Columns"/> there are: the number of the first column after them.</summary>
    public const int ColumnCount = 21;

    private const string PutSql =
        "INSERT INTO file (" + Columns + ", route_id, path) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23) "
        + "ON CONFLICT (route_id, path) DO UPDATE SET size = ?1, mtime_ns = ?2, device = ?3, inode = ?4, progress = ?5, updated_at = ?6, bucket_id = ?7, key = ?8, "
        + "etag = ?9, md5 = ?10, crc32c = ?11, sha256 = ?12, version_id = ?13, stored_at = ?14, stored_size = ?15, stored_mtime_ns = ?16, stored_device = ?17, "
        + "stored_inode = ?18, attempts = ?19, next_attempt_at = ?20, failure = ?21, fate = NULL";

    private const string FindSql = "SELECT " + Columns + " FROM file WHERE route_id = ?1 AND path = ?2";

    /// <summary>The entry of a path, or null.</summary>
    public static LedgerEntry? Find(SqliteSession session, long routeId, string route, string path)
    {
        var statement = session.Prepared(FindSql).Bind(1, routeId).BindBytesOf(2, path);
        try
        {
            return statement.Step() ? Read(statement, session.Names, route, path) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Writes an entry over what is known of its path.</summary>
    public static void Put(SqliteSession session, LedgerEntry entry)
    {
        var statement = session.Prepared(PutSql);
        BindFingerprint(statement, 1, entry.Fingerprint)
            .Bind(5, (long)entry.Progress)
            .Bind(6, LedgerTime.From(entry.UpdatedAt));
        var stored = entry.Stored;
        statement.Bind(7, stored is null ? null : session.Names.BucketId(stored.Store, stored.Address.Bucket));
        if (stored is null)
        {
            statement.BindText(8, null);
        }
        else
        {
            statement.BindBytesOf(8, stored.Address.Key);
        }

        statement.BindHex(9, stored?.ETag)
            .BindHex(10, stored?.Digests.Md5)
            .BindHex(11, stored?.Digests.Crc32C)
            .BindHex(12, stored?.Digests.Sha256)
            .BindText(13, stored?.VersionId)
            .Bind(14, stored is null ? null : LedgerTime.From(stored.At));
        if (stored is null || stored.Fingerprint == entry.Fingerprint)
        {
            statement.Bind(15, null).Bind(16, null).Bind(17, null).Bind(18, null);
        }
        else
        {
            BindFingerprint(statement, 15, stored.Fingerprint);
        }

        var trouble = entry.Trouble;
        statement.Bind(19, trouble?.Attempts)
            .Bind(20, trouble is null ? null : LedgerTime.From(trouble.NextAttemptAt))
            .BindText(21, trouble is null ? null : FailureJson.Write(trouble.Failure))
            .Bind(22, session.Names.RouteId(entry.Route))
            .BindBytesOf(23, entry.Path)
            .Run();
    }

    /// <summary>Binds the four numbers of a fingerprint from the given parameter on.</summary>
    public static SqliteStatement BindFingerprint(SqliteStatement statement, int first, Fingerprint fingerprint) => statement
        .Bind(first, fingerprint.SizeBytes)
        .Bind(first + 1, fingerprint.ModifiedUnixNs)
        .Bind(first + 2, unchecked((long)fingerprint.Device))
        .Bind(first + 3, unchecked((long)fingerprint.Inode));

    /// <summary>The opposite of <see cref="BindFingerprint"/>.</summary>
    public static Fingerprint ReadFingerprint(SqliteStatement row, int first) =>
        new(row.Int64(first), row.Int64(first + 1), unchecked((ulong)row.Int64(first + 2)), unchecked((ulong)row.Int64(first + 3)));

    /// <summary>The entry of the row that the statement stands on, whose first columns are <see cref="Columns"/>.</summary>
    public static LedgerEntry Read(SqliteStatement row, SqliteNames names, string route, string path)
    {
        var fingerprint = ReadFingerprint(row, 0);
        return new LedgerEntry(
            route,
            path,
            fingerprint,
            (FileProgress)row.Int64(4),
            ReadStored(row, names, fingerprint),
            row.IsNull(18) ? null : new Trouble((int)row.Int64(18), LedgerTime.ToTime(row.Int64(19)), FailureJson.Read(row.Text(20)!)),
            LedgerTime.ToTime(row.Int64(5)));
    }

    private static StoredVersion? ReadStored(SqliteStatement row, SqliteNames names, Fingerprint current)
    {
        if (row.IsNull(6))
        {
            return null;
        }

        var (store, bucket) = names.Bucket(row.Int64(6));
        return new StoredVersion(
            row.IsNull(14) ? current : ReadFingerprint(row, 14),
            store,
            new ObjectAddress(bucket, row.Path(7)),
            row.Hex(8)!,
            new DigestSet(row.Hex(9), row.Hex(10), row.Hex(11)),
            row.Text(12),
            LedgerTime.ToTime(row.Int64(13)));
    }
}
