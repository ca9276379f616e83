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
    case "speed":
        return await Akka.Pipeline.Benchmarks.Speed.SpeedBenchmark.RunAsync(args[1..]);
    case "shows":
        return await Akka.Pipeline.Benchmarks.Speed.Shows.RunAsync(args[1..]);
    case "backlog":
        return await Akka.Pipeline.Benchmarks.Speed.Shows.RunAsync(args);
    case "micro":
        return Akka.Pipeline.Benchmarks.Micro.MicroBenchmarks.Run(args.ElementAtOrDefault(1));
    case "sink":
        await Akka.Pipeline.Benchmarks.Speed.SinkServer.RunAsync(args[1..]);
        return 0;
    case "sender-sink":
        await Akka.Pipeline.Benchmarks.Senders.SenderBenchmark.ServeAsync();
        return 0;
    case "sender":
        await Akka.Pipeline.Benchmarks.Senders.SenderBenchmark.RunAsync(
            args.Skip(1).Where(arg => !char.IsAsciiDigit(arg[0])).ToList() is { Count: > 0 } planes ? planes : ["raw", "direct", "sdk"],
            args.Skip(1).Where(arg => char.IsAsciiDigit(arg[0])).Select(arg => int.Parse(arg, System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty(20_000).First(),
            args.Skip(1).Where(arg => char.IsAsciiDigit(arg[0])).Skip(1).Select(arg => int.Parse(arg, System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty(4096).First());
        return 0;
    default:
        await Console.Error.WriteLineAsync("Name a benchmark: actors, ledger, ledger postgres [FILES], fleet [SESSIONS] [FILES] [changes], micro [FILTER], backlog, sender [raw] [direct] [sdk] [REQUESTS] [BYTES], speed [RACES] [OPTIONS], shows [SHOWS] [OPTIONS]");
        return 2;
}
