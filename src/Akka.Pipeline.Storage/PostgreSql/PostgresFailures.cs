namespace Akka.Pipeline.Storage.PostgreSql;

using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Npgsql;

/// <summary>What PostgreSQL's error codes (postgresql.org/docs/15/errcodes-appendix.html, 2026-11) and broken connections mean for an operator.</summary>
internal static class PostgresFailures
{
    private const string NewSchema = "Name another schema in the database setting (Search Path), or drop this one: the next walk finds what is left, the store says what has arrived, nothing is lost.";

    /// <summary>True when the connection is gone, or the server is about to end or to start: another connection may do better.</summary>
    public static bool IsConnectionLost(Exception exception) => exception switch
    {
        PostgresException e => e.SqlState is "57P01" or "57P02" or "57P03" or "57P05" or "25006" || e.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException e => e.InnerException is IOException or SocketException or TimeoutException or ObjectDisposedException || e.InnerException is NpgsqlException inner && IsConnectionLost(inner),
        _ => exception is IOException or SocketException or TimeoutException,
    };

    /// <summary>True when the server undid the transaction because of others: the same can be asked again at once.</summary>
    public static bool IsUndoneByOthers(Exception exception) => exception is PostgresException { SqlState: "40001" or "40P01" };

    public static bool IsOfDatabase(Exception exception) => exception is NpgsqlException or IOException or SocketException or TimeoutException;

    /// <param name="exception">Of Npgsql.</param>
    /// <param name="place">The database in words.</param>
    /// <param name="mayBeDone">A commit had been sent: if no answer came, it may have been carried out.</param>
    public static LedgerException From(Exception exception, PostgresPlace place, bool mayBeDone)
    {
        if (exception is PostgresException answer)
        {
            return From(answer, place, mayBeDone && answer.SqlState.StartsWith("57P", StringComparison.Ordinal));
        }

        // Npgsql tells this from an unreachable server by its words alone.
        if (exception.InnerException is TimeoutException && exception.Message.Contains("pool has been exhausted", StringComparison.Ordinal))
        {
            return Create(FailureNature.Passing, "DatabaseBusy", $"All of this node's connections to the {place.Name} were in use for too long.",
                "It is tried again; if it stays so, raise 'Maximum Pool Size' in the database setting, or look for what makes the server slow.", exception);
        }

        var reason = (exception.InnerException ?? exception).Message.TrimEnd('.');
        if (exception.InnerException is AuthenticationException)
        {
            return Create(FailureNature.Lasting, "DatabaseTls", $"No encrypted connection to the {place.Name} came about ({reason}).",
                "Check 'SSL Mode' and 'Root Certificate' in the database setting against what the server offers.", exception);
        }

        if (!IsConnectionLost(exception))
        {
            return Create(FailureNature.Lasting, "DatabaseConnection", $"The {place.Name} cannot be used ({exception.Message.TrimEnd('.')}).",
                "Check host, port, user, password and encryption in the database setting (pipeline.fleet.database or PIPELINE_DATABASE).", exception);
        }

        return mayBeDone
            ? Create(FailureNature.Passing, "DatabaseAnswerLost", $"The connection to the {place.Name} broke before it answered a commit ({reason}).",
                "It is repeated, which is safe whether or not it was carried out; if it stays so, see that the server runs and can be reached.", exception, mayBeDone: true)
            : Create(FailureNature.Passing, "DatabaseUnreachable", $"The {place.Name} cannot be reached ({reason}).",
                "It is tried again; if it stays so, see that the server runs, that host and port in the database setting are right, and that no firewall is between.", exception);
    }

    public static LedgerException Damaged(PostgresPlace place, Exception inner) => Create(FailureNature.Lasting, "LedgerCorrupt",
        $"A row in the {place.Name} cannot be read ({inner.Message.TrimEnd('.')}).", $"Somebody changed it by hand, or the server's disk is damaged: see the server's log. {NewSchema}", inner);

    public static LedgerException NoSetting() => Create(FailureNature.Lasting, "DatabaseSetting",
        "The database setting (pipeline.fleet.database or PIPELINE_DATABASE) is no connection string.",
        "Write postgres://USER:PASSWORD@HOST:PORT/DATABASE (with %40 for @ and so on), or Host=...;Port=...;Username=...;Password=...;Database=... with quotes around values that hold a semicolon.");

    public static LedgerException BadSchema() => Create(FailureNature.Lasting, "DatabaseSetting",
        "The database setting names a schema (Search Path) that is not one plain name.", "Use 1 to 63 letters a to z, digits and underscores; without it, it is akka_pipeline.");

    public static LedgerException NoLedger(PostgresPlace place) => Create(FailureNature.Lasting, "LedgerMissing",
        $"There is no ledger in the {place.Name}.", "Name the database that the nodes use; if none ever ran, there is nothing to look at yet.");

    public static LedgerException Foreign(PostgresPlace place) => Create(FailureNature.Lasting, "LedgerForeign",
        $"The {place.Name} holds tables of another program, and no ledger.", "Name a schema of its own in the database setting (Search Path).");

    public static LedgerException TooNew(PostgresPlace place, int found, int known) => Create(FailureNature.Lasting, "LedgerTooNew",
        $"The ledger in the {place.Name} has version {found}; this program knows up to version {known}.", "Use the newer program that brought it there, on every node.");

    public static LedgerException TooOld(PostgresPlace place, int found, int known) => Create(FailureNature.Lasting, "LedgerTooOld",
        $"The ledger in the {place.Name} has version {found}; this program needs version {known}.", "Start a node of this program's version once: it brings the ledger up to date.");

    public static LedgerException OtherMigration(PostgresPlace place, string name) => Create(FailureNature.Lasting, "LedgerMigrationDiffers",
        $"The ledger in the {place.Name} was made with another text of {name} than this program holds.", $"Use the program that made it. {NewSchema}");

    public static LedgerException MayNotMigrate(PostgresPlace place, int found, int known, Exception inner) => Create(FailureNature.Lasting, "LedgerMayNotMigrate",
        $"The ledger in the {place.Name} has version {found}, this program needs version {known}, and the role of the database setting may not make tables there.",
        "Start one node with a role that owns the schema (or has CREATE on the database), then grant the nodes' role what Grants.sql lists.", inner);

    private static LedgerException From(PostgresException answer, PostgresPlace place, bool mayBeDone)
    {
        var (nature, code, cause, cure) = answer.SqlState switch
        {
            "57P01" or "57P02" or "57P03" or "57P05" => (FailureNature.Passing, "DatabaseRestarting", $"The server of the {place.Name} is ending or starting", "It is tried again."),
            "25006" => (FailureNature.Passing, "DatabaseReadOnly", $"The {place.Name} takes no writes now", "It is tried again; if it stays so, name the primary server, not a standby."),
            "53300" => (FailureNature.Passing, "DatabaseFull", $"The server of the {place.Name} has no connection left", "It is tried again; raise max_connections there, or lower 'Maximum Pool Size' in the database setting."),
            "53100" => (FailureNature.Lasting, "LedgerFull", $"No disk space is left for the {place.Name}", "Free space on the server; meanwhile no local file is removed."),
            "53200" => (FailureNature.Passing, "LedgerMemory", $"The server of the {place.Name} is out of memory", "It is tried again; give the server more memory."),
            "57014" or "55P03" => (FailureNature.Passing, "LedgerBusy", $"The {place.Name} did not answer in time", "It is tried again; if it stays so, look for long transactions there (pg_stat_activity)."),
            "3D000" => (FailureNature.Lasting, "DatabaseMissing", $"There is no {place.Name}", "Create the database, or name another one in the database setting."),
            "42501" => (FailureNature.Lasting, "DatabaseRights", $"The role of the database setting may not do this in the {place.Name}", "Grant it what Grants.sql lists."),
            "42P01" or "42883" or "42703" or "3F000" => (FailureNature.Lasting, "LedgerForeign", $"The {place.Name} lacks a table, column or function of the ledger", $"Somebody changed it by hand. {NewSchema}"),
            "XX001" or "XX002" => (FailureNature.Lasting, "LedgerCorrupt", $"The {place.Name} is damaged", $"Restore it from a backup. {NewSchema}"),
            _ => answer.SqlState[..2] switch
            {
                "28" => (FailureNature.Lasting, "DatabaseRefused", $"The server of the {place.Name} refuses the user or the password", "Check both in the database setting, and pg_hba.conf on the server."),
                "08" => (FailureNature.Passing, "DatabaseUnreachable", $"The connection to the {place.Name} broke", "It is tried again."),
                "40" => (FailureNature.Passing, "LedgerBusy", $"Other nodes kept the {place.Name} busy", "It is tried again."),
                "53" or "58" => (FailureNature.Passing, "DatabaseFull", $"The server of the {place.Name} lacks a resource", "It is tried again; see the server's log."),
                _ => (FailureNature.Lasting, "LedgerSql", $"The {place.Name} failed", "This is not expected: please report it with this message."),
            },
        };

        return Create(nature, code, $"{cause} ({answer.MessageText.TrimEnd('.')}, code {answer.SqlState}).", cure, answer, mayBeDone);
    }

    private static LedgerException Create(FailureNature nature, string code, string cause, string cure, Exception? inner = null, bool mayBeDone = false) =>
        new(new Failure(FailureScope.Node, nature, code, cause, cure, OutcomeUnknown: mayBeDone), inner);
}
