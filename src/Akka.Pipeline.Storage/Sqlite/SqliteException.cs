namespace Akka.Pipeline.Storage.Sqlite;

using SQLitePCL;

/// <summary>SQLite failed; the codes are those of sqlite.org/rescode.html (2026-11).</summary>
internal sealed class SqliteException(string message, int extendedCode) : Exception(message)
{
    /// <summary>Among those of its kind.</summary>
    public int ExtendedCode { get; } = extendedCode;

    /// <summary>The kind of failure.</summary>
    public int Code => ExtendedCode & 0xff;

    /// <summary>Throws unless a call went well.</summary>
    public static void ThrowUnlessOk(int code, sqlite3 database)
    {
        if (code == raw.SQLITE_OK)
        {
            return;
        }

        // Misuse leaves no code at the connection.
        var extended = raw.sqlite3_extended_errcode(database);
        throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), (extended & 0xff) == (code & 0xff) ? extended : code);
    }
}
