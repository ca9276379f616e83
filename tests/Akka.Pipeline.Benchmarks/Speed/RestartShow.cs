namespace Akka.Pipeline.Benchmarks.Speed;

/// <summary>Everything is stored, and the ledger is lost: what it takes to know that.</summary>
internal static class RestartShow
{
    private static readonly DataSet Small = new("small", 5_000, 50, 4 << 10);
    private static readonly DataSet Large = new("large", 200, 2, 1 << 20);

    public static async Task<IReadOnlyList<Show>> RunAsync(ShowStage stage) =>
        [await AfterLossAsync(stage, Small.Scaled(stage.Scale), mayResend: true), await AfterLossAsync(stage, Large.Scaled(stage.Scale), mayResend: false)];

    private static async Task<Show> AfterLossAsync(ShowStage stage, DataSet data, bool mayResend)
    {
        stage.Work.Provide(data);
        var endpoint = await stage.Sink.BeginAsync(TimeSpan.Zero);
        stage.RunPipeline(endpoint, stage.Work.NewRun(), removes: false);
        await stage.Sink.ReportAsync();

        // Another run has a data folder of its own.
        stage.RunPipeline(endpoint, stage.Work.NewRun(), removes: false);
        var report = await stage.Sink.EndAsync();
        return new(
            $"all stored, ledger lost: {data}",
            ShowStage.Text($"{report.Requests / (double)data.Files:0.000} requests and {report.ReceivedBytes / (double)data.Files:0} B of body a file"),
            mayResend ? "at most 1.1 requests" : "at most 1.1 requests, 0 B");
    }
}
