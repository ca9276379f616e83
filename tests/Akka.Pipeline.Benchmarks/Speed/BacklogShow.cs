namespace Akka.Pipeline.Benchmarks.Speed;

/// <summary>A backlog of a million small files: how soon the first upload arrives, and how much memory it takes at most.</summary>
internal static class BacklogShow
{
    private static readonly DataSet Million = new("backlog", 1_000_000, 2_000, 100);

    public static async Task<IReadOnlyList<Show>> RunAsync(ShowStage stage)
    {
        var data = Million.Scaled(stage.Scale);
        stage.Work.Provide(data);
        var endpoint = await stage.Sink.BeginAsync(TimeSpan.Zero);
        stage.Work.Consumed();
        var cost = stage.RunPipeline(endpoint, stage.Work.NewRun(), removes: true);
        var report = await stage.Sink.EndAsync();
        return
        [
            new(
                $"waiting: {data}",
                ShowStage.Text($"peak {cost.PeakResidentBytes / 1e6:0} MB; first upload after {(report.FirstWriteAt - cost.StartedAt)?.TotalMilliseconds:0} ms; {cost.Wall.TotalSeconds:0.0} s, {data.Files / cost.Wall.TotalSeconds:0} files/s; {report.Requests / (double)data.Files:0.000} requests a file; {stage.Work.CountFiles()} files left"),
                "peak under 200 MB"),
        ];
    }
}
