namespace Akka.Pipeline.Benchmarks.Speed;

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Akka.Pipeline.Benchmarks.Measuring;

/// <summary>This pipeline, other uploaders and the floor in turns, on the same files and the same sink.</summary>
internal static class SpeedBenchmark
{
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(3);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        SpeedOptions options;
        try
        {
            options = SpeedOptions.Parse(arguments);
        }
        catch (FormatException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }

        var absent = options.Makers.Where(maker => !CommandLines.IsInstalled(maker)).ToList();
        absent.ForEach(maker => Console.Error.WriteLine($"{maker} is not installed, and does not take part"));
        options = options with { Makers = options.Makers.Except(absent).ToHashSet() };

        var pipeline = options.Program ?? Repository.Publish("src/Akka.Pipeline.Node");
        var floor = Repository.Publish("tests/Akka.Pipeline.Benchmarks.Floor");
        var facts = new List<string>(MachineFacts.Tell());
        facts.AddRange(options.Makers.Where(maker => maker > Maker.Floor).Select(maker => MachineFacts.FirstLineOf(CommandLines.VersionOf(maker))));
        if (options.Makers.Contains(Maker.Rclone))
        {
            facts.Add($"rclone with {string.Join(' ', CommandLines.RcloneFlags.SkipWhile(flag => flag is "--config" or "/dev/null"))}");
        }

        using var work = new WorkFolder(options.Work);
        var certificate = options.Https ? TestCertificate.Make(work.NewRun()) : null;
        await using var sink = Sink.Start(certificate);
        var race = new Race(work, sink, new CommandLines(pipeline, floor, certificate, options.Configuration));
        var target = options.ResultsFile ?? (options.Scenarios.Count == Scenario.All.Count ? Path.Combine(Repository.Root, "tests", "Akka.Pipeline.Benchmarks", "RESULTS.md") : null);
        var log = Path.Combine(Repository.Root, "artifacts", "measured", "runs.jsonl");
        var measurements = new List<Measurement>();
        var failures = 0;
        var began = Stopwatch.GetTimestamp();
        foreach (var scenario in options.Scenarios)
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                if (round % scenario.EveryNthRound != 0)
                {
                    continue;
                }

                foreach (var contender in InTurn(scenario.Contenders, round).Where(c => options.Makers.Contains(c.Maker) && (round == 0 || !c.IsSlow)))
                {
                    if (await TryAsync(race, scenario, contender, round) is not { } measured)
                    {
                        failures++;
                        continue;
                    }

                    measurements.Add(measured);
                    await File.AppendAllTextAsync(log, JsonSerializer.Serialize(measured) + "\n");
                    await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                        $"[{Stopwatch.GetElapsedTime(began).TotalSeconds,5:0} s] {scenario.Name} round {round + 1}: {contender.Label}: {measured.Cost.Wall.TotalSeconds:0.00} s, CPU {measured.Cost.Cpu.TotalSeconds:0.00} s, {measured.Cost.PeakResidentBytes / 1e6:0} MB, first upload {measured.FirstWrite?.TotalSeconds:0.00} s"));
                }
            }

            if (target is not null)
            {
                await File.WriteAllTextAsync(target, ResultsTable.Write(options, measurements, facts, []));
            }
        }

        Console.WriteLine(ResultsTable.Write(options, measurements, facts, []));
        return failures == 0 ? 0 : 1;
    }

    // One that fails is told of, and leaves the others their results.
    private static async Task<Measurement?> TryAsync(Race race, Scenario scenario, Contender contender, int round)
    {
        try
        {
            return await race.RunAsync(scenario, contender, round, RunLimit);
        }
        catch (InvalidOperationException failed)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return null;
        }
    }

    // Who begins changes, so that nobody always runs behind the same one.
    private static IEnumerable<Contender> InTurn(IReadOnlyList<Contender> contenders, int round) =>
        Enumerable.Range(0, contenders.Count).Select(i => contenders[(i + round) % contenders.Count]);
}
