namespace Akka.Pipeline.Node.Control;

using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;

/// <summary>
/// The daemon's side of the control socket: a Unix socket in the data folder that only its user can open. Whoever holds the data folder's lock may replace the file of a daemon that is
/// dead. Nothing that a client sends, or does not take, can hold the daemon up.
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    private const int MostClients = 16;
    private const int MostWaiting = 128;
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStop = TimeSpan.FromDays(1);

    private readonly Daemon daemon;
    private readonly Socket listener;
    private readonly string file;
    private readonly CancellationTokenSource closing = new();
    private readonly SemaphoreSlim clients = new(MostClients);
    private readonly List<Task> serving = [];
    private readonly Task accepting;
    private readonly Task sampling;

    private ControlSocket(Daemon daemon, Socket listener, string file)
    {
        this.daemon = daemon;
        this.listener = listener;
        this.file = file;
        accepting = AcceptAsync();
        sampling = SampleAsync();
    }

    /// <summary>Opens it. The caller holds the data folder's lock.</summary>
    /// <exception cref="ConfigurationException">It cannot be made.</exception>
    public static ControlSocket Open(string dataFolder, Daemon daemon)
    {
        var address = ControlAddress.Of(dataFolder);
        var file = ControlAddress.FileOf(dataFolder);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(file);
            listener.Bind(address);

            // Before it listens, so that there is no moment in which another user could connect.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            listener.Listen(MostWaiting);
            return new ControlSocket(daemon, listener, file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or SocketException)
        {
            listener.Dispose();
            throw new ConfigurationException($"The control socket '{file}' cannot be made: {refused.Message} Remove what lies there, or choose another data folder (--data, or pipeline.node.data).", refused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Those who wait for the end hear of it first.
        closing.CancelAfter(TimeSpan.FromSeconds(1));
        listener.Dispose();
        await accepting;
        Task[] waiting;
        lock (serving)
        {
            waiting = [.. serving];
        }

        await Task.WhenAll(waiting);
        await closing.CancelAsync();
        await sampling;
        closing.Dispose();
        clients.Dispose();
        try
        {
            File.Delete(file);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // The next daemon replaces it.
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                await clients.WaitAsync(closing.Token);
                var client = await listener.AcceptAsync();
                var served = ServeAsync(client);
                lock (serving)
                {
                    serving.RemoveAll(task => task.IsCompleted);
                    serving.Add(served);
                }
            }
            catch (SocketException failed) when (failed.SocketErrorCode is not (SocketError.OperationAborted or SocketError.Interrupted) && !closing.IsCancellationRequested)
            {
                // No handle is left for this client; the next one may have more luck.
                clients.Release();
                await Task.Delay(ControlProtocol.ProgressInterval);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await Task.Yield();
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            string? line;
            using (var patience = Patience())
            {
                try
                {
                    line = await ControlProtocol.ReadLineAsync(stream, ControlProtocol.MaximumRequestBytes, patience.Token);
                }
                catch (InvalidDataException bad)
                {
                    await SendAsync(stream, new ControlError(ControlProtocol.Version, bad.Message));
                    return;
                }
            }

            if (line is not null)
            {
                await AnswerAsync(stream, line);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went away, or took too long.
        }
        finally
        {
            try
            {
                clients.Release();
            }
            catch (ObjectDisposedException)
            {
                // The socket is closed.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, string line)
    {
        var request = ControlProtocol.Read<ControlRequest>(line);
        if (Refusal(request) is { } refusal)
        {
            await SendAsync(stream, new ControlError(ControlProtocol.Version, refusal));
            return;
        }

        if (request!.Request is "status")
        {
            await SendAsync(stream, await daemon.StatusAsync());
            return;
        }

        var stops = daemon.Stops;
        var within = request.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        stops.Ask(request.Request is "stop"
            ? StopRequest.Finishing("pipeline stop", stops.Now, within ?? daemon.ShutdownGrace)
            : StopRequest.Saving("pipeline drain", stops.Now, within ?? Core.Spot.Departure.LongestNotice));
        while (!daemon.Left.IsCompleted && !closing.IsCancellationRequested)
        {
            await SendAsync(stream, await daemon.StatusAsync());
            await Task.WhenAny(daemon.Left, Task.Delay(ControlProtocol.ProgressInterval, closing.Token));
        }

        if (daemon.Left.IsCompletedSuccessfully)
        {
            await SendAsync(stream, new ControlEnd(ControlProtocol.Version, await daemon.Left));
        }
    }

    private static string? Refusal(ControlRequest? request) =>
        request is null ? "This is no request: a line of JSON such as {\"version\":1,\"request\":\"status\"} is."
        : request.Version != ControlProtocol.Version
            ? string.Create(CultureInfo.InvariantCulture, $"Version {request.Version} of the protocol is not spoken here, only {ControlProtocol.Version}: use the pipeline command of the version that runs ({ActorRuntime.ProductVersion}).")
        : request.Request is not ("status" or "stop" or "drain") ? "There is no such request; there are: status, stop, drain."
        : request.Seconds is { } seconds && !(seconds >= 0 && seconds <= LongestStop.TotalSeconds)
            ? string.Create(CultureInfo.InvariantCulture, $"seconds has to be from 0 to {LongestStop.TotalSeconds}.")
        : null;

    private async Task SendAsync<T>(NetworkStream stream, T message)
    {
        using var patience = Patience();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(ControlProtocol.Write(message) + "\n"), patience.Token);
    }

    private CancellationTokenSource Patience()
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        patience.CancelAfter(ControlProtocol.Patience);
        return patience;
    }

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(SampleInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(closing.Token))
            {
                daemon.Sample();
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
    }
}
