namespace Akka.Pipeline.Torture;

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

/// <summary>
/// A TCP relay before a server that fails by itself too seldom: it cuts connections in the middle of requests and of answers, lets a request through
/// and swallows its answer, and dawdles.
/// </summary>
internal sealed class BreakingWire : IAsyncDisposable
{
    private static readonly TimeSpan LongestDawdling = TimeSpan.FromMilliseconds(400);

    private readonly Uri server;
    private readonly Random chance;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly ConcurrentDictionary<Task, bool> relays = new();
    private readonly Task accepting;

    public BreakingWire(Uri server, int seed)
    {
        this.server = server;
        chance = new Random(seed);
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Whether it does; a connection that is open already keeps its fate.</summary>
    public bool Breaks { get; set; }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(relays.Keys);
        ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptTcpClientAsync(ended.Token);
                var relay = RelayAsync(client, Breaks ? Draw() : Fate.None);
                relays[relay] = true;
                _ = relay.ContinueWith(done => relays.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The end, or a client that went before it was served.
            }
        }
    }

    private Fate Draw() => chance.Next(100) switch
    {
        < 20 => Fate.None with { CutRequestAfterBytes = chance.Next(1, 3 << 20) },
        < 40 => Fate.None with { CutAnswerAfterBytes = chance.Next(0, 6_000) },
        < 60 => Fate.None with { Dawdling = LongestDawdling * chance.NextDouble() },
        _ => Fate.None,
    };

    private async Task RelayAsync(TcpClient client, Fate fate)
    {
        using (client)
        {
            try
            {
                using var upstream = new TcpClient();
                await upstream.ConnectAsync(server.Host, server.Port, ended.Token);
                client.LingerState = new LingerOption(enable: true, seconds: 0);
                using var cut = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
                await Task.WhenAny(
                    PumpAsync(client.GetStream(), upstream.GetStream(), fate.CutRequestAfterBytes, TimeSpan.Zero, cut.Token),
                    PumpAsync(upstream.GetStream(), client.GetStream(), fate.CutAnswerAfterBytes, fate.Dawdling, cut.Token));
                await cut.CancelAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Either side has hung up.
            }
        }
    }

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, long? limitBytes, TimeSpan dawdling, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        try
        {
            for (var left = limitBytes ?? long.MaxValue; left > 0;)
            {
                var count = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellation);
                if (count == 0)
                {
                    return;
                }

                if (dawdling > TimeSpan.Zero)
                {
                    await Task.Delay(dawdling, cancellation);
                }

                await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
                left -= count;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Hung up; the other direction ends with this one.
        }
    }

    /// <summary>What happens to one connection. Zero bytes of an answer: the server has done it, and nobody learns of it.</summary>
    private sealed record Fate(long? CutRequestAfterBytes, long? CutAnswerAfterBytes, TimeSpan Dawdling)
    {
        public static Fate None { get; } = new(null, null, TimeSpan.Zero);
    }
}
