namespace Akka.Pipeline.Storage.Sqlite;

/// <summary>What a process wants of a ledger file.</summary>
public enum LedgerAccess
{
    /// <summary>The daemon: makes the file, brings it to this program's version, commits. One process at a time (its caller holds the data folder's lock).</summary>
    ReadWrite,

    /// <summary>A command beside a running daemon: look-ups and <see cref="Core.Ledger.ILedger.RequestRetryAsync"/>. Makes and migrates nothing.</summary>
    Operator,
}
