namespace Akka.Pipeline.Benchmarks.Senders;

using System.Diagnostics;
using System.Net.Http;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.S3.Direct;
using Amazon.Runtime;

/// <summary>
/// What one PutObject costs through the AWS SDK, through our own data plane, and at least (a signed request on a bare SocketsHttpHandler), against the sandbox's
/// null mode in a process of its own. In turns; medians.
/// </summary>
internal static class SenderBenchmark
{
    private const string Key = "AKIASANDBOX", Secret = "sandbox-secret-key", Region = "us-east-1";
    private const int InFlight = 32, Rounds = 5;

    /// <param name="planes">Of "raw", "direct" and "sdk".</param>
    /// <param name="requests">Of one round.</param>
    /// <param name="lengthBytes">Of a body.</param>
    public static async Task RunAsync(IReadOnlyList<string> planes, int requests, int lengthBytes)
    {
        using var sink = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(SenderBenchmark).Assembly.Location, "sender-sink"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            Environment = { ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0" },
        })!;
        var endpoint = new Uri((await sink.StandardOutput.ReadLineAsync())!);
        var content = new byte[lengthBytes];
        new Random(1).NextBytes(content);
        var results = planes.ToDictionary(plane => plane, _ => new List<Cost>(), StringComparer.Ordinal);
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var plane in planes)
            {
                await using var sender = Open(plane, endpoint, content);

                // The first round warms up.
                var cost = await MeasureAsync(key => sender.SendAsync($"round-{round}-{plane}", key), round == 0 ? Math.Min(requests, 2000) : requests);
                if (round > 0)
                {
                    results[plane].Add(cost);
                }
            }
        }

        sink.StandardInput.Close();
        await sink.WaitForExitAsync();
        Console.WriteLine($"{requests} PutObject of {lengthBytes} B, {InFlight} in flight, {Rounds} rounds in turns, medians");
        Console.WriteLine("plane     requests/s   client CPU ms / 1,000   bytes allocated / request");
        foreach (var (plane, costs) in results)
        {
            Console.WriteLine($"{plane,-8} {Median(costs, c => c.RequestsPerSecond),11:N0} {Median(costs, c => c.CpuMsPerThousand),23:N1} {Median(costs, c => c.BytesPerRequest),27:N0}");
        }
    }

    /// <summary>The other process: serves until its standard input ends.</summary>
    public static async Task ServeAsync()
    {
        await using var server = await SandboxServer.StartAsync(new SandboxOptions { NullMode = true, CreateBucketsOnDemand = true, RecentRequests = 0 });
        Console.WriteLine(server.Endpoint);
        await Console.In.ReadToEndAsync();
    }

    private static double Median(List<Cost> costs, Func<Cost, double> of) => costs.Select(of).Order().ElementAt(costs.Count / 2);

    private static async Task<Cost> MeasureAsync(Func<string, Task> send, int requests)
    {
        var next = -1;
        var process = Process.GetCurrentProcess();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        process.Refresh();
        var cpu = process.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < requests)
            {
                await send($"folder-{i % 200}/file-{i}.bin");
            }
        })));
        var wall = Stopwatch.GetElapsedTime(started);
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        return new Cost(requests / wall.TotalSeconds, cpu.TotalMilliseconds * 1000 / requests, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)requests);
    }

    private static ISink Open(string plane, Uri endpoint, byte[] content) => plane switch
    {
        "raw" => new RawSink(endpoint, content),
        "direct" => new StoreSink(endpoint, content, DataPlane.Direct),
        "sdk" => new StoreSink(endpoint, content, DataPlane.Sdk),
        _ => throw new ArgumentException($"There is no plane '{plane}': raw, direct, sdk.", nameof(plane)),
    };

    private interface ISink : IAsyncDisposable
    {
        Task SendAsync(string bucket, string key);
    }

    private readonly record struct Cost(double RequestsPerSecond, double CpuMsPerThousand, double BytesPerRequest);

    private sealed class StoreSink(Uri endpoint, byte[] content, DataPlane plane) : ISink
    {
        private readonly S3ObjectStore store = new(
            new S3StoreSettings { Endpoint = endpoint, Checksum = ChecksumMode.Crc32C, ConditionalPut = ConditionSupport.Native, DataPlane = plane }, S3Access.WithKeys(Key, Secret, Region));

        private readonly Body body = new(content);

        public async Task SendAsync(string bucket, string key)
        {
            var result = await store.PutAsync(new PutRequest(new ObjectAddress(bucket, key), body, ObjectAttributes.None, WriteCondition.IfAbsent), CancellationToken.None);
            if (result.Outcome != WriteOutcome.Stored)
            {
                throw new InvalidOperationException($"{bucket}/{key} was there.");
            }
        }

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }

    private sealed class RawSink(Uri endpoint, byte[] content) : ISink
    {
        private readonly HttpMessageInvoker http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
        private readonly SigningKeys keys = new();
        private readonly SigningClock clock = new(TimeProvider.System);
        private readonly ImmutableCredentials credentials = new(Key, Secret, null);

        public async Task SendAsync(string bucket, string key)
        {
            var time = clock.Now();
            var path = $"/{bucket}/{key}";
            var headers = default(SignedHeaders);
            headers.Add("host", endpoint.Authority);
            headers.Add("if-none-match", "*");
            headers.Add("x-amz-content-sha256", RequestSigner.UnsignedPayload);
            headers.Add("x-amz-date", time.Timestamp);
            using var request = new HttpRequestMessage(HttpMethod.Put, endpoint.Scheme + "://" + endpoint.Authority + path) { Content = new ByteArrayContent(content) };
            foreach (var header in headers.All[1..])
            {
                request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }

            request.Headers.TryAddWithoutValidation("Authorization", RequestSigner.Sign("PUT", path, "", headers.All, RequestSigner.UnsignedPayload, keys.For(credentials, time.Day, Region), time));
            using var response = await http.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
        }

        public ValueTask DisposeAsync()
        {
            http.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Body : IUploadBody
    {
        private readonly byte[] content;

        public Body(byte[] content)
        {
            this.content = content;
            using var hasher = new ContentHasher(DigestKinds.Crc32C);
            hasher.Append(content);
            Digests = hasher.Finish();
        }

        public long LengthBytes => content.Length;

        public DigestSet Digests { get; }

        public ReadOnlyMemory<byte> Memory => content;

        public Stream OpenRead() => new MemoryStream(content, writable: false);
    }
}
