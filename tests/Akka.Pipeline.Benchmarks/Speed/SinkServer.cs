namespace Akka.Pipeline.Benchmarks.Speed;

using System.Globalization;
using System.Net;
using System.Runtime;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Akka.Pipeline.Sandbox;

/// <summary>
/// The process that takes the uploads: a sandbox that believes its clients and keeps no bytes. Told by lines on its input: `start MILLISECONDS` makes a fresh, empty one with
/// that latency for each request and answers its address; `stop` answers what it was asked for. It ends with its input.
/// </summary>
internal static class SinkServer
{
    public const string Region = "us-east-1";
    private const int WarmingRequests = 4000;
    private const int WarmingWorkers = 8;

    /// <param name="arguments">For https: certificate and key, as PEM files.</param>
    public static async Task RunAsync(IReadOnlyList<string> arguments)
    {
        using var certificate = arguments is [var certificateFile, var keyFile] ? TestCertificate.Load(certificateFile, keyFile) : null;
        await WarmUpAsync(certificate);
        SandboxServer? server = null;
        var cpu = TimeSpan.Zero;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["start", var latency]:
                    GC.Collect();
                    server = await StartAsync(certificate);
                    if (int.Parse(latency, CultureInfo.InvariantCulture) is > 0 and var milliseconds)
                    {
                        server.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Before = TimeSpan.FromMilliseconds(milliseconds) });
                    }

                    cpu = Environment.CpuUsage.TotalTime;
                    await Console.Out.WriteLineAsync(server.Endpoint.ToString().TrimEnd('/'));
                    break;
                case ["stop"] when server is not null:
                    var report = new SinkReport(
                        server.Statistics.Counts.ToDictionary(count => count.Key.ToString(), count => count.Value, StringComparer.Ordinal), server.Statistics.ReceivedBytes,
                        server.Statistics.FirstWriteAt, Environment.CpuUsage.TotalTime - cpu);
                    await server.DisposeAsync();
                    server = null;
                    await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report));
                    break;
                default:
                    throw new InvalidOperationException($"The sink does not know '{line}'.");
            }
        }
    }

    private static Task<SandboxServer> StartAsync(X509Certificate2? certificate) => SandboxServer.StartAsync(new SandboxOptions
    {
        NullMode = true,
        BelievesClients = true,
        CreateBucketsOnDemand = true,
        RecentRequests = 0,
        Region = Region,
        Certificate = certificate,
    });

    // The first measured run would pay for the compilation of the sink otherwise.
    private static async Task WarmUpAsync(X509Certificate2? certificate)
    {
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        await using var server = await StartAsync(certificate);
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate?.GetCertHashString() } };
        using var client = new HttpClient(handler) { BaseAddress = server.Endpoint, DefaultRequestVersion = HttpVersion.Version11 };
        await Task.WhenAll(Enumerable.Range(0, WarmingWorkers).Select(async worker =>
        {
            for (var i = 0; i < WarmingRequests / WarmingWorkers; i++)
            {
                using var content = new ByteArrayContent(new byte[i % 10 == 0 ? 200_000 : 4096]);
                using var response = await client.PutAsync(new Uri($"/warm/{worker}/{i}", UriKind.Relative), content);
                response.EnsureSuccessStatusCode();
            }
        }));
    }
}

/// <summary>What a sink was asked for in one run.</summary>
/// <param name="Counts">Requests by S3's name of the operation.</param>
internal sealed record SinkReport(IReadOnlyDictionary<string, long> Counts, long ReceivedBytes, DateTimeOffset? FirstWriteAt, TimeSpan Cpu);
