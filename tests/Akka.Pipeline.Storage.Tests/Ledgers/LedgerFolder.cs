namespace Akka.Pipeline.Storage.Tests.Ledgers;

/// <summary>A folder of its own for a test's ledger file, removed at the end.</summary>
internal sealed class LedgerFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ledger-").FullName;

    public string Ledger => System.IO.Path.Combine(Path, "ledger.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
