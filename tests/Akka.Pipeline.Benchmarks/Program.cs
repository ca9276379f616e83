switch (args.FirstOrDefault())
{
    case "ledger":
        await Akka.Pipeline.Benchmarks.Ledgers.LedgerBenchmark.RunAsync();
        return 0;
    default:
        await Console.Error.WriteLineAsync("Name a benchmark: ledger");
        return 2;
}
