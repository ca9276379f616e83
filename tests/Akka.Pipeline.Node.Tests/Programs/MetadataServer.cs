namespace Akka.Pipeline.Node.Tests.Programs;

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

/// <summary>An instance metadata service, version 2, on the loopback interface: gives notices, refuses tokens, hangs, talks nonsense.</summary>
internal sealed class MetadataServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, bool> tokens = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource closing = new();
    private readonly Task serving;
    private int tokensGiven;
    private int looks;
    private int refused;

    public MetadataServer()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>What spot/instance-action says; null: 404.</summary>
    public string? Action { get; set; }

    /// <summary>What events/recommendations/rebalance says; null: 404.</summary>
    public string? Rebalance { get; set; }

    /// <summary>How far its clock is ahead of this machine's.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>Takes connections and says nothing.</summary>
    public bool Hangs { get; set; }

    /// <summary>Answers everything with this text and 200.</summary>
    public string? Nonsense { get; set; }

    public int TokensGiven => Volatile.Read(ref tokensGiven);

    /// <summary>Questions for an interruption with a token that counts.</summary>
    public int Looks => Volatile.Read(ref looks);

    /// <summary>Questions with a token that does not.</summary>
    public int Refused => Volatile.Read(ref refused);

    /// <summary>A notice of an interruption so far ahead, by its own clock.</summary>
    public void Interrupt(TimeSpan ahead, string action = "terminate") =>
        Action = $$"""{"action": "{{action}}", "time": "{{(DateTimeOffset.UtcNow + ClockAhead + ahead).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}}"}""";

    /// <summary>No token that was given counts any more.</summary>
    public void ForgetTokens() => tokens.Clear();

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        await serving;
        closing.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        while (true)
        {
            try
            {
                connections.Add(AnswerAsync(await listener.AcceptTcpClientAsync()));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                await Task.WhenAll(connections);
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII);
                var request = await reader.ReadLineAsync(closing.Token) ?? "";
                var token = "";
                while (await reader.ReadLineAsync(closing.Token) is { Length: > 0 } header)
                {
                    if (header.StartsWith("X-aws-ec2-metadata-token:", StringComparison.OrdinalIgnoreCase))
                    {
                        token = header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
                    }
                }

                if (Hangs)
                {
                    await Task.Delay(Timeout.Infinite, closing.Token);
                }

                var (status, body) = Answer(request, token);
                await stream.WriteAsync(
                    Encoding.UTF8.GetBytes(
                        $"HTTP/1.1 {status} Word\r\nDate: {(DateTimeOffset.UtcNow + ClockAhead).ToString("R", CultureInfo.InvariantCulture)}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"),
                    closing.Token);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private (int Status, string Body) Answer(string request, string token)
    {
        if (Nonsense is { } nonsense)
        {
            return (200, nonsense);
        }

        if (request.StartsWith("PUT /latest/api/token ", StringComparison.Ordinal))
        {
            var given = string.Create(CultureInfo.InvariantCulture, $"token-{Interlocked.Increment(ref tokensGiven)}");
            tokens[given] = true;
            return (200, given);
        }

        if (!tokens.ContainsKey(token))
        {
            Interlocked.Increment(ref refused);
            return (401, "");
        }

        switch (request.Split(' ').ElementAtOrDefault(1))
        {
            case "/latest/meta-data/spot/instance-action":
                Interlocked.Increment(ref looks);
                return Action is { } action ? (200, action) : (404, "");
            case "/latest/meta-data/events/recommendations/rebalance":
                return Rebalance is { } rebalance ? (200, rebalance) : (404, "");
            default:
                return (404, "");
        }
    }
}
