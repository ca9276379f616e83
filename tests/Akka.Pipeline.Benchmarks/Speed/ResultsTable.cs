namespace Akka.Pipeline.Benchmarks.Speed;

using System.Globalization;
using System.Text;

/// <summary>The measurements as a document.</summary>
internal static class ResultsTable
{
    public static string Write(SpeedOptions options, IReadOnlyList<Measurement> measurements, IReadOnlyList<string> facts, IReadOnlyList<string> shows)
    {
        var text = new StringBuilder("# Speed\n\n");
        text.Append("Written by `dotnet run -c Release --project tests/Akka.Pipeline.Benchmarks -- speed`. Everybody uploads the same files, in turns, to one sink on loopback that keeps no\n");
        text.Append("bytes and believes checksums and signatures, so that the clients are measured. Medians; wall with least and most; ratio: this pipeline's divided by the other's\n");
        text.Append("(wall, CPU), so under 1 it is faster. What this pipeline and the floor did not keep is removed; of rclone `copy` leaves its files, `move` removes them.\n\n");
        foreach (var fact in facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {fact}\n");
        }

        foreach (var scenario in options.Scenarios)
        {
            Append(text, scenario, options, measurements);
        }

        if (shows.Count > 0)
        {
            text.Append("\n## Further shows\n\n| what | figure |\n|---|---|\n");
            foreach (var show in shows)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {show} |\n");
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Scenario scenario, SpeedOptions options, IReadOnlyList<Measurement> measurements)
    {
        var summaries = scenario.Contenders
            .Select(contender => (contender, Runs: measurements.Where(m => m.Scenario == scenario.Name && m.Label == contender.Label).ToList()))
            .Where(pair => pair.Runs.Count > 0)
            .Select(pair => Summary.Of(pair.contender, pair.Runs)).ToList();
        if (summaries.Count == 0)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n## {scenario.Title}{(options.Https ? ", https" : "")}\n\n{scenario.Data}, latency {scenario.Latency.TotalMilliseconds:0} ms.\n\n");
        text.Append("| | runs | wall s | CPU s | peak MB | first upload s | requests a file | sink CPU s | ratio |\n|---|---|---|---|---|---|---|---|---|\n");
        var ours = summaries.Find(summary => summary.Contender.Maker == Maker.Ours);
        foreach (var summary in summaries)
        {
            text.Append(string.Join(" | ",
                $"| {summary.Contender.Label}", $"{summary.Runs}", $"{Seconds(summary.WallSeconds)} ({Seconds(summary.LeastWallSeconds)}-{Seconds(summary.MostWallSeconds)})", Seconds(summary.CpuSeconds),
                summary.PeakMegabytes.ToString("0", CultureInfo.InvariantCulture), summary.FirstWriteSeconds is { } first ? Seconds(first) : "-",
                string.Join(", ", summary.RequestsPerFile.Select(kind => $"{kind.Key} {kind.Value.ToString("0.00##", CultureInfo.InvariantCulture)}")), Seconds(summary.SinkCpuSeconds), Ratio(ours, summary))).Append(" |\n");
        }
    }

    private static string Ratio(Summary? ours, Summary other)
    {
        if (ours is null || ours == other)
        {
            return "";
        }

        // Not everybody gets all files.
        var share = (double)other.Files / ours.Files;
        return string.Create(CultureInfo.InvariantCulture, $"{ours.WallSeconds * share / other.WallSeconds:0.00}, {ours.CpuSeconds * share / other.CpuSeconds:0.00}");
    }

    private static string Seconds(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
