namespace Akka.Pipeline.Storage.Sqlite;

using System.Buffers;
using System.Text;
using Akka.Pipeline.Core.Files;
using SQLitePCL;

/// <summary>
/// A prepared statement. It stands below ADO.NET, which allocates a reader and looks parameters up by
/// name at every execution: at a few microseconds a row that is most of the time. Not for use by two threads at once.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private byte[] buffer = new byte[512];

    public SqliteStatement(sqlite3 database, string sql)
    {
        this.database = database;
        var code = raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement);
        SqliteException.ThrowUnlessOk(code, database);
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, long? value) => value is { } known ? Bind(parameter, known) : BindNull(parameter);

    /// <summary>Binds a path or key as the bytes that it stands for.</summary>
    /// <exception cref="ArgumentException">The string stands for no bytes (see <see cref="SourcePath"/>).</exception>
    public SqliteStatement BindBytesOf(int parameter, string path)
    {
        // A UTF-16 unit is at most three bytes.
        Reserve(3 * path.Length);
        return BindBlob(parameter, buffer.AsSpan(0, SourcePath.ToBytes(path, buffer)));
    }

    /// <summary>Binds lower-case hex as half as many bytes, anything else as text.</summary>
    public SqliteStatement BindHex(int parameter, string? value)
    {
        if (value is null)
        {
            return BindNull(parameter);
        }

        if (value.Length is 0 or > 512 || value.Length % 2 != 0 || value.AsSpan().ContainsAnyExcept(HexDigits))
        {
            return BindText(parameter, value);
        }

        Span<byte> bytes = stackalloc byte[256];
        _ = Convert.FromHexString(value, bytes, out _, out var written);
        return BindBlob(parameter, bytes[..written]);
    }

    public SqliteStatement BindText(int parameter, string? value)
    {
        if (value is null)
        {
            return BindNull(parameter);
        }

        Check(raw.sqlite3_bind_text(statement, parameter, value));
        return this;
    }

    public SqliteStatement BindBlob(int parameter, ReadOnlySpan<byte> bytes)
    {
        Check(raw.sqlite3_bind_blob(statement, parameter, bytes));
        return this;
    }

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        if (code != raw.SQLITE_DONE)
        {
            Check(code);
        }

        return false;
    }

    /// <summary>Runs it to its end and makes it ready for the next use.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(database);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Ends the execution; must follow every <see cref="Step"/> that was not the last.</summary>
    public void Reset() => _ = raw.sqlite3_reset(statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(statement, column);

    public string Path(int column) => SourcePath.FromBytes(Bytes(column));

    /// <summary>The opposite of <see cref="BindHex"/>.</summary>
    public string? Hex(int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_BLOB => Convert.ToHexStringLower(Bytes(column)),
        _ => Encoding.UTF8.GetString(Bytes(column)),
    };

    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(Bytes(column));

    public void Dispose() => statement.Dispose();

    private SqliteStatement BindNull(int parameter)
    {
        Check(raw.sqlite3_bind_null(statement, parameter));
        return this;
    }

    private void Reserve(int bytes)
    {
        if (buffer.Length < bytes)
        {
            buffer = new byte[Math.Max(bytes, buffer.Length * 2)];
        }
    }

    private void Check(int code) => SqliteException.ThrowUnlessOk(code, database);
}
