namespace Akka.Pipeline.Storage.Tests.S3.Direct;

using System.Net.Http;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.S3.Direct;
using Akka.Pipeline.Storage.Tests.Stores;
using Akka.Pipeline.Storage.Threads;
using S3Operation = Akka.Pipeline.Sandbox.S3Operation;

/// <summary>What our own way of sending bytes does besides what every store does.</summary>
public sealed class Sending_directly
{
    private static readonly ObjectAddress Address = new("bucket", "key");
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(-3)]
    [InlineData(20)]
    public async Task A_clock_that_is_wrong_costs_one_request_and_no_more(int hours)
    {
        await using var server = await ServeAsync(new SandboxOptions());
        await using var store = Open(server, time: new ShiftedClock(TimeSpan.FromHours(hours)));

        Assert.Equal(WriteOutcome.Stored, (await PutAsync(store)).Outcome);
        Assert.Equal(2, server.Statistics.Count(S3Operation.PutObject));
        Assert.Equal(WriteOutcome.Stored, (await PutAsync(store)).Outcome);
        Assert.Equal(3, server.Statistics.Count(S3Operation.PutObject));
    }

    [Fact]
    public async Task A_store_that_will_not_take_its_own_time_is_not_asked_for_ever()
    {
        await using var server = StubServer.Saying(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", "Date: Fri, 24 May 2013 00:00:00 GMT");
        await using var store = new S3ObjectStore(new S3StoreSettings { Endpoint = server.Endpoint }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));

        Assert.Equal("RequestTimeTooSkewed", (await Assert.ThrowsAsync<StoreException>(() => PutAsync(store))).Failure.Code);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_bucket_in_another_region_costs_one_request_and_no_more()
    {
        await using var server = await ServeAsync(new SandboxOptions { Region = "eu-central-1", StrictRegion = true });
        await using var store = Open(server);

        Assert.Equal(WriteOutcome.Stored, (await PutAsync(store)).Outcome);
        Assert.Equal(WriteOutcome.Stored, (await PutAsync(store)).Outcome);
        Assert.Equal(3, server.Statistics.Count(S3Operation.PutObject));
    }

    [Fact]
    public async Task Only_a_long_conditional_body_asks_before_it_comes()
    {
        Assert.Null((await WireTap.PutAsync(DataPlane.Direct, Address, length: 1 << 20))["expect"]);
        Assert.Null((await WireTap.PutPartAsync(DataPlane.Direct, "id", length: (1 << 20) + 1))["expect"]);
        await using var server = await ServeAsync(new SandboxOptions());
        await using var store = Open(server);
        await PutAsync(store, 2 << 20);
        server.Statistics.Reset();
        Assert.Equal(WriteOutcome.ConditionFailed, (await PutAsync(store, 2 << 20, WriteCondition.IfAbsent)).Outcome);
        Assert.Equal(0, server.Statistics.ReceivedBytes);
    }

    [Theory]
    [InlineData(false, DigestKinds.Md5, "UNSIGNED-PAYLOAD")]
    [InlineData(true, DigestKinds.Md5 | DigestKinds.Sha256, "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721")]
    public async Task The_signature_covers_every_byte_where_that_is_wished(bool wished, DigestKinds digests, string payload)
    {
        var request = "";
        await using var stub = new StubServer((seen, stream) =>
        {
            request = seen;
            return StubServer.SayAsync(stream, 200, "", "ETag: \"e80b5017098950fc58aad83c8c14978e\"");
        });
        await using var store = new S3ObjectStore(new S3StoreSettings { Endpoint = stub.Endpoint, SignPayload = wished }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));
        Assert.Equal(digests, store.Traits.PutDigests);

        await store.PutAsync(new PutRequest(Address, BodyOf.Text("abcdef", store.Traits), ObjectAttributes.None, null), None);

        Assert.Contains($"x-amz-content-sha256: {payload}\r\n", request, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(ChecksumMode.Crc32C, false)]
    [InlineData(ChecksumMode.Md5, false)]
    [InlineData(ChecksumMode.Md5, true)]
    [InlineData(ChecksumMode.Sha256, true)]
    public async Task A_store_takes_every_kind_of_checksum_and_checks_it(ChecksumMode checksum, bool signPayload)
    {
        await using var server = await ServeAsync(new SandboxOptions());
        await using var store = new S3ObjectStore(
            new S3StoreSettings { Endpoint = server.Endpoint, Checksum = checksum, SignPayload = signPayload }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));
        Assert.Equal(WriteOutcome.Stored, (await PutAsync(store, 5000)).Outcome);
        var wrong = new BodyOf(BodyOf.Bytes(10, 1), store.Traits) { Digests = BodyOf.DigestsOf(BodyOf.Bytes(10, 2), store.Traits.PutDigests) };
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(new PutRequest(Address, wrong, ObjectAttributes.None, null), None));
    }

    [Fact]
    public async Task Over_http_a_limited_bandwidth_is_used_in_full()
    {
        const int Rate = 1 << 20, Length = 10 << 20;
        await using var server = await ServeAsync(new SandboxOptions());
        await using var store = Open(server);
        var body = new PacedBody(BodyOf.Bytes(Length, 1), Rate, store.Traits);

        Assert.Equal(WriteOutcome.Stored, (await store.PutAsync(new PutRequest(Address, body, ObjectAttributes.None, WriteCondition.IfAbsent), None)).Outcome);

        // The first second's worth goes at once; every byte counts once.
        Assert.InRange(body.Waited, TimeSpan.FromSeconds(8.9), TimeSpan.FromSeconds(9.1));
    }

    [Fact]
    public async Task A_body_that_is_held_back_longer_than_the_request_time_out_is_no_stall()
    {
        await using var server = await ServeAsync(new SandboxOptions());
        await using var store = Open(server, patience: TimeSpan.FromMilliseconds(400));
        var body = new PacedBody(BodyOf.Bytes(100_000, 1), 1 << 20, store.Traits) { RealDelay = TimeSpan.FromMilliseconds(600) };
        Assert.Equal(WriteOutcome.Stored, (await store.PutAsync(new PutRequest(Address, body, ObjectAttributes.None, null), None)).Outcome);
    }

    [Fact]
    public async Task An_attribute_that_no_header_can_hold_is_an_error_that_is_named()
    {
        await using var server = await ServeAsync(new SandboxOptions());
        await using var store = Open(server);
        var failure = (await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(
            new PutRequest(Address, new BodyOf([1], store.Traits), ObjectAttributes.None with { ContentType = "text/plain\r\nx-amz-acl: public-read" }, null), None))).Failure;
        Assert.Contains("content-type", failure.Cause, StringComparison.Ordinal);
        Assert.Equal(0, server.Statistics.Total);
    }

    [Fact]
    public async Task Over_https_it_is_the_same()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var server = await ServeAsync(new SandboxOptions { Certificate = certificate });
        using var connections = new StoreConnections(TimeSpan.FromSeconds(10), (_, seen, _, _) => seen?.GetCertHashString() == certificate.GetCertHashString());
        using var threads = new WaitingThreads(4);
        var endpoints = new BucketEndpoints("us-east-1", region => new Amazon.S3.AmazonS3Config { ServiceURL = server.Endpoint.AbsoluteUri, AuthenticationRegion = region, ForcePathStyle = true });
        var sender = new DirectSender(threads, connections, endpoints, new RenewingCredentials(), new SigningClock(TimeProvider.System), ChecksumMode.Crc32C, false, null!);
        foreach (var length in new[] { 0, 4096, 3 << 20 })
        {
            var body = new BodyOf(BodyOf.Bytes(length, 1), new StoreTraits("", DigestKinds.Crc32C | DigestKinds.Md5, false, null, true, true));
            using var stall = new StallClock(TimeSpan.FromSeconds(20), None);
            var answer = await sender.PutAsync(new PutRequest(Address, body, ObjectAttributes.None, null), new Precondition(null, null), stall);
            Assert.Equal((body.Digests.Md5, body.Digests.Crc32C), (answer.ETag, answer.Echo.Crc32C));
        }
    }

    [Fact]
    public async Task Renewed_credentials_are_used_at_once()
    {
        await using var server = await ServeAsync(new SandboxOptions { SessionTokens = ["second"] });
        var credentials = new RenewingCredentials();
        await using var store = new S3ObjectStore(new S3StoreSettings { Endpoint = server.Endpoint }, S3Access.WithCredentials(credentials, "us-east-1"));
        credentials.Token = "first";
        Assert.Equal("InvalidToken", (await Assert.ThrowsAsync<StoreException>(() => PutAsync(store))).Failure.Code);
        credentials.Token = "second";
        Assert.Equal(WriteOutcome.Stored, (await PutAsync(store)).Outcome);
    }

    private static Task<SandboxServer> ServeAsync(SandboxOptions options) => SandboxServer.StartAsync(options with { NullMode = true, CreateBucketsOnDemand = true });

    private static S3ObjectStore Open(SandboxServer server, TimeProvider? time = null, TimeSpan? patience = null) => new(
        new S3StoreSettings { Endpoint = server.Endpoint, Checksum = ChecksumMode.Crc32C, ConditionalPut = ConditionSupport.Native, RequestTimeout = patience ?? TimeSpan.FromSeconds(20) },
        S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"),
        time);

    private static Task<WriteResult> PutAsync(S3ObjectStore store, int length = 10, WriteCondition? condition = null) =>
        store.PutAsync(new PutRequest(Address, new BodyOf(BodyOf.Bytes(length, length), store.Traits), ObjectAttributes.None, condition), None);

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    private sealed class RenewingCredentials : Amazon.Runtime.AWSCredentials
    {
        public string Token { get; set; } = "";

        public override Amazon.Runtime.ImmutableCredentials GetCredentials() => new("AKIASANDBOX", "sandbox-secret-key", Token);
    }

    /// <summary>A body that is given at a rate, in a time of its own.</summary>
    private sealed class PacedBody(byte[] content, int bytesPerSecond, StoreTraits traits) : IUploadBody
    {
        private int BytesPerSecond => bytesPerSecond;

        public TimeSpan Waited { get; private set; }

        public TimeSpan RealDelay { get; init; }

        public long LengthBytes => content.Length;

        public DigestSet Digests { get; } = BodyOf.DigestsOf(content, traits.PutDigests);

        public ReadOnlyMemory<byte> Memory => default;

        public Stream OpenRead() => new Paced(this, content);

        private sealed class Paced(PacedBody body, byte[] content) : MemoryStream(content, writable: false)
        {
            private readonly TokenBucket bucket = new(body.BytesPerSecond, TimeSpan.Zero);

            public override int Read(byte[] buffer, int offset, int count)
            {
                var read = base.Read(buffer, offset, count);
                body.Waited += bucket.Take(read, body.Waited);
                return read;
            }

            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                if (Position == 0 && body.RealDelay > TimeSpan.Zero)
                {
                    await Task.Delay(body.RealDelay, cancellationToken);
                }

                // Which reads through the other one.
                return await base.ReadAsync(buffer, cancellationToken);
            }
        }
    }
}
