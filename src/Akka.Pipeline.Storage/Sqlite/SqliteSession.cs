namespace Akka.Pipeline.Storage.Sqlite;

using System.Diagnostics;
using SQLitePCL;

/// <summary>What a connection may do; the values are SQLite's flags for opening.</summary>
internal enum SqliteAccess
{
    Read = raw.SQLITE_OPEN_READONLY,
    Write = raw.SQLITE_OPEN_READWRITE,
    MakeOrWrite = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE,
}

/// <summary>
/// One connection with its prepared statements, used by one piece of work at a time, on the thread pool: SQLite blocks.
/// </summary>
internal sealed class SqliteSession : IAsyncDisposable
{
    // SQLite's own waiting falls back to a look every 100 ms, and would starve beside a process that commits without a pause.
    private static readonly TimeSpan BusyPoll = TimeSpan.FromMilliseconds(1);

    private readonly TimeSpan busyTimeout;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Dictionary<string, SqliteStatement> statements = new(StringComparer.Ordinal);
    private bool disposed;

    static SqliteSession() => Batteries_V2.Init();

    private SqliteSession(string file, sqlite3 database, TimeSpan busyTimeout)
    {
        this.busyTimeout = busyTimeout;
        File = file;
        Database = database;
        Names = new SqliteNames(this);
    }

    public string File { get; }

    /// <summary>SQLite's own handle.</summary>
    public sqlite3 Database { get; }

    public SqliteNames Names { get; }

    /// <summary>Opens a connection; blocks. SQLite reads the file at the first statement, not here.</summary>
    /// <param name="file">The database.</param>
    /// <param name="access">Whether to make the file, to write it, or only to read it.</param>
    /// <param name="busyTimeout">How long a statement waits for the lock of another process.</param>
    /// <param name="cacheKiB">Memory for pages, in KiB.</param>
    public static SqliteSession Open(string file, SqliteAccess access, TimeSpan busyTimeout, int cacheKiB)
    {
        // Not a memory map: a disk error or a file cut short by another program would end the process by SIGBUS instead of as an error.
        var code = raw.sqlite3_open_v2(file, out var database, (int)access, vfs: null);
        try
        {
            SqliteException.ThrowUnlessOk(code, database);
            _ = raw.sqlite3_extended_result_codes(database, 1);
            _ = raw.sqlite3_busy_timeout(database, (int)busyTimeout.TotalMilliseconds);
            var session = new SqliteSession(file, database, busyTimeout);
            session.Execute($"PRAGMA cache_size = -{cacheKiB}");
            session.Execute("PRAGMA foreign_keys = ON");
            if (access == SqliteAccess.Read)
            {
                session.Execute("PRAGMA query_only = ON");
            }

            return session;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The statement of this text, prepared once and kept.</summary>
    public SqliteStatement Prepared(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            statement = Once(sql);
            statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>A statement for one use; its parameters are NULL until bound.</summary>
    public SqliteStatement Once(string sql) => new(Database, sql);

    /// <summary>Runs statements without parameters and results.</summary>
    public void Execute(string sql) => SqliteException.ThrowUnlessOk(raw.sqlite3_exec(Database, sql), Database);

    /// <summary>One number or text; null where there is no row.</summary>
    public string? Scalar(string sql)
    {
        using var statement = Once(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>Runs work on the thread pool, alone on this connection, with one unchanging view of the data.</summary>
    /// <exception cref="Core.Ledger.LedgerException">SQLite failed.</exception>
    public Task<T> ReadAsync<T>(Func<T> work, CancellationToken cancellation) =>
        AloneAsync(() => Task.Run(() => Read(work), CancellationToken.None), cancellation);

    /// <summary>As <see cref="ReadAsync"/>, in a transaction that is committed when the work returns and undone when it throws.</summary>
    public Task<T> WriteAsync<T>(Func<T> work, CancellationToken cancellation) =>
        AloneAsync(
            async () =>
            {
                var since = Stopwatch.GetTimestamp();
                while (true)
                {
                    var (begun, result) = await Task.Run(() => TryBegin() ? (true, Write(work)) : (false, default(T)!), CancellationToken.None);
                    if (begun)
                    {
                        return result;
                    }

                    if (Stopwatch.GetElapsedTime(since) > busyTimeout)
                    {
                        throw new SqliteException($"locked for {busyTimeout.TotalSeconds} s", raw.SQLITE_BUSY);
                    }

                    await Task.Delay(BusyPoll, cancellation);
                }
            },
            cancellation);

    /// <summary>Runs statements that want no transaction around them.</summary>
    /// <exception cref="Core.Ledger.LedgerException">SQLite failed.</exception>
    public Task ExecuteAsync(string sql, CancellationToken cancellation) =>
        AloneAsync(
            () => Task.Run(
                () =>
                {
                    Execute(sql);
                    return true;
                },
                CancellationToken.None),
            cancellation);

    public async ValueTask DisposeAsync()
    {
        await gate.WaitAsync();
        try
        {
            if (!disposed)
            {
                disposed = true;
                await Task.Run(Close);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Closes at once, for an opening that failed.</summary>
    public void Close()
    {
        disposed = true;
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
        Database.Dispose();
    }

    private async Task<T> AloneAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return await work();
        }
        catch (SqliteException e)
        {
            throw SqliteFailures.From(e, File);
        }
        finally
        {
            gate.Release();
        }
    }

    private T Read<T>(Func<T> work)
    {
        Prepared("BEGIN").Run();
        try
        {
            return work();
        }
        finally
        {
            Abandon();
        }
    }

    /// <summary>False while another process holds the lock.</summary>
    private bool TryBegin()
    {
        // IMMEDIATE takes the lock at the start: one that is taken at the first write can fail without a chance to wait for it.
        _ = raw.sqlite3_busy_timeout(Database, 0);
        try
        {
            Prepared("BEGIN IMMEDIATE").Run();
            return true;
        }
        catch (SqliteException e) when (e.Code == raw.SQLITE_BUSY)
        {
            return false;
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(Database, (int)busyTimeout.TotalMilliseconds);
        }
    }

    private T Write<T>(Func<T> work)
    {
        try
        {
            var result = work();
            Prepared("COMMIT").Run();
            return result;
        }
        catch
        {
            Abandon();
            Names.Forget();
            throw;
        }
    }

    private void Abandon()
    {
        // SQLite has ended the transaction by itself after some errors (a full disk).
        if (raw.sqlite3_get_autocommit(Database) == 0)
        {
            Execute("ROLLBACK");
        }
    }
}
