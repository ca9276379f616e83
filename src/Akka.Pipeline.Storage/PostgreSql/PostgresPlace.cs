namespace Akka.Pipeline.Storage.PostgreSql;

using Npgsql;

/// <summary>Where the shared database is: what the setting says, and words for messages, which never hold the password.</summary>
internal sealed class PostgresPlace
{
    private const string DefaultSchema = "akka_pipeline";

    // A node that was cut off must not hold locks for the two hours that TCP waits by itself. All that is asked here goes from a few keys into an index; without statistics,
    // which a new table has not, the planner would rather read it whole, again and again (pruning 500,000 files took 48 s instead of 2).
    private const string SessionOptions =
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_in_transaction_session_timeout=30000 -c client_min_messages=warning "
        + "-c enable_seqscan=off -c enable_material=off -c enable_hashjoin=off -c enable_mergejoin=off -c max_parallel_workers_per_gather=0 -c jit=off";

    private PostgresPlace(NpgsqlConnectionStringBuilder connection)
    {
        Connection = connection;
        Schema = connection.SearchPath!;
        Name = $"database {connection.Database} at {connection.Host}:{connection.Port}, schema {Schema}";
    }

    /// <summary>All that a connection needs, the password among it.</summary>
    public NpgsqlConnectionStringBuilder Connection { get; }

    /// <summary>The schema that holds our tables.</summary>
    public string Schema { get; }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Reads a setting: `postgres://user:password@host:port/database?sslmode=require`, or Npgsql's `Host=...;Username=...`.</summary>
    /// <exception cref="Core.Ledger.LedgerException">It is neither. The message repeats nothing of it.</exception>
    public static PostgresPlace Parse(string setting)
    {
        NpgsqlConnectionStringBuilder connection;
        try
        {
            connection = setting.StartsWith("postgres://", StringComparison.Ordinal) || setting.StartsWith("postgresql://", StringComparison.Ordinal)
                ? FromUri(new Uri(setting))
                : new NpgsqlConnectionStringBuilder(setting);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            // Not as the inner exception: its message may hold a piece of the password.
            throw PostgresFailures.NoSetting();
        }

        if (string.IsNullOrEmpty(connection.Host))
        {
            throw PostgresFailures.NoSetting();
        }

        // A user of the same name as the role has a database of that name by PostgreSQL's own rule.
        connection.Database ??= connection.Username ?? "postgres";
        connection.SearchPath ??= DefaultSchema;
        if (connection.SearchPath.Length is 0 or > 63 || connection.SearchPath.Any(c => c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_')))
        {
            throw PostgresFailures.BadSchema();
        }

        connection.ApplicationName ??= "akka-pipeline";
        connection.PersistSecurityInfo = false;
        connection.IncludeErrorDetail = false;
        SetUnlessGiven(connection, "Max Auto Prepare", 100);
        SetUnlessGiven(connection, "Auto Prepare Min Usages", 2);
        SetUnlessGiven(connection, "Timeout", 10);
        SetUnlessGiven(connection, "Command Timeout", 30);
        SetUnlessGiven(connection, "Maximum Pool Size", 8);

        connection.Options ??= SessionOptions;
        return new PostgresPlace(connection);
    }

    private static void SetUnlessGiven(NpgsqlConnectionStringBuilder connection, string keyword, int value)
    {
        if (!connection.ShouldSerialize(keyword))
        {
            connection[keyword] = value;
        }
    }

    private static NpgsqlConnectionStringBuilder FromUri(Uri uri)
    {
        var user = uri.UserInfo.Split(':', 2);
        var connection = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost.Trim('[', ']') };
        if (uri.Port > 0)
        {
            connection.Port = uri.Port;
        }

        if (user[0].Length > 0)
        {
            connection.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length > 1)
        {
            connection.Password = Uri.UnescapeDataString(user[1]);
        }

        if (uri.AbsolutePath.Length > 1)
        {
            connection.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (keyword, value) = pair.Split('=', 2) is [var k, var v] ? (Uri.UnescapeDataString(k), Uri.UnescapeDataString(v)) : throw new FormatException();

            // libpq's names (postgresql.org/docs/15/libpq-connect.html, 2026-11), which Npgsql writes otherwise.
            connection[keyword switch
            {
                "sslmode" => "SSL Mode",
                "sslrootcert" => "Root Certificate",
                "sslcert" => "SSL Certificate",
                "sslkey" => "SSL Key",
                "connect_timeout" => "Timeout",
                "application_name" => "Application Name",
                "options" => "Options",
                _ => keyword,
            }] = keyword == "sslmode" ? value.Replace("-", string.Empty, StringComparison.Ordinal) : value;
        }

        return connection;
    }
}
