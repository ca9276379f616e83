namespace Akka.Pipeline.Storage.Sqlite;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using SQLitePCL;

/// <summary>What SQLite's result codes (sqlite.org/rescode.html, 2026-11) mean for an operator.</summary>
internal static class SqliteFailures
{
    private const string MoveAway = "Move it away together with its -wal and -shm files and start again: the next walk finds what is left, the store says what has arrived, nothing is lost.";

    public static LedgerException From(SqliteException exception, string file)
    {
        // The index of the log is made longer by SQLite itself, and that fails for want of space only.
        var result = exception.ExtendedCode == raw.SQLITE_IOERR_SHMSIZE ? raw.SQLITE_FULL : exception.Code;
        var (nature, code, cause, cure) = result switch
        {
            raw.SQLITE_CORRUPT => (FailureNature.Lasting, "LedgerCorrupt", $"The ledger {file} is damaged", MoveAway),
            raw.SQLITE_NOTADB => (FailureNature.Lasting, "LedgerCorrupt", $"The ledger {file} is damaged or was never a ledger: its header is not SQLite's", MoveAway),
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => (FailureNature.Lasting, "LedgerReadOnly", $"The ledger {file} cannot be written",
                "Give the user of this process the right to write the file and its folder, and see that the file system is not mounted read-only."),
            raw.SQLITE_CANTOPEN => (FailureNature.Lasting, "LedgerCannotOpen", $"The ledger {file} cannot be opened",
                "See that its folder exists, that the user of this process may write there, and that the file is a regular file."),
            raw.SQLITE_FULL => (FailureNature.Lasting, "LedgerFull", $"No space is left for the ledger {file}",
                "Free space on its disk, or raise the quota; meanwhile no local file is removed."),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (FailureNature.Passing, "LedgerBusy", $"Another process holds the ledger {file} for writing",
                "It is tried again; if it stays so, end the other process that has the file open (a database browser, a backup)."),
            raw.SQLITE_IOERR => (FailureNature.Lasting, "LedgerIo", $"The disk failed to read or write the ledger {file}",
                "See the kernel's log for errors of this disk; if the file is lost, move it away: nothing else is lost with it."),
            raw.SQLITE_NOMEM => (FailureNature.Passing, "LedgerMemory", $"No memory was left to work on the ledger {file}", "Give the process more memory."),
            _ => (FailureNature.Lasting, "LedgerSqlite", $"The ledger {file} failed", "This is not expected: please report it with this message."),
        };

        return Create(nature, code, $"{cause} ({exception.Message.TrimEnd('.')}, code {exception.ExtendedCode}).", cure, exception);
    }

    /// <summary>Whether more space on the disk could help: SQLite calls some of these failures an error of the disk, a used-up quota among them.</summary>
    public static bool MayLackSpace(LedgerException failed) => failed.Failure.Code is "LedgerFull" or "LedgerIo" or "LedgerCannotOpen";

    public static LedgerException NoFolder(string file) => Create(FailureNature.Lasting, "LedgerCannotOpen",
        $"The ledger {file} cannot be opened: its folder does not exist.", "Make the folder, or name another data folder.");

    public static LedgerException NoLedger(string file) => Create(FailureNature.Lasting, "LedgerMissing",
        $"There is no ledger {file}.", "Name the data folder that the daemon uses; if it never ran, there is nothing to look at yet.");

    public static LedgerException Foreign(string file) => Create(FailureNature.Lasting, "LedgerForeign",
        $"The file {file} is a database of another program, not a ledger.", "Name another data folder, or move the file away.");

    public static LedgerException TooNew(string file, long found, long known) => Create(FailureNature.Lasting, "LedgerTooNew",
        $"The ledger {file} has version {found}; this program knows up to version {known}.", "Use the newer program that wrote it; or move the file away to start a new ledger.");

    public static LedgerException TooOld(string file, long found, long known) => Create(FailureNature.Lasting, "LedgerTooOld",
        $"The ledger {file} has version {found}; this program needs version {known}.", "Start the daemon of this program's version once: it brings the ledger up to date.");

    public static LedgerException OtherMigration(string file, string name) => Create(FailureNature.Lasting, "LedgerMigrationDiffers",
        $"The ledger {file} was made with another text of {name} than this program holds.", "Use the program that wrote it; or move the file away to start a new ledger.");

    public static LedgerException NoWal(string file, string mode) => Create(FailureNature.Lasting, "LedgerFileSystem",
        $"The file system of the ledger {file} allows no write-ahead log (journal mode is {mode}).", "Put the data folder on a local disk.");

    private static LedgerException Create(FailureNature nature, string code, string cause, string cure, Exception? inner = null) =>
        new(new Failure(FailureScope.Node, nature, code, cause, cure), inner);
}
