namespace Akka.Pipeline.Storage.Sqlite;

using Akka.Pipeline.Core.Ledger;
using SQLitePCL;

/// <summary>The steps of opening a ledger file.</summary>
internal static class SqliteOpening
{
    // Of the node's memory budget. Enough for the upper levels of the trees and the folders in work; the kernel caches the rest of the file anyway.
    // Caches that held the whole ledger of 200,000 files cost 21 to 29 MiB more and made uploading them no faster (src/DECISIONS.md).
    private const int WriterCacheKiB = 8 << 10;
    private const int LookupCacheKiB = 4 << 10;
    private const int ListingCacheKiB = 2 << 10;

    // Pages are copied from the log into the file when the log holds this many. SQLite's 1,000 would do it at every larger commit, and write
    // the same pages again and again.
    public const int CheckpointPages = 8_192;

    /// <summary>The same while the disk is full: the log stays short, and is written over instead of growing.</summary>
    public const int SparingCheckpointPages = 256;

    // What the log is cut to after it was emptied, should one huge commit have made it longer.
    private const long LogBytes = 64L << 20;

    public static T Open<T>(string file, LedgerAccess access, TimeSpan busyTimeout, Func<SqliteSession, SqliteSession, SqliteSession, LedgerReserve?, T> create)
    {
        file = Path.GetFullPath(file);
        if (access != LedgerAccess.ReadWrite)
        {
            return OpenSessions(file, access, busyTimeout, (writer, lookups, listings) => create(writer, lookups, listings, null));
        }

        var reserve = new LedgerReserve(file);
        while (true)
        {
            try
            {
                var ledger = OpenSessions(file, access, busyTimeout, (writer, lookups, listings) => create(writer, lookups, listings, reserve));
                reserve.Fill();
                return ledger;
            }
            catch (LedgerException failed) when (SqliteFailures.MayLackSpace(failed) && reserve.Release())
            {
                // Once more, with the space that was kept for this.
            }
        }
    }

    private static T OpenSessions<T>(string file, LedgerAccess access, TimeSpan busyTimeout, Func<SqliteSession, SqliteSession, SqliteSession, T> create)
    {
        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw SqliteFailures.NoFolder(file);
        }

        if (access == LedgerAccess.Operator && !File.Exists(file))
        {
            throw SqliteFailures.NoLedger(file);
        }

        var sessions = new List<SqliteSession>();
        try
        {
            var mode = access == LedgerAccess.ReadWrite ? SqliteAccess.MakeOrWrite : SqliteAccess.Write;
            var writer = Add(SqliteSession.Open(file, mode, busyTimeout, WriterCacheKiB));
            Prepare(writer, access);
            var lookups = Add(SqliteSession.Open(file, SqliteAccess.Read, busyTimeout, LookupCacheKiB));
            var listings = Add(SqliteSession.Open(file, SqliteAccess.Read, busyTimeout, ListingCacheKiB));
            return create(writer, lookups, listings);
        }
        catch (Exception e)
        {
            sessions.ForEach(session => session.Close());
            if (e is SqliteException failure)
            {
                throw SqliteFailures.From(failure, file);
            }

            throw;
        }

        SqliteSession Add(SqliteSession session)
        {
            sessions.Add(session);
            return session;
        }
    }

    private static void Prepare(SqliteSession writer, LedgerAccess access)
    {
        var version = SqliteMigrations.Inspect(writer);
        if (access == LedgerAccess.Operator)
        {
            if (version < SqliteMigrations.All.Count)
            {
                throw SqliteFailures.TooOld(writer.File, version, SqliteMigrations.All.Count);
            }
        }
        else
        {
            var journal = writer.Scalar("PRAGMA journal_mode = WAL");
            if (journal != "wal")
            {
                throw SqliteFailures.NoWal(writer.File, journal ?? "none");
            }

            // SQLite opens a file that it may not write for reading, and BEGIN says nothing either: without this the first commit would tell.
            if (raw.sqlite3_db_readonly(writer.Database, "main") != 0)
            {
                throw new SqliteException("the file is write-protected", raw.SQLITE_READONLY);
            }

            SqliteMigrations.Apply(writer, version);
        }

        // Why FULL: see SqliteLedger.
        writer.Execute("PRAGMA synchronous = FULL");
        writer.Execute($"PRAGMA wal_autocheckpoint = {CheckpointPages}");
        writer.Execute($"PRAGMA journal_size_limit = {LogBytes}");
    }
}
