namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Storage.Ledgers;
using Npgsql;

/// <summary>The numbered scripts that make the shared schema. Many nodes may start at once: one applies, the others wait for it.</summary>
internal static class PostgresMigrations
{
    // Names our advisory lock among those of other programs in the same database: "AkPL".
    private const int LockClass = 0x416B504C;

    /// <summary>How long a statement may take, the wait for the node that migrates included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>All scripts, by number, from 1 on without a gap.</summary>
    public static IReadOnlyList<Migration> All { get; } = Migration.Load("PostgreSql.Migrations.");

    /// <summary>Brings the schema up to date where it may, and refuses what is no ledger, or one of a newer program. Writes nothing when all is as it should be.</summary>
    public static async Task PrepareAsync(NpgsqlConnection connection, PostgresPlace place, bool mayMigrate, CancellationToken cancellation)
    {
        var version = await InspectAsync(connection, place, cancellation);
        if (version == All.Count)
        {
            return;
        }

        if (!mayMigrate)
        {
            throw version == 0 ? PostgresFailures.NoLedger(place) : PostgresFailures.TooOld(place, version, All.Count);
        }

        try
        {
            await ApplyAsync(connection, place, cancellation);
        }
        catch (PostgresException e) when (e.SqlState == "42501")
        {
            throw PostgresFailures.MayNotMigrate(place, version, All.Count, e);
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, PostgresPlace place, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, "SELECT pg_advisory_xact_lock($1, hashtext($2))", cancellation, LockClass, place.Schema);
        var version = await InspectAsync(connection, place, cancellation);
        if (version == 0)
        {
            // Asked first, because IF NOT EXISTS wants the right to create even where the schema exists.
            await using (var find = Command(connection, "SELECT 1 FROM pg_namespace WHERE nspname = $1", place.Schema))
            {
                if (await find.ExecuteScalarAsync(cancellation) is null)
                {
                    await RunAsync(connection, $"CREATE SCHEMA {place.Schema}", cancellation);
                }
            }

            await RunAsync(connection, "CREATE TABLE migration (number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())", cancellation);
        }

        foreach (var migration in All.Skip(version))
        {
            await RunAsync(connection, migration.Sql, cancellation);
            await RunAsync(connection, "INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)", cancellation, migration.Number, migration.Name, migration.Checksum);
        }

        await transaction.CommitAsync(cancellation);
    }

    private static async Task<int> InspectAsync(NpgsqlConnection connection, PostgresPlace place, CancellationToken cancellation)
    {
        await using (var find = Command(connection,
            "SELECT bool_or(c.relname = 'migration'), count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')", place.Schema))
        {
            await using var row = await find.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            if (row.IsDBNull(0) || !row.GetBoolean(0))
            {
                return row.GetInt64(1) == 0 ? 0 : throw PostgresFailures.Foreign(place);
            }
        }

        // With its schema: without the right to look into that, the name alone would be unknown instead of forbidden.
        var version = 0;
        await using var list = Command(connection, $"SELECT number, checksum FROM {place.Schema}.migration ORDER BY number");
        await using var rows = await list.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            version = rows.GetInt32(0);
            if (version <= All.Count && All[version - 1] is var known && known.Checksum != rows.GetString(1))
            {
                throw PostgresFailures.OtherMigration(place, known.Name);
            }
        }

        return version <= All.Count ? version : throw PostgresFailures.TooNew(place, version, All.Count);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)Patience.TotalSeconds };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
