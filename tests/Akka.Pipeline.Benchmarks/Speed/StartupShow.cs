namespace Akka.Pipeline.Benchmarks.Speed;

using Akka.Pipeline.Benchmarks.Measuring;

/// <summary>How soon the program answers, and how soon it uploads.</summary>
internal static class StartupShow
{
    private const int Runs = 10;
    private static readonly DataSet Few = new("few", 100, 2, 4 << 10);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Show>> RunAsync(ShowStage stage)
    {
        stage.Work.Provide(Few);
        var firsts = new List<double>();
        for (var run = 0; run < Runs; run++)
        {
            var endpoint = await stage.Sink.BeginAsync(TimeSpan.Zero);
            var cost = stage.RunPipeline(endpoint, stage.Work.NewRun(), removes: false);
            firsts.Add(((await stage.Sink.EndAsync()).FirstWriteAt!.Value - cost.StartedAt).TotalMilliseconds);
        }

        return
        [
            new($"`--help` of the published program, {Runs} runs", Help(stage.Program), "under 150 ms"),
            new($"`./pipeline --help`, {Runs} runs", Help(Path.Combine(Repository.Root, "pipeline")), "under 150 ms"),
            new($"first PUT after the start, ledger and all else new, {Runs} runs", Spread(firsts), "under 400 ms"),
        ];

        string Help(string program)
        {
            var command = new ChildCommand(program, ["--help"], stage.Work.NewRun(), new Dictionary<string, string>(StringComparer.Ordinal), "/dev/null");
            _ = ChildProcess.Run(command, Limit * Runs);
            var costs = Enumerable.Range(0, Runs).Select(_ => ChildProcess.Run(command, Limit)).ToList();
            return costs.Exists(cost => cost.ExitCode != 0)
                ? throw new InvalidOperationException($"{program} --help fails.")
                : $"{Spread(costs.ConvertAll(cost => cost.Wall.TotalMilliseconds))}, CPU {Summary.Median(costs.Select(cost => cost.Cpu.TotalMilliseconds)):0} ms";
        }
    }

    private static string Spread(List<double> milliseconds) => ShowStage.Text($"{Summary.Median(milliseconds):0} ms ({milliseconds.Min():0}-{milliseconds.Max():0})");
}
