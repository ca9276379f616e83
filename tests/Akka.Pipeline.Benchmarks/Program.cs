switch (args.FirstOrDefault())
{
    case "actors":
        await Akka.Pipeline.Benchmarks.ActorRuntime.ActorRuntimeBenchmark.RunAsync();
        return 0;
    case "ledger":
        await Akka.Pipeline.Benchmarks.Ledgers.LedgerBenchmark.RunAsync();
        return 0;
    case "backlog":
        await Akka.Pipeline.Benchmarks.Backlog.BacklogBenchmark.RunAsync(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    default:
        await Console.Error.WriteLineAsync("Name a benchmark: actors, ledger, backlog [FILES]");
        return 2;
}
