namespace Akka.Pipeline.Benchmarks.Speed;

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

/// <summary>The sink's process, seen from the benchmark.</summary>
internal sealed class Sink : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private Sink(Process process) => _process = process;

    public static Sink Start(TestCertificate? certificate)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { typeof(Sink).Assembly.Location, "sink" }.Concat(certificate is null ? [] : new[] { certificate.CertificateFile, certificate.KeyFile }))
        {
            start.ArgumentList.Add(argument);
        }

        // Threads that spin for work double the sink's CPU time, on the cores that the clients need.
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new(Process.Start(start)!);
    }

    public async Task<Uri> BeginAsync(TimeSpan latency) =>
        new(await AskAsync($"start {latency.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)}"));

    public async Task<SinkReport> EndAsync() => JsonSerializer.Deserialize<SinkReport>(await AskAsync("stop"))!;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
    }

    private async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("The sink has ended; see what it said above.");
    }
}
