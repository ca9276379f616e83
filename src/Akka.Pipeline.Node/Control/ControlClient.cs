namespace Akka.Pipeline.Node.Control;

using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;

/// <summary>The commands' side of the control socket.</summary>
internal sealed class ControlClient : IAsyncDisposable
{
    private const int Looks = 50;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly NetworkStream stream;
    private readonly string dataFolder;

    private ControlClient(NetworkStream stream, string dataFolder)
    {
        this.stream = stream;
        this.dataFolder = dataFolder;
    }

    /// <summary>Connects to the daemon of a data folder; null when none runs.</summary>
    /// <exception cref="ConfigurationException">One runs, and cannot be spoken to.</exception>
    public static async Task<ControlClient?> ConnectAsync(string dataFolder)
    {
        var address = ControlAddress.Of(dataFolder);
        for (var look = 1; ; look++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(address);
                return new ControlClient(new NetworkStream(socket, ownsSocket: true), dataFolder);
            }
            catch (SocketException busy) when (busy.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain && look < Looks)
            {
                // Too many wait before it already.
                socket.Dispose();
                await Task.Delay(BetweenLooks);
            }
            catch (SocketException refused)
            {
                socket.Dispose();
                return Explain(refused, dataFolder);
            }
        }
    }

    /// <summary>How the daemon of a data folder stands; null when none runs.</summary>
    public static async Task<DaemonStatus?> StatusAsync(string dataFolder)
    {
        await using var client = await ConnectAsync(dataFolder);
        if (client is null)
        {
            return null;
        }

        await client.SendAsync(new ControlRequest(ControlProtocol.Version, "status"));
        return client.Understand<DaemonStatus>(await client.ReceiveAsync(ControlProtocol.Patience));
    }

    public async Task SendAsync(ControlRequest request)
    {
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(ControlProtocol.Write(request) + "\n"));
        }
        catch (IOException gone)
        {
            throw Silent(gone);
        }
    }

    /// <summary>The next line; null when the daemon has closed the connection.</summary>
    public async Task<string?> ReceiveAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            return await ControlProtocol.ReadLineAsync(stream, ControlProtocol.MaximumAnswerBytes, limit.Token);
        }
        catch (IOException)
        {
            return null;
        }
        catch (Exception bad) when (bad is OperationCanceledException or InvalidDataException)
        {
            throw Silent(bad);
        }
    }

    /// <summary>A line as the message that is expected.</summary>
    /// <exception cref="ConfigurationException">It is an error, or something else.</exception>
    public T Understand<T>(string? line)
        where T : class
    {
        if (line is null)
        {
            throw Silent(null);
        }

        return ControlProtocol.Read<ControlError>(line) is { Error: { } error }
            ? throw new ConfigurationException($"The pipeline on '{dataFolder}' says: {error}")
            : ControlProtocol.Read<T>(line) ?? throw Silent(null);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static ControlClient? Explain(SocketException refused, string dataFolder)
    {
        if (refused.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new ConfigurationException($"The control socket in '{dataFolder}' may not be opened: {refused.Message}. Ask as the user that the pipeline runs as.", refused);
        }

        return DataFolder.IsTaken(dataFolder)
            ? throw new ConfigurationException(
                $"A pipeline runs on the data folder '{dataFolder}', and its control socket does not answer ({refused.Message}). It may be starting or ending: try again in a moment. Its log says more, and SIGTERM ends it.", refused)
            : null;
    }

    private ConfigurationException Silent(Exception? cause) =>
        new($"The pipeline on '{dataFolder}' does not answer as it should. It may be ending: try again in a moment. Its log says more, and SIGTERM ends it.", cause);
}
