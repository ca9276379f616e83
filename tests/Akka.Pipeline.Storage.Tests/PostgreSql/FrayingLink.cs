namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using System.Net;
using System.Net.Sockets;

/// <summary>A port of this machine that passes on to another, and can stop doing so in the middle without closing anything, as a frozen client or a cut cable does.</summary>
internal sealed class FrayingLink : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly int target;
    private readonly Task accepting;
    private readonly Lock gate = new();

    private long allowance = long.MaxValue;
    private TaskCompletionSource mended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FrayingLink(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Of all connections together, only so many bytes more reach the server until it is mended.</summary>
    public void StopSendingAfter(int bytes)
    {
        lock (gate)
        {
            allowance = bytes;
            mended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Mend()
    {
        lock (gate)
        {
            allowance = long.MaxValue;
            mended.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Mend();
        await closing.CancelAsync();
        listener.Stop();
        await accepting;
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true)
            {
                links.Add(LinkAsync(await listener.AcceptTcpClientAsync(closing.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, target, closing.Token);
            await Task.WhenAny(PassAsync(near.GetStream(), far.GetStream(), counted: true), PassAsync(far.GetStream(), near.GetStream(), counted: false));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // Either side has gone, and the other is closed with it.
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, bool counted)
    {
        var buffer = new byte[4096];
        while (await from.ReadAsync(buffer, closing.Token) is > 0 and var length)
        {
            var passed = 0;
            while (passed < length)
            {
                var (part, wait) = counted ? Allowed(length - passed) : (length, Task.CompletedTask);
                await to.WriteAsync(buffer.AsMemory(passed, part), closing.Token);
                passed += part;
                if (passed < length)
                {
                    await wait.WaitAsync(closing.Token);
                }
            }
        }
    }

    private (int Bytes, Task Wait) Allowed(int wanted)
    {
        lock (gate)
        {
            var part = (int)Math.Min(wanted, allowance);
            allowance -= allowance == long.MaxValue ? 0 : part;
            return (part, mended.Task);
        }
    }
}
