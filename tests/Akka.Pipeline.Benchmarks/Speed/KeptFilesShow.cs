namespace Akka.Pipeline.Benchmarks.Speed;

using System.Runtime.InteropServices;
using Akka.Pipeline.Benchmarks.Measuring;

/// <summary>Files that are stored and kept: what another walk costs, and what a daemon costs between its walks.</summary>
internal static partial class KeptFilesShow
{
    private const int Walks = 5;
    private const int TerminateSignal = 15;
    private static readonly DataSet Numerous = new("N", 200_000, 2_000, 200);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Show>> RunAsync(ShowStage stage)
    {
        var data = Numerous.Scaled(stage.Scale);
        stage.Work.Provide(data);
        var folder = stage.Work.NewRun();
        var endpoint = await stage.Sink.BeginAsync(TimeSpan.Zero);
        stage.RunPipeline(endpoint, folder, removes: false);
        await stage.Sink.ReportAsync();

        var find = new ChildCommand(
            "find", [stage.Work.DataFolder, "-type", "f", "-printf", @"%s %T@ %p\n"], folder, new Dictionary<string, string>(StringComparer.Ordinal), "/dev/null");
        var finds = new List<double>();
        var walks = new List<ChildCost>();
        for (var walk = 0; walk < Walks; walk++)
        {
            finds.Add(ChildProcess.Run(find, Limit).Wall.TotalSeconds);
            walks.Add(stage.RunPipeline(endpoint, folder, removes: false));
        }

        var rescan = await stage.Sink.ReportAsync();
        var (wall, foundIn) = (Summary.Median(walks.Select(walk => walk.Wall.TotalSeconds)), Summary.Median(finds));
        var share = 0.0;
        stage.RunPipeline(endpoint, folder, removes: false, daemon: true, process =>
        {
            Thread.Sleep(Settling);
            var before = ProcessFacts.Cpu(process);
            Thread.Sleep(Watched);
            share = (ProcessFacts.Cpu(process) - before) / Watched;
            _ = Kill(process, TerminateSignal);
        });
        await stage.Sink.EndAsync();
        return
        [
            new(
                $"unchanged rescan of kept files (`run --once`, start and end included), {data}, {Walks} runs",
                ShowStage.Text($"{rescan.Requests} requests; {wall:0.00} s, CPU {Summary.Median(walks.Select(walk => walk.Cpu.TotalSeconds)):0.00} s, {walks.Max(walk => walk.PeakResidentBytes) / 1e6:0} MB; find -printf {foundIn:0.00} s; ratio {wall / foundIn:0.0}"),
                "0 requests; at most 3 times find"),
            new($"idle daemon that watches them, {Watched.TotalSeconds:0} s between walks", ShowStage.Text($"{100 * share:0.00} % of a core"), "under 0.5 %"),
        ];
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
