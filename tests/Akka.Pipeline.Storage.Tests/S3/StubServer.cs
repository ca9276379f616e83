namespace Akka.Pipeline.Storage.Tests.S3;

using System.Net;
using System.Net.Sockets;
using System.Text;

/// <summary>A server on the loopback interface that answers whole requests with given bytes, or does worse.</summary>
public sealed class StubServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, NetworkStream, Task> answer;
    private readonly Task accepting;
    private int requests;

    /// <param name="answer">Given head and body of a request, and where to write to. When it ends the connection is closed.</param>
    public StubServer(Func<string, NetworkStream, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Endpoint => new($"http://{listener.LocalEndpoint}");

    public int Requests => Volatile.Read(ref requests);

    public static StubServer Saying(int status, string body, params string[] headers) => new((_, stream) => SayAsync(stream, status, body, headers));

    public static async Task SayAsync(NetworkStream stream, int status, string body, params string[] headers) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {status} Word\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n{body}"));

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await accepting;
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // It was stopped, while it waited or before it waited again.
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using (connection)
        {
            try
            {
                var stream = connection.GetStream();
                var text = await ReadRequestAsync(stream);
                if (text.Length > 0)
                {
                    Interlocked.Increment(ref requests);
                    await answer(text, stream);
                }
            }
            catch (IOException)
            {
                // The client went away.
            }
        }
    }

    private static async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[65536];
        while (true)
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0)
            {
                return "";
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            var seen = text.ToString();
            var end = seen.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && seen.Length - end - 4 >= LengthIn(seen[..end]))
            {
                return seen;
            }
        }
    }

    private static int LengthIn(string head) =>
        head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
}
