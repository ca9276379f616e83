namespace Akka.Pipeline.Storage.PostgreSql;

using System.Runtime.CompilerServices;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Sqlite;
using Npgsql;

/// <summary>
/// The database that a fleet shares: a few connections, kept through restarts of the server. Thread-safe; <see cref="PostgresLedger"/> stands on it.
/// </summary>
/// <remarks>
/// The role that runs the migrations owns the schema. The nodes' role needs no more than what Grants.sql (embedded beside the migrations) lists:
/// CONNECT on the database, USAGE of the schema, SELECT, INSERT, UPDATE, DELETE on its tables (SELECT only on migration), EXECUTE on its functions.
/// The server must be PostgreSQL 15 or newer, and be reached directly: a pooler that hands connections from transaction to transaction carries neither LISTEN nor our session settings.
/// </remarks>
public sealed class PostgresDatabase : IAsyncDisposable
{
    // Idle connections of a server that was restarted fail one after another; all are dropped at the first, so the third attempt means trouble.
    private const int Attempts = 3;

    // Over Npgsql's own time-outs, so that these come first where they work.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    // Connections for renewals: more than one, because one that was given up may be busy for a while.
    private const int UrgentConnections = 3;

    private readonly NpgsqlDataSource source;
    private readonly NpgsqlDataSource urgent;
    private readonly TimeSpan limit;

    private PostgresDatabase(PostgresPlace place)
    {
        Place = place;
        source = NpgsqlDataSource.Create(place.Connection);
        urgent = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(place.Connection.ConnectionString) { MaxPoolSize = UrgentConnections, MinPoolSize = 0 });
        limit = place.Connection.CommandTimeout > 0 ? TimeSpan.FromSeconds(place.Connection.CommandTimeout) + Margin : Timeout.InfiniteTimeSpan;
        Names = new PostgresNames();
    }

    /// <summary>Host, port, database and schema, for messages; without the password.</summary>
    public string Name => Place.Name;

    internal PostgresPlace Place { get; }

    internal PostgresNames Names { get; }

    /// <summary>Connects, and as <see cref="LedgerAccess.ReadWrite"/> brings the schema to this program's version, however many nodes do so at once.</summary>
    /// <param name="setting">`postgres://user:password@host:port/database`, or Npgsql's `Host=...;Username=...`; 'Search Path' names another schema than akka_pipeline.</param>
    /// <param name="access">Whether to make and migrate.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="LedgerException">It cannot be used: unreachable, refused, of a newer program, no right to migrate. A retry helps only where its failure says Passing.</exception>
    public static async Task<PostgresDatabase> OpenAsync(string setting, LedgerAccess access, CancellationToken cancellation)
    {
        var database = new PostgresDatabase(PostgresPlace.Parse(setting));
        try
        {
            await database.RunAsync(
                database.source,
                async (connection, stop) =>
                {
                    await PostgresMigrations.PrepareAsync(connection, database.Place, access == LedgerAccess.ReadWrite, stop);
                    return true;
                },
                isCommit: false,
                PostgresMigrations.Patience + Margin,
                cancellation);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await urgent.DisposeAsync();
    }

    /// <summary>Runs what may be asked twice; a connection that breaks is replaced a few times at once.</summary>
    internal Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        RunAsync(source, work, isCommit: false, limit, cancellation);

    /// <summary>As <see cref="ReadAsync"/>, on a connection of its own: what keeps a session alive does not queue behind its commits.</summary>
    internal Task<T> AtOnceAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        RunAsync(urgent, work, isCommit: false, limit, cancellation);

    /// <summary>
    /// Runs what commits. It is not sent again once it may have been carried out: the failure says OutcomeUnknown then. The token counts only until it is sent,
    /// because a commit that is cancelled may have been carried out all the same.
    /// </summary>
    internal Task<T> WriteAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        RunAsync(source, work, isCommit: true, limit, cancellation);

    private async Task<T> RunAsync<T>(
        NpgsqlDataSource from, Func<NpgsqlConnection, CancellationToken, Task<T>> work, bool isCommit, TimeSpan limit, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            var opened = new StrongBox<bool>();
            try
            {
                return await OnceAsync(from, work, isCommit, opened, limit, cancellation);
            }
            catch (Exception e) when (e is InvalidDataException or System.Text.Json.JsonException)
            {
                throw PostgresFailures.Damaged(Place, e);
            }
            catch (Exception e) when (PostgresFailures.IsOfDatabase(e))
            {
                var lost = PostgresFailures.IsConnectionLost(e);
                if (lost)
                {
                    source.Clear();
                    urgent.Clear();
                }

                // Where no connection comes about, or no answer, another attempt at once would only wait as long again.
                var worthAnother = PostgresFailures.IsUndoneByOthers(e) || (lost && opened.Value && !isCommit && e is not TimeoutException);
                if (attempt >= Attempts || !worthAnother)
                {
                    throw PostgresFailures.From(e, Place, mayBeDone: opened.Value && isCommit);
                }
            }
        }
    }

    /// <summary>
    /// Runs work, and leaves it behind when it takes too long or is cancelled. Npgsql's own giving up asks the server on another connection to cancel, and waits for that without
    /// limit: a server that accepts and never answers (a stopped process) would hold its caller for ever.
    /// </summary>
    private static async Task<T> OnceAsync<T>(
        NpgsqlDataSource from, Func<NpgsqlConnection, CancellationToken, Task<T>> work, bool isCommit, StrongBox<bool> opened, TimeSpan limit, CancellationToken cancellation)
    {
        var giveUp = new CancellationTokenSource();
        var running = RunToEndAsync();
        try
        {
            return await running.WaitAsync(limit, isCommit ? CancellationToken.None : cancellation);
        }
        catch (Exception e) when (!running.IsCompleted && (e is OperationCanceledException or TimeoutException))
        {
            _ = giveUp.CancelAsync();
            _ = running.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        async Task<T> RunToEndAsync()
        {
            await using var connection = await from.OpenConnectionAsync(isCommit ? cancellation : giveUp.Token);
            opened.Value = true;
            return await work(connection, isCommit ? CancellationToken.None : giveUp.Token);
        }
    }
}
