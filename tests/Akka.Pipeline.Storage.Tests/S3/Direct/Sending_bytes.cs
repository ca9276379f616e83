namespace Akka.Pipeline.Storage.Tests.S3.Direct;

using System.Net;
using System.Net.Sockets;
using Akka.Pipeline.Storage.S3.Direct;

/// <summary>What goes over a connection whose other side does not read for a while.</summary>
public sealed class Sending_bytes : IDisposable
{
    private const int BlockBytes = 128 << 10;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly byte[] body = new byte[32 << 20];
    private readonly Socket theirs;
    private readonly StoreConnection connection;

    public Sending_bytes()
    {
        new Random(1).NextBytes(body);
        listener.Start();
        var ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        ours.Connect(listener.LocalEndpoint);
        theirs = listener.AcceptSocket();
        connection = new StoreConnection("http://store", ours, null);
    }

    public void Dispose()
    {
        connection.Dispose();
        theirs.Dispose();
        listener.Dispose();
    }

    [Fact]
    public async Task What_a_store_takes_late_it_gets_once()
    {
        var sent = 0;
        int taken;
        while ((taken = connection.Send(Block(sent))) > 0)
        {
            sent += taken;
        }

        Assert.InRange(sent, BlockBytes, body.Length - 1);
        var received = Task.Run(() => Receive(body.Length));
        while (sent < body.Length)
        {
            sent += connection.Send(Block(sent));
        }

        Assert.Equal(body, await received);
    }

    [Fact]
    public void A_store_that_has_gone_is_a_broken_connection()
    {
        theirs.LingerState = new LingerOption(true, 0);
        theirs.Dispose();

        Assert.Throws<IOException>(() =>
        {
            for (var n = 0; n < 3; n++)
            {
                connection.Send(Block(0));
            }
        });
    }

    private ReadOnlySpan<byte> Block(int at) => body.AsSpan(at, Math.Min(BlockBytes, body.Length - at));

    private byte[] Receive(int bytes)
    {
        var all = new byte[bytes];
        for (var at = 0; at < bytes;)
        {
            var read = theirs.Receive(all.AsSpan(at));
            at += read > 0 ? read : throw new EndOfStreamException();
        }

        return all;
    }
}
