namespace Akka.Pipeline.Benchmarks.Speed;

using Akka.Pipeline.Benchmarks.Measuring;

/// <summary>One run of one program.</summary>
internal sealed record Measurement(string Scenario, string Label, int Round, int Files, ChildCost Cost, SinkReport Sink)
{
    /// <summary>From the start of the process to the arrival of its first write; null: there was none.</summary>
    public TimeSpan? FirstWrite => Sink.FirstWriteAt - Cost.StartedAt;
}

/// <summary>Medians over the runs of one program.</summary>
/// <param name="RequestsPerFile">By S3's name of the operation.</param>
internal sealed record Summary(
    Contender Contender, int Runs, int Files, double WallSeconds, double LeastWallSeconds, double MostWallSeconds, double CpuSeconds, double PeakMegabytes, double? FirstWriteSeconds,
    double SinkCpuSeconds, IReadOnlyList<KeyValuePair<string, double>> RequestsPerFile)
{
    private const double Megabyte = 1_000_000;

    public static Summary Of(Contender contender, IReadOnlyList<Measurement> runs)
    {
        var files = runs[0].Files;
        var walls = runs.Select(run => run.Cost.Wall.TotalSeconds).ToList();
        var firsts = runs.Select(run => run.FirstWrite?.TotalSeconds).OfType<double>().ToList();
        return new(
            contender, runs.Count, files, Median(walls), walls.Min(), walls.Max(), Median(runs.Select(run => run.Cost.Cpu.TotalSeconds)), Median(runs.Select(run => run.Cost.PeakResidentBytes / Megabyte)),
            firsts.Count == 0 ? null : Median(firsts), Median(runs.Select(run => run.Sink.Cpu.TotalSeconds)),
            [.. runs.SelectMany(run => run.Sink.Counts.Keys).Distinct().Select(kind => KeyValuePair.Create(kind, Median(runs.Select(run => run.Sink.Counts.GetValueOrDefault(kind) / (double)files))))
                .OrderByDescending(kind => kind.Value)]);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
