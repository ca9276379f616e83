namespace Akka.Pipeline.Storage.Tests.S3;

using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>Servers that speak HTTP badly, slowly or falsely: nothing is taken for stored, and every call ends in bounded time.</summary>
public class Talking_to_something_else
{
    private const string Md5OfOtherBytes = "900150983cd24fb0d6963f7d28e17f72";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly ObjectAddress Address = new("bucket", "key");
    private static readonly CancellationToken None = CancellationToken.None;

    protected virtual DataPlane Plane => DataPlane.Direct;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: \"x\"\r\nConnection: close\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\nETag: \"x\"\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\nETag: \"x\"\r\n\r\nabcd")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"x\"\r\nConnection: close\r\n\r\nzz\r\nnot a chunk")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"x\"\r\nConnection: close\r\n\r\n5\r\nab")]
    [InlineData("HTTP/1.1 200 OK\r\nETag: \"" + Md5OfOtherBytes + "\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nETag:\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 999 Nonsense\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("220 mail ready\r\n")]
    [InlineData("\0\u0001\u0002\u0003\r\n\r\n")]
    [InlineData("")]
    public async Task A_nonsensical_answer_is_never_a_success(string answer)
    {
        await using var server = new StubServer((_, stream) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer)).AsTask());
        await using var store = Open(server);
        await FailsInTimeAsync(() => PutAsync(store));
        await FailsInTimeAsync(() => store.CreateMultipartAsync(new CreateMultipartRequest(Address, ObjectAttributes.None), None));
        await FailsInTimeAsync(() => CompleteAsync(store));
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>key</Key><ETag>\"abc-1\"</ET")]
    [InlineData("<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Bucket>bucket</Bucket>")]
    [InlineData("<Error><Code>InternalError</Code><Message>We could not.</Message></Error>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><CompleteMultipartUploadResult><ETag>&b;</ETag></CompleteMultipartUploadResult>")]
    [InlineData("<html><body>Welcome to the hotel</body></html>")]
    [InlineData("{\"ok\":true}")]
    public async Task A_completion_of_200_with_another_body_is_not_done(string body)
    {
        await using var server = StubServer.Saying(200, body, "Content-Type: application/xml");
        await using var store = Open(server);

        var failure = await FailsInTimeAsync(() => CompleteAsync(store));

        Assert.True(failure.OutcomeUnknown);
    }

    [Fact]
    public async Task A_web_server_that_answers_200_to_everything_is_found_out_before_anything_counts_as_stored()
    {
        await using var server = new StubServer((request, stream) => request.StartsWith("HEAD ", StringComparison.Ordinal)
            ? stream.WriteAsync("HTTP/1.1 200 OK\r\nETag: W/\"5f-18c\"\r\nContent-Type: text/html\r\nContent-Length: 95\r\nConnection: close\r\n\r\n"u8.ToArray()).AsTask()
            : StubServer.SayAsync(stream, 200, "<html>The application</html>", "ETag: W/\"5f-18c\"", "Content-Type: text/html"));
        await using var store = Open(server);

        var failure = await FailsInTimeAsync(() => PutAsync(store));

        Assert.Equal(("UnreadableAnswer", FailureScope.Store), (failure.Code, failure.Scope));
    }

    [Fact]
    public async Task A_store_with_ETags_of_its_own_kind_is_asked_and_believed()
    {
        await using var server = new StubServer((request, stream) => request.StartsWith("HEAD ", StringComparison.Ordinal)
            ? stream.WriteAsync("HTTP/1.1 200 OK\r\nETag: \"own-kind\"\r\nContent-Length: 10\r\nConnection: close\r\n\r\n"u8.ToArray()).AsTask()
            : StubServer.SayAsync(stream, 200, "", "ETag: \"own-kind\""));
        await using var store = new S3ObjectStore(
            new S3StoreSettings { DataPlane = Plane, Endpoint = server.Endpoint, ConditionalPut = ConditionSupport.Native }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));

        Assert.Equal("own-kind", (await PutAsync(store)).Object!.ETag);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_storm_of_interim_answers_ends()
    {
        await using var server = new StubServer(async (_, stream) =>
        {
            while (true)
            {
                await stream.WriteAsync("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"u8.ToArray());
            }
        });
        await using var store = Open(server);
        await FailsInTimeAsync(() => PutAsync(store));
    }

    [Fact]
    public async Task Headers_that_never_end_or_drip_end_by_themselves()
    {
        await using var endless = new StubServer(async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray());
            while (true)
            {
                await stream.WriteAsync("X-More: and more and more and more and more and more\r\n"u8.ToArray());
            }
        });
        await using var first = Open(endless);
        await FailsInTimeAsync(() => PutAsync(first));

        await using var dripping = new StubServer((_, stream) => DripAsync(stream, "HTTP/1.1 200 OK\r\nX-Slow: " + new string('s', 10_000)));
        await using var second = Open(dripping, Patience);
        Assert.Equal("Timeout", (await FailsInTimeAsync(() => PutAsync(second))).Code);
        Assert.Equal("Timeout", (await FailsInTimeAsync(() => second.HeadAsync(Address, None))).Code);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_off()
    {
        await using var server = new StubServer(async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n<ListPartsResult>"u8.ToArray());
            var more = new byte[1 << 20];
            Array.Fill(more, (byte)' ');
            while (true)
            {
                await stream.WriteAsync(more);
            }
        });
        await using var store = Open(server);
        await FailsInTimeAsync(() => store.ListPartsAsync(Address, "id", None));
    }

    [Fact]
    public async Task A_server_that_does_not_read_the_body_is_given_up()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var store = new S3ObjectStore(
            new S3StoreSettings { DataPlane = Plane, Endpoint = new Uri($"http://{listener.LocalEndpoint}"), RequestTimeout = Patience }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));

        Assert.Equal("Timeout", (await FailsInTimeAsync(() => PutAsync(store, 64 << 20))).Code);
    }

    [Theory]
    [InlineData(301, "")]
    [InlineData(307, "")]
    [InlineData(307, "Location: http://127.0.0.1:1/bucket/key")]
    [InlineData(307, "Location: http://169.254.169.254/latest/meta-data/")]
    [InlineData(301, "Location: /bucket/key")]
    [InlineData(308, "Location: ::nonsense::")]
    [InlineData(302, "x-amz-bucket-region: nowhere-1")]
    public async Task A_redirect_is_told_and_never_followed(int status, string header)
    {
        await using var server = header.Length == 0 ? StubServer.Saying(status, "") : StubServer.Saying(status, "", header);
        await using var store = Open(server);

        var failure = await FailsInTimeAsync(() => PutAsync(store));

        Assert.NotEmpty(failure.Cure);
        Assert.Equal(1, server.Requests);
        await FailsInTimeAsync(() => store.HeadAsync(Address, None));
    }

    private static async Task DripAsync(NetworkStream stream, string text)
    {
        foreach (var c in text)
        {
            await stream.WriteAsync(new[] { (byte)c });
            await Task.Delay(20);
        }
    }

    private S3ObjectStore Open(StubServer server, TimeSpan? patience = null) =>
        new(new S3StoreSettings { DataPlane = Plane, Endpoint = server.Endpoint, RequestTimeout = patience ?? TimeSpan.FromSeconds(5) }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));

    private static BodyOf Body(S3ObjectStore store, int length = 10) => new(BodyOf.Bytes(length, 1), store.Traits);

    private static Task<WriteResult> PutAsync(S3ObjectStore store, int length = 10) =>
        store.PutAsync(new PutRequest(Address, Body(store, length), ObjectAttributes.None, WriteCondition.IfAbsent), None);

    private static Task<WriteResult> CompleteAsync(S3ObjectStore store) =>
        store.CompleteMultipartAsync(new CompleteMultipartRequest(Address, "id", [new PartFacts(1, 10, "0123456789abcdef0123456789abcdef", DigestSet.Unknown)], 10, DigestSet.Unknown, null), None);

    private static async Task<Failure> FailsInTimeAsync(Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        var failure = (await Assert.ThrowsAsync<StoreException>(act)).Failure;
        Assert.True(Stopwatch.GetElapsedTime(started) < Bound, $"It took {Stopwatch.GetElapsedTime(started)}.");
        return failure;
    }
}

/// <summary>The same, where the AWS SDK sends the bytes too.</summary>
public sealed class Talking_to_something_else_through_the_SDK : Talking_to_something_else
{
    protected override DataPlane Plane => DataPlane.Sdk;
}
