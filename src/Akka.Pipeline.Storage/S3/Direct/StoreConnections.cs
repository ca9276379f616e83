namespace Akka.Pipeline.Storage.S3.Direct;

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

/// <summary>The connections to a store that rest between two requests, and how new ones come about.</summary>
/// <param name="connectTimeout">For name, connection and handshake together.</param>
/// <param name="trusts">Judges certificates in the system's place.</param>
internal sealed class StoreConnections(TimeSpan connectTimeout, RemoteCertificateValidationCallback? trusts = null) : IDisposable
{
    // A store's addresses change; S3 closes idle connections after some seconds.
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, ConcurrentStack<StoreConnection>> resting = new(StringComparer.Ordinal);
    private volatile bool ended;

    /// <summary>A connection for one request; the one that was used last, or a new one.</summary>
    /// <param name="origin">Scheme, host and port.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="S3TroubleException">No connection came about.</exception>
    public StoreConnection Take(string origin, CancellationToken cancellation)
    {
        var stack = Of(origin);
        while (stack.TryPop(out var connection))
        {
            if (IsGood(connection))
            {
                return connection;
            }

            connection.Dispose();
        }

        return Connect(origin, cancellation);
    }

    /// <summary>Gives one back after its answer was read.</summary>
    public void Give(StoreConnection connection)
    {
        if (!connection.IsReusable || ended)
        {
            connection.Dispose();
            return;
        }

        connection.BeginRest();
        Of(connection.Origin).Push(connection);
        if (ended)
        {
            CloseAll(_ => true);
        }
    }

    /// <summary>Closes what has rested for long.</summary>
    public void CloseResting() => CloseAll(connection => connection.Rest >= LongestRest);

    public void Dispose()
    {
        ended = true;
        CloseAll(_ => true);
    }

    private static bool IsGood(StoreConnection connection) =>
        connection.Age < LongestLife && connection.Rest < LongestRest && !connection.HasInput(TimeSpan.Zero);

    private ConcurrentStack<StoreConnection> Of(string origin) => resting.TryGetValue(origin, out var stack) ? stack : resting.GetOrAdd(origin, _ => new());

    private void CloseAll(Func<StoreConnection, bool> isMeant)
    {
        foreach (var stack in resting.Values)
        {
            var all = new StoreConnection[stack.Count];
            var taken = stack.TryPopRange(all);
            foreach (var connection in all.Take(taken).Reverse())
            {
                if (isMeant(connection))
                {
                    connection.Dispose();
                }
                else
                {
                    stack.Push(connection);
                }
            }
        }
    }

    private StoreConnection Connect(string origin, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(connectTimeout);
        try
        {
            return Connect(origin, new Uri(origin), limit.Token);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            throw NotReached("ConnectTimeout", "no connection within the connect time-out");
        }
    }

    private StoreConnection Connect(string origin, Uri url, CancellationToken limit)
    {
        var socket = ConnectSocket(AddressesOf(url.IdnHost, limit), url.Port, limit);
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return new StoreConnection(origin, socket, null);
        }

        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            using var abort = limit.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
            tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = url.IdnHost, RemoteCertificateValidationCallback = trusts });
            return new StoreConnection(origin, socket, tls);
        }
        catch (Exception e)
        {
            tls.Dispose();
            throw e is AuthenticationException or IOException or SocketException or ObjectDisposedException ? NotReached("TlsFailed", e.Message) : e;
        }
    }

    private static IPAddress[] AddressesOf(string host, CancellationToken limit)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return Dns.GetHostAddressesAsync(host, limit).GetAwaiter().GetResult();
        }
        catch (SocketException e)
        {
            throw NotReached("NameNotResolved", e.Message);
        }
    }

    private static Socket ConnectSocket(IPAddress[] addresses, int port, CancellationToken limit)
    {
        SocketException? failed = null;
        foreach (var address in addresses)
        {
            limit.ThrowIfCancellationRequested();
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using (limit.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket))
                {
                    socket.Connect(new IPEndPoint(address, port));
                }

                return socket;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                socket.Dispose();
                failed = e as SocketException ?? failed;
            }
        }

        throw NotReached(failed is { SocketErrorCode: SocketError.ConnectionRefused } ? "ConnectionRefused" : "NotReachable", failed?.Message ?? "the name has no address");
    }

    private static S3TroubleException NotReached(string code, string detail) => new(new S3Trouble(TroubleKind.NotReached, 0, code, detail));
}
