namespace Akka.Pipeline.Benchmarks.Speed;

using System.Globalization;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Rounds">1 or more.</param>
/// <param name="Scale">Share of the files, over 0 up to 1.</param>
/// <param name="Makers">Who takes part.</param>
/// <param name="Program">The built pipeline to measure; null: it is published first.</param>
/// <param name="ResultsFile">Where the table goes; null: RESULTS.md for everything, only the terminal for less.</param>
internal sealed record SpeedOptions(
    IReadOnlyList<Scenario> Scenarios, int Rounds, bool Https, double Scale, IReadOnlySet<Maker> Makers, string? Work, string? Program, string? ResultsFile, IReadOnlyList<string> Configuration)
{
    public const string Usage = """
        speed [S|move|S20|M|L|N ... | all]   races; all of them by default
          --rounds R        3 by default; slow programs run in the first round only, N in every third
          --https           the sink speaks https
          --latency MS      the sink waits so long before each answer (S20 has 20, the others none)
          --peers LIST      rclone,aws,s3cmd (those that are installed), or none
          --scale F         a share of the files, such as 0.1
          --work DIR        where the data is made (the temporary folder)
          --program FILE    measure this executable instead of publishing one
          --results FILE    where the table goes; otherwise RESULTS.md beside the sources if all is run
          --set KEY=VALUE   configuration for this pipeline, such as pipeline.upload.slots=64; may be repeated
        """;

    /// <exception cref="FormatException">Something is not understood; the message names it.</exception>
    public static SpeedOptions Parse(IReadOnlyList<string> arguments)
    {
        var names = new List<string>();
        TimeSpan? latency = null;
        var options = new SpeedOptions([], 3, false, 1, new HashSet<Maker>(Enum.GetValues<Maker>()), null, null, null, []);
        for (var i = 0; i < arguments.Count; i++)
        {
            string Value() => ++i < arguments.Count ? arguments[i] : throw new FormatException($"{arguments[^1]} needs a value.");
            options = arguments[i] switch
            {
                "--https" => options with { Https = true },
                "--latency" => WithLatency(Value()),
                "--rounds" => options with { Rounds = int.Parse(Value(), NumberStyles.None, CultureInfo.InvariantCulture) },
                "--scale" => options with { Scale = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--peers" => options with { Makers = MakersOf(Value()) },
                "--work" => options with { Work = Value() },
                "--program" => options with { Program = Path.GetFullPath(Value()) },
                "--results" => options with { ResultsFile = Path.GetFullPath(Value()) },
                "--set" => options with { Configuration = [.. options.Configuration, Value()] },
                ['-', ..] unknown => throw new FormatException($"{unknown} is not known.\n{Usage}"),
                var name => Named(name),
            };

            SpeedOptions WithLatency(string milliseconds)
            {
                latency = TimeSpan.FromMilliseconds(int.Parse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture));
                return options;
            }

            SpeedOptions Named(string name)
            {
                names.Add(name);
                return options;
            }
        }

        if (options.Scale is not (> 0 and <= 1) || options.Rounds < 1)
        {
            throw new FormatException("--scale is over 0 and at most 1, --rounds at least 1.");
        }

        if (names.Find(name => name != "all" && Scenario.All.All(scenario => scenario.Name != name)) is { } stranger)
        {
            throw new FormatException($"There is no race '{stranger}'.\n{Usage}");
        }

        var chosen = names.Count == 0 || names.Contains("all") ? Scenario.All : [.. Scenario.All.Where(scenario => names.Contains(scenario.Name))];
        return options with { Scenarios = [.. chosen.Select(scenario => scenario with { Data = scenario.Data.Scaled(options.Scale), Latency = latency ?? scenario.Latency })] };
    }

    private static HashSet<Maker> MakersOf(string list)
    {
        var makers = new HashSet<Maker> { Maker.Ours, Maker.Floor };
        foreach (var name in list.Split(',').Where(name => name != "none"))
        {
            makers.Add(Enum.TryParse<Maker>(name, ignoreCase: true, out var maker) ? maker : throw new FormatException($"There is no peer '{name}': rclone, aws, s3cmd."));
        }

        return makers;
    }
}
