switch (args.FirstOrDefault())
{
    case "actors":
        await Akka.Pipeline.Benchmarks.ActorRuntime.ActorRuntimeBenchmark.RunAsync();
        return 0;
    case "ledger" when args is [_, "postgres", ..]:
        await Akka.Pipeline.Benchmarks.Ledgers.LedgerBenchmark.RunPostgresAsync(args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    case "ledger":
        await Akka.Pipeline.Benchmarks.Ledgers.LedgerBenchmark.RunAsync();
        return 0;
    case "fleet":
        var numbers = args.Skip(1).Where(arg => arg != "changes").Select(arg => int.Parse(arg, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        await Akka.Pipeline.Benchmarks.Fleet.FleetBenchmark.RunAsync(numbers.ElementAtOrDefault(0) is > 0 and var n ? n : 200, numbers.ElementAtOrDefault(1) is > 0 and var f ? f : 2_000_000, 300, args.Contains("changes"));
        return 0;
    case "backlog":
        await Akka.Pipeline.Benchmarks.Backlog.BacklogBenchmark.RunAsync(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    case "speed":
        return await Akka.Pipeline.Benchmarks.Speed.SpeedBenchmark.RunAsync(args[1..]);
    case "sink":
        await Akka.Pipeline.Benchmarks.Speed.SinkServer.RunAsync(args[1..]);
        return 0;
    default:
        await Console.Error.WriteLineAsync("Name a benchmark: actors, ledger, ledger postgres [FILES], fleet [SESSIONS] [FILES] [changes], backlog [FILES], speed [RACES] [OPTIONS]");
        return 2;
}
