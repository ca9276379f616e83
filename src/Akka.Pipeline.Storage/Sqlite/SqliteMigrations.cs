namespace Akka.Pipeline.Storage.Sqlite;

using System.Globalization;
using Akka.Pipeline.Storage.Ledgers;

/// <summary>
/// The numbered scripts that make a ledger. Each runs once, in a transaction of its own, and is recorded with its checksum;
/// a released script is never edited.
/// </summary>
internal static class SqliteMigrations
{
    /// <summary>Stands in the file's header (PRAGMA application_id) and tells a ledger from another program's database: "AkPL".</summary>
    private const int ApplicationId = 0x416B504C;

    /// <summary>All scripts, by number, from 1 on without a gap.</summary>
    public static IReadOnlyList<Migration> All { get; } = Migration.Load("Sqlite.Migrations.");

    /// <summary>
    /// Refuses what is no ledger, or a ledger of a newer program. It reads the header, the schema and one small table, so its cost does not
    /// grow with the file; SQLite itself refuses here a file that is shorter than its header says. Damage further inside shows
    /// when the damaged page is read, as the same <see cref="Core.Ledger.LedgerException"/>; a full check reads all and is not worth minutes at every start.
    /// </summary>
    /// <returns>The version of the file; 0 for an empty one.</returns>
    public static int Inspect(SqliteSession session)
    {
        var isEmpty = Number(session, "SELECT COUNT(*) FROM sqlite_master") == 0;
        var application = Number(session, "PRAGMA application_id");
        if (application != ApplicationId && !(isEmpty && application == 0))
        {
            throw SqliteFailures.Foreign(session.File);
        }

        if (isEmpty)
        {
            return 0;
        }

        var version = 0;
        using var statement = session.Once("SELECT number, checksum FROM migration ORDER BY number");
        while (statement.Step())
        {
            version = (int)statement.Int64(0);
            if (version <= All.Count && All[version - 1] is var known && known.Checksum != statement.Text(1))
            {
                throw SqliteFailures.OtherMigration(session.File, known.Name);
            }
        }

        return version <= All.Count ? version : throw SqliteFailures.TooNew(session.File, version, All.Count);
    }

    /// <summary>Brings a ledger of the given version up to date.</summary>
    public static void Apply(SqliteSession session, int version)
    {
        foreach (var migration in All.Skip(version))
        {
            session.Execute("BEGIN IMMEDIATE");
            try
            {
                if (migration.Number == 1)
                {
                    session.Execute($"PRAGMA application_id = {ApplicationId}");
                    session.Execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL)");
                }

                session.Execute(migration.Sql);
                using (var record = session.Once("INSERT INTO migration VALUES (?1, ?2, ?3, CURRENT_TIMESTAMP)"))
                {
                    record.Bind(1, migration.Number).BindText(2, migration.Name).BindText(3, migration.Checksum).Run();
                }

                session.Execute("COMMIT");
            }
            catch
            {
                if (SQLitePCL.raw.sqlite3_get_autocommit(session.Database) == 0)
                {
                    session.Execute("ROLLBACK");
                }

                throw;
            }
        }
    }

    private static long Number(SqliteSession session, string sql) => long.Parse(session.Scalar(sql)!, CultureInfo.InvariantCulture);
}
