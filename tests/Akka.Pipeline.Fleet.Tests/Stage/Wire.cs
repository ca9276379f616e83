namespace Akka.Pipeline.Fleet.Tests.Stage;

using System.Net;
using System.Net.Sockets;

/// <summary>What a wire does to the bytes of one direction.</summary>
internal enum Flow
{
    /// <summary>Passes them on.</summary>
    Open,

    /// <summary>Keeps them until it is open again, as a network does whose route is gone: nobody is told.</summary>
    Blackhole,
}

/// <summary>A TCP relay between a node and a server, which can delay, swallow or cut what passes, in each direction by itself.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly int serverPort;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly Lock gate = new();
    private readonly HashSet<Task> relays = [];
    private readonly Task accepting;
    private readonly Func<Flow> toServer;
    private readonly Func<Flow> toNode;
    private CancellationTokenSource connections = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (Flow ToServer, Flow ToNode) flows;
    private bool refusing;
    private long bytesToServer;

    public Wire(int serverPort)
    {
        this.serverPort = serverPort;
        (toServer, toNode) = (() => flows.ToServer, () => flows.ToNode);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Bytes that reached the server so far.</summary>
    public long BytesToServer => Interlocked.Read(ref bytesToServer);

    /// <summary>How much later everything arrives, in each direction.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>From now on the directions do this; what was kept goes on its way when its direction is open.</summary>
    public void Set(Flow toServer, Flow toNode)
    {
        lock (gate)
        {
            flows = (toServer, toNode);
            Changed();
        }
    }

    public void Blackhole() => Set(Flow.Blackhole, Flow.Blackhole);

    /// <summary>Resets every connection, and every new one, until it is healed.</summary>
    public void Cut()
    {
        CancellationTokenSource cut;
        lock (gate)
        {
            refusing = true;
            cut = connections;
            connections = new CancellationTokenSource();
            Changed();
        }

        cut.Cancel();
        cut.Dispose();
    }

    public void Heal()
    {
        lock (gate)
        {
            refusing = false;
        }

        Set(Flow.Open, Flow.Open);
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        await accepting;
        Task[] open;
        lock (gate)
        {
            open = [.. relays];
        }

        await Task.WhenAll(open);
        connections.Dispose();
        ended.Dispose();
    }

    private void Changed()
    {
        changed.TrySetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task AcceptAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var node = await listener.AcceptTcpClientAsync(ended.Token);
                lock (gate)
                {
                    relays.RemoveWhere(relay => relay.IsCompleted);
                    relays.Add(RelayAsync(node, refusing ? null : CancellationTokenSource.CreateLinkedTokenSource(ended.Token, connections.Token)));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The end, or a node that went before it was served.
            }
        }
    }

    private async Task RelayAsync(TcpClient node, CancellationTokenSource? cut)
    {
        using (node)
        using (cut)
        {
            node.LingerState = new LingerOption(enable: true, seconds: 0);
            node.NoDelay = true;
            if (cut is null)
            {
                return;
            }

            try
            {
                using var server = new TcpClient { NoDelay = true };
                await server.ConnectAsync(IPAddress.Loopback, serverPort, cut.Token);
                var (there, back) = (PumpAsync(node, server, toServer, cut.Token), PumpAsync(server, node, toNode, cut.Token));
                await Task.WhenAny(there, back);
                await cut.CancelAsync();
                await Task.WhenAll(there, back);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Either side has hung up, or there is no server just now.
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, Func<Flow> flow, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, cancellation) is > 0 and var count)
            {
                if (Delay > TimeSpan.Zero)
                {
                    await Task.Delay(Delay, cancellation);
                }

                for (var open = OpenOf(flow); !open.IsCompleted; open = OpenOf(flow))
                {
                    await open.WaitAsync(cancellation);
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), cancellation);
                if (flow == toServer)
                {
                    Interlocked.Add(ref bytesToServer, count);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Hung up; the other direction ends with this one.
        }
    }

    /// <summary>Completed while the direction is open; otherwise with the next change.</summary>
    private Task OpenOf(Func<Flow> flow)
    {
        lock (gate)
        {
            return flow() == Flow.Open ? Task.CompletedTask : changed.Task;
        }
    }
}
