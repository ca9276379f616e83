namespace Akka.Pipeline.Benchmarks.Micro;

using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

/// <summary>Time and allocations of the parts that every file passes: mailbox, ledger, signer, checksum, walk.</summary>
internal static class MicroBenchmarks
{
    private static readonly Type[] All = [typeof(MailboxBenchmark), typeof(LedgerCommitBenchmark), typeof(SignerBenchmark), typeof(ChecksumBenchmark), typeof(WalkBenchmark)];

    /// <param name="filter">Part of a benchmark's name; null: all of them.</param>
    public static int Run(string? filter)
    {
        // In this process: the usual way builds a project of its own for each run, and this solution's settings are not made for that.
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(ConsoleLogger.Default)
            .AddExporter(MarkdownExporter.Console)
            .WithArtifactsPath(Path.Combine(Measuring.Repository.Root, "artifacts", "measured", "micro"))
            .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
        var summaries = BenchmarkSwitcher.FromTypes(All).Run(["--filter", filter is null ? "*" : $"*{filter}*"], config);
        return summaries.Any() ? 0 : 2;
    }
}
