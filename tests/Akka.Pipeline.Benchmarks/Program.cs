using Akka.Pipeline.Benchmarks.ActorRuntime;
using Akka.Pipeline.Benchmarks.Ledgers;

switch (args.FirstOrDefault())
{
    case "actors":
        await ActorRuntimeBenchmark.RunAsync();
        return 0;
    case "ledger":
        await LedgerBenchmark.RunAsync();
        return 0;
    default:
        await Console.Error.WriteLineAsync("Name a benchmark: actors, ledger");
        return 2;
}
