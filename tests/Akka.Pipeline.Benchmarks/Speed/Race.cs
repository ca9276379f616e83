namespace Akka.Pipeline.Benchmarks.Speed;

using Akka.Pipeline.Benchmarks.Measuring;

/// <summary>Runs one program once, and sees to it that it did its work.</summary>
internal sealed class Race(WorkFolder work, Sink sink, CommandLines commands)
{
    private const int LinesOfTrouble = 20;

    /// <exception cref="InvalidOperationException">The program failed, or did not upload everything.</exception>
    public async Task<Measurement> RunAsync(Scenario scenario, Contender contender, int round, TimeSpan limit)
    {
        var data = contender.OnTenth ? scenario.Data.Tenth() : scenario.Data;
        work.Provide(data);
        var folder = work.NewRun();
        try
        {
            var endpoint = await sink.BeginAsync(scenario.Latency);
            var command = commands.For(contender, endpoint, work.DataFolder, folder);
            var cost = ChildProcess.Run(command, limit);
            var report = await sink.EndAsync();
            var left = work.CountFiles();
            if (cost.ExitCode != 0 || report.ReceivedBytes < data.TotalBytes || left != (contender.Removes ? 0 : data.Files))
            {
                work.Consumed();
                throw new InvalidOperationException(
                    $"{contender.Label} did not do its work on {scenario.Title}: exit code {cost.ExitCode} after {cost.Wall.TotalSeconds:0.0} s, {report.ReceivedBytes} of {data.TotalBytes} bytes, {left} files left. "
                    + $"Its last words:\n{string.Join('\n', File.ReadLines(command.OutputFile).TakeLast(LinesOfTrouble))}");
            }

            if (contender.Removes)
            {
                work.Consumed();
            }

            return new(scenario.Name, contender.Label, round, data.Files, cost, report);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
