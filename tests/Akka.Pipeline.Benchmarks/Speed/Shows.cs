namespace Akka.Pipeline.Benchmarks.Speed;

using System.Globalization;
using Akka.Pipeline.Benchmarks.Measuring;

/// <summary>What has to hold of this pipeline by itself: how soon it starts, and that it asks for no more than it needs.</summary>
internal static class Shows
{
    private static readonly IReadOnlyDictionary<string, Func<ShowStage, Task<IReadOnlyList<Show>>>> Known = new Dictionary<string, Func<ShowStage, Task<IReadOnlyList<Show>>>>(StringComparer.Ordinal)
    {
        ["startup"] = StartupShow.RunAsync,
        ["restart"] = RestartShow.RunAsync,
        ["rescan"] = KeptFilesShow.RunAsync,
        ["backlog"] = BacklogShow.RunAsync,
    };

    /// <param name="arguments">Names of shows (all by default), --scale, --program, --work and --results as for the races.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        SpeedOptions options;
        var names = arguments.Where(Known.ContainsKey).ToList();
        try
        {
            options = SpeedOptions.Parse([.. arguments.Where(argument => !Known.ContainsKey(argument))]);
        }
        catch (FormatException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Message}\nShows: {string.Join(", ", Known.Keys)}");
            return 2;
        }

        var facts = MachineFacts.Tell();
        var program = options.Program ?? Repository.Publish("src/Akka.Pipeline.Node");
        using var work = new WorkFolder(options.Work);
        await using var sink = Sink.Start(certificate: null);
        var stage = new ShowStage(work, sink, new CommandLines(program, "", certificate: null, options.Configuration), program, options.Scale);
        var shows = new List<Show>();
        foreach (var name in names.Count == 0 ? Known.Keys : names)
        {
            await Console.Error.WriteLineAsync($"{name} ...");
            var shown = await Known[name](stage);
            shows.AddRange(shown);
            foreach (var show in shown)
            {
                Console.WriteLine($"{show.What}: {show.Figure} (goal: {show.Goal})");
            }
        }

        var target = options.ResultsFile ?? (names.Count == 0 ? Path.Combine(Repository.Root, "tests", "Akka.Pipeline.Benchmarks", "RESULTS.md") : null);
        if (target is not null)
        {
            ResultsTable.Put(target, races: null, ResultsTable.WriteShows(shows, facts));
        }

        return 0;
    }
}

/// <summary>What a show needs.</summary>
/// <param name="Scale">Share of the files, over 0 up to 1.</param>
internal sealed record ShowStage(WorkFolder Work, Sink Sink, CommandLines Commands, string Program, double Scale)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs this pipeline on the present files.</summary>
    /// <param name="daemon">Without --once; it has to be stopped then.</param>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public ChildCost RunPipeline(Uri endpoint, string folder, bool removes, bool daemon = false, Action<int>? whileRunning = null)
    {
        var command = Commands.For(Contender.Ours(removes), endpoint, Work.DataFolder, folder);
        if (daemon)
        {
            command = command with { Arguments = [.. command.Arguments.Where(argument => argument != "--once")] };
        }

        var cost = ChildProcess.Run(command, Limit, whileRunning);
        return cost.ExitCode == 0
            ? cost
            : throw new InvalidOperationException($"The pipeline ended with {cost.ExitCode}:\n{string.Join('\n', File.ReadLines(command.OutputFile).TakeLast(20))}");
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
