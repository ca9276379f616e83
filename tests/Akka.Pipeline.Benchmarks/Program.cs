using System.Globalization;
using Akka.Pipeline.Benchmarks.ActorRuntime;
using Akka.Pipeline.Benchmarks.Backlog;
using Akka.Pipeline.Benchmarks.Ledgers;

switch (args.FirstOrDefault())
{
    case "actors":
        await ActorRuntimeBenchmark.RunAsync();
        return 0;
    case "ledger":
        await LedgerBenchmark.RunAsync();
        return 0;
    case "backlog":
        await BacklogBenchmark.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    default:
        await Console.Error.WriteLineAsync("Name a benchmark: actors, ledger, backlog [FILES]");
        return 2;
}
