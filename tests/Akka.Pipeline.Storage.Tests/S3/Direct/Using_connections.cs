namespace Akka.Pipeline.Storage.Tests.S3.Direct;

using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>How connections live and end, against a store of a few lines that says what is to come next.</summary>
public sealed class Using_connections : IDisposable
{
    private const string Good = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nx-amz-checksum-crc32c: {0}\r\nContent-Length: 0\r\n\r\n";
    private static readonly ObjectAddress Address = new("bucket", "key");
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public Using_connections() => listener.Start();

    private Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public void Dispose() => listener.Dispose();

    [Fact]
    public async Task One_connection_carries_one_request_after_the_other()
    {
        await using var store = Open();
        var puts = PutAsync(store, 3);
        using var only = await listener.AcceptTcpClientAsync();
        for (var n = 0; n < 3; n++)
        {
            await TakeAsync(only, 10);
            await SayAsync(only, Good, 10);
        }

        await puts;
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_connection_that_the_store_has_closed_is_not_used_again()
    {
        await using var store = Open();
        var first = PutAsync(store, 1);
        using (var connection = await listener.AcceptTcpClientAsync())
        {
            await TakeAsync(connection, 10);
            await SayAsync(connection, Good, 10);
            await first;
        }

        var second = PutAsync(store, 1);
        using var next = await listener.AcceptTcpClientAsync();
        await TakeAsync(next, 10);
        await SayAsync(next, Good, 10);
        await second;
    }

    [Fact]
    public async Task A_refusal_in_the_middle_of_a_body_is_heard_and_the_connection_given_up()
    {
        const int Length = 64 << 20;
        await using var store = Open();
        var put = PutAsync(store, 1, Length);
        using (var connection = await listener.AcceptTcpClientAsync())
        {
            await TakeAsync(connection, 100);
            await SayAsync(connection, "HTTP/1.1 503 Slow Down\r\nContent-Length: 39\r\n\r\n<Error><Code>SlowDown</Code></Error>   ", 0);
            Assert.Equal("SlowDown", (await Assert.ThrowsAsync<StoreException>(() => put)).Failure.Code);
        }

        var again = PutAsync(store, 1);
        using var next = await listener.AcceptTcpClientAsync();
        await TakeAsync(next, 10);
        await SayAsync(next, Good, 10);
        await again;
    }

    [Fact]
    public async Task A_store_that_says_yes_before_it_has_the_body_is_not_believed()
    {
        const int Length = 64 << 20;
        await using var store = Open();
        var put = PutAsync(store, 1, Length);
        using var connection = await listener.AcceptTcpClientAsync();
        await TakeAsync(connection, 100);
        await SayAsync(connection, Good, Length);
        var failure = (await Assert.ThrowsAsync<StoreException>(() => put)).Failure;
        Assert.Equal(("UnreadableAnswer", true), (failure.Code, failure.OutcomeUnknown));
    }

    [Fact]
    public async Task Who_gives_up_does_not_wait_for_the_store()
    {
        await using var store = Open();
        using var enough = new CancellationTokenSource();
        var put = store.PutAsync(new PutRequest(Address, Body(10, store), ObjectAttributes.None, null), enough.Token);
        using var connection = await listener.AcceptTcpClientAsync();
        await TakeAsync(connection, 10);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
    }

    [Fact]
    public async Task A_store_that_takes_nothing_is_given_up_after_the_time_out()
    {
        await using var store = Open(TimeSpan.FromMilliseconds(200));
        var put = PutAsync(store, 1, 64 << 20);
        using var connection = await listener.AcceptTcpClientAsync();
        var failure = (await Assert.ThrowsAsync<StoreException>(() => put)).Failure;
        Assert.Equal(("Timeout", true), (failure.Code, failure.OutcomeUnknown));
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_given_up_after_its_time_out()
    {
        // A listener that accepts nobody and whose queue is full answers nothing.
        using var full = new TcpListener(IPAddress.Loopback, 0);
        full.Start(1);
        var address = (IPEndPoint)full.LocalEndpoint;
        var waiting = Enumerable.Range(0, 8).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        waiting.ForEach(socket => _ = socket.ConnectAsync(address));
        await using var store = new S3ObjectStore(
            new S3StoreSettings { Endpoint = new Uri($"http://{address}"), ConnectTimeout = TimeSpan.FromMilliseconds(200) }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));
        var failure = (await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, 1))).Failure;
        Assert.Equal(("ConnectTimeout", false), (failure.Code, failure.OutcomeUnknown));
        waiting.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Parts_of_one_caller_are_under_way_together()
    {
        await using var store = Open();
        var parts = Task.Run(() => Task.WhenAll(Enumerable.Range(1, 4).Select(n => store.UploadPartAsync(new PartRequest(Address, "id", n, Body(10, store)), CancellationToken.None))));
        var connections = new List<TcpClient>();
        for (var n = 0; n < 4; n++)
        {
            connections.Add(await listener.AcceptTcpClientAsync());
            await TakeAsync(connections[^1], 10);
        }

        foreach (var connection in connections)
        {
            await SayAsync(connection, Good, 10);
        }

        Assert.Equal(4, (await parts).Length);
        connections.ForEach(connection => connection.Dispose());
    }

    private static BodyOf Body(int length, S3ObjectStore store) => new(BodyOf.Bytes(length, length), store.Traits);

    private static Task SayAsync(TcpClient connection, string answer, int length)
    {
        var crc = Body(length, new StoreTraits("", Core.Digests.DigestKinds.Crc32C, true, null, true, true)).Digests.Crc32C!;
        return connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer.Replace("{0}", Convert.ToBase64String(Convert.FromHexString(crc)), StringComparison.Ordinal))).AsTask();
    }

    private static BodyOf Body(int length, StoreTraits traits) => new(BodyOf.Bytes(length, length), traits);

    // Reads the head and so much of the body.
    private static async Task TakeAsync(TcpClient connection, int bodyBytes)
    {
        var text = "";
        var buffer = new byte[1];
        for (var after = -1; after < bodyBytes;)
        {
            Assert.Equal(1, await connection.GetStream().ReadAsync(buffer));
            text = after < 0 ? text + (char)buffer[0] : text;
            after = after >= 0 ? after + 1 : text.EndsWith("\r\n\r\n", StringComparison.Ordinal) ? 0 : -1;
        }
    }

    private static async Task PutAsync(S3ObjectStore store, int times, int length = 10)
    {
        for (var n = 0; n < times; n++)
        {
            await store.PutAsync(new PutRequest(Address, Body(length, store), ObjectAttributes.None, null), CancellationToken.None);
        }
    }

    private S3ObjectStore Open(TimeSpan? patience = null) => new(
        new S3StoreSettings { Endpoint = Endpoint, Checksum = ChecksumMode.Crc32C, ConditionalPut = ConditionSupport.Native, RequestTimeout = patience ?? TimeSpan.FromSeconds(20) },
        S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));
}
