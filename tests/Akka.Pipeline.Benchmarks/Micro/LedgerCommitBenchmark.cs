namespace Akka.Pipeline.Benchmarks.Micro;

using Akka.Pipeline.Benchmarks.Ledgers;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Sqlite;
using BenchmarkDotNet.Attributes;

/// <summary>A commit of new files, stored and done at once: on SQLite, in the temporary folder.</summary>
public class LedgerCommitBenchmark
{
    private DirectoryInfo _folder = null!;
    private SqliteLedger _ledger = null!;
    private int _next;

    [Params(16, 256, 1024)]
    public int Files { get; set; }

    // BenchmarkDotNet 0.14 waits for a setup only if it does not return a task, when it runs in this process.
    [GlobalSetup]
    public void Start()
    {
        _folder = Directory.CreateTempSubdirectory("ledger-benchmark-");
        _ledger = SqliteLedger.OpenAsync(Path.Combine(_folder.FullName, "ledger.db"), LedgerAccess.ReadWrite, CancellationToken.None).GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void Stop()
    {
        _ledger.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    [Benchmark]
    public async Task Commit()
    {
        await LedgerBenchmark.CommitAsync(_ledger, _next, Files);
        _next += Files;
    }
}
