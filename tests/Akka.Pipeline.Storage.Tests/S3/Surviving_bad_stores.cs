namespace Akka.Pipeline.Storage.Tests.S3;

using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;
using S3Operation = Akka.Pipeline.Sandbox.S3Operation;

/// <summary>Stores that fail, lie, ignore and stall: what the store says of it, and that it sends nothing twice by itself.</summary>
public class Surviving_bad_stores : IAsyncLifetime
{
    private static readonly ObjectAddress Address = new("bucket", "key");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-faults-").FullName;
    private SandboxServer server = null!;
    private S3ObjectStore store = null!;

    protected virtual DataPlane Plane => DataPlane.Direct;

    public async Task InitializeAsync()
    {
        server = await SandboxServer.StartAsync(new SandboxOptions { RootFolder = folder, CreateBucketsOnDemand = true });
        store = Open(server.Endpoint, new S3StoreSettings { Checksum = ChecksumMode.Crc32C, ConditionalPut = ConditionSupport.Native, ConditionalComplete = ConditionSupport.Native });
        await PutAsync(store, "there");
        server.Statistics.Reset();
    }

    public async Task DisposeAsync()
    {
        await store.DisposeAsync();
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(FaultKind.SlowDown, "SlowDown", FailureNature.Throttled, false)]
    [InlineData(FaultKind.ResetBody, "ConnectionBroken", FailureNature.Passing, false)]
    [InlineData(FaultKind.CommitThenError, "InternalError", FailureNature.Passing, true)]
    [InlineData(FaultKind.CommitThenReset, "ConnectionBroken", FailureNature.Passing, true)]
    [InlineData(FaultKind.Garbage, "UnreadableAnswer", FailureNature.Passing, true)]
    public async Task A_write_without_a_good_answer_has_an_unknown_outcome_and_is_sent_once(FaultKind fault, string code, FailureNature nature, bool committed)
    {
        server.Faults.Add(new FaultRule { Fault = fault, Operations = [S3Operation.PutObject], AfterBytes = 1000 });
        var failure = await FailureOf(() => PutAsync(store, "key", 300_000));
        Assert.Equal((code, nature, true), (failure.Code, failure.Nature, failure.OutcomeUnknown));
        Assert.Equal(1, server.Statistics.Count(S3Operation.PutObject));
        Assert.Equal(committed, await store.HeadAsync(Address, None) is not null);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_in_time_leaves_the_outcome_unknown()
    {
        await using var impatient = Open(server.Endpoint, new S3StoreSettings { Checksum = ChecksumMode.Crc32C, RequestTimeout = TimeSpan.FromMilliseconds(300) });
        server.Faults.Add(new FaultRule { Fault = FaultKind.Latency, After = TimeSpan.FromSeconds(5), Operations = [S3Operation.PutObject] });
        var failure = await FailureOf(() => PutAsync(impatient, "key"));
        Assert.Equal(("Timeout", FailureNature.Passing, true), (failure.Code, failure.Nature, failure.OutcomeUnknown));
        Assert.NotNull(await store.HeadAsync(Address, None));
    }

    [Fact]
    public async Task An_answer_that_drips_ends_with_the_time_out()
    {
        await using var impatient = Open(server.Endpoint, new S3StoreSettings { Checksum = ChecksumMode.Crc32C, RequestTimeout = TimeSpan.FromMilliseconds(500) });
        server.Faults.Add(new FaultRule { Fault = FaultKind.SlowResponse, After = TimeSpan.FromMilliseconds(100), Operations = [S3Operation.CreateMultipartUpload] });
        Assert.Equal("Timeout", (await FailureOf(() => impatient.CreateMultipartAsync(new CreateMultipartRequest(Address, ObjectAttributes.None), None))).Code);
    }

    [Fact]
    public async Task Corrupted_bytes_are_seen_in_the_answer()
    {
        server.Faults.Add(new FaultRule { Fault = FaultKind.Corrupt, ETagOfCorrupted = true, Times = 1, Operations = [S3Operation.PutObject] });
        Assert.Equal(("AnswerContradictsBody", FailureScope.File, FailureNature.Passing), await KindOf(() => PutAsync(store, "key")));

        await using var plain = Open(server.Endpoint, new S3StoreSettings { Checksum = ChecksumMode.Md5 });
        server.Faults.Add(new FaultRule { Fault = FaultKind.Corrupt, ETagOfCorrupted = true, Times = 1, Operations = [S3Operation.PutObject] });
        Assert.Equal(("AnswerContradictsBody", FailureScope.File, FailureNature.Passing), await KindOf(() => PutAsync(plain, "another")));
    }

    [Theory]
    [InlineData(FaultKind.ErrorInside200)]
    [InlineData(FaultKind.CommitThenReset)]
    [InlineData(FaultKind.CommitThenError)]
    public async Task A_completion_that_went_wrong_is_never_taken_for_done(FaultKind fault)
    {
        var content = BodyOf.Bytes(1000, 1);
        var id = await store.CreateMultipartAsync(new CreateMultipartRequest(Address, ObjectAttributes.None), None);
        var part = await store.UploadPartAsync(new PartRequest(Address, id, 1, new BodyOf(content, store.Traits)), None);
        server.Faults.Add(new FaultRule { Fault = fault, Operations = [S3Operation.CompleteMultipartUpload], Times = 1 });
        var failure = await FailureOf(() => store.CompleteMultipartAsync(new CompleteMultipartRequest(Address, id, [part], 1000, DigestSet.Unknown, WriteCondition.IfAbsent), None));
        Assert.True(failure.OutcomeUnknown);
        Assert.Equal(1, server.Statistics.Count(S3Operation.CompleteMultipartUpload));
    }

    [Fact]
    public async Task A_bucket_elsewhere_is_named_with_its_region()
    {
        server.Faults.Add(new FaultRule { Fault = FaultKind.Redirect, Status = 301, Region = "eu-central-1" });
        var failure = await FailureOf(() => PutAsync(store, "key"));
        Assert.Equal((FailureScope.Bucket, "WrongRegion"), (failure.Scope, failure.Code));
        Assert.Contains("eu-central-1", failure.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_is_a_failure_of_credentials_that_does_not_show_it()
    {
        await using var wrong = new S3ObjectStore(new S3StoreSettings { Endpoint = server.Endpoint, DataPlane = Plane }, S3Access.WithKeys("AKIASANDBOX", "not-the-secret", "us-east-1"));
        var error = await Assert.ThrowsAsync<StoreException>(() => PutAsync(wrong, "key"));
        Assert.Equal((FailureScope.Store, FailureNature.Credentials, "SignatureDoesNotMatch"), (error.Failure.Scope, error.Failure.Nature, error.Failure.Code));
        Assert.DoesNotContain("not-the-secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_down_has_surely_not_written()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var endpoint = new Uri($"http://{closed.LocalEndpoint}");
        closed.Stop();
        await using var down = Open(endpoint, new S3StoreSettings());
        var failure = await FailureOf(() => PutAsync(down, "key"));
        Assert.Equal((FailureScope.Store, FailureNature.Passing, "ConnectionRefused", false), (failure.Scope, failure.Nature, failure.Code, failure.OutcomeUnknown));
    }

    [Theory]
    [InlineData(200, "<html>Please sign in</html>", "UnreadableAnswer")]
    [InlineData(502, "<html>Bad gateway</html>", "InternalError")]
    [InlineData(200, "", "UnreadableAnswer")]
    public async Task A_page_in_the_stores_place_is_no_success(int status, string body, string code)
    {
        await using var page = StubServer.Saying(status, body);
        await using var there = Open(page.Endpoint, new S3StoreSettings());
        var put = await FailureOf(() => PutAsync(there, "key"));
        Assert.Equal((FailureScope.Store, FailureNature.Passing, true), (put.Scope, put.Nature, put.OutcomeUnknown));
        Assert.True(put.Code == code || status != 200, put.Code);
        await FailureOf(() => there.HeadAsync(Address, None));
        await FailureOf(() => there.CreateMultipartAsync(new CreateMultipartRequest(Address, ObjectAttributes.None), None));
        await FailureOf(() => there.ListPartsAsync(Address, "id", None));
        await FailureOf(() => there.ListMultipartsAsync("bucket", "", None).GetAsyncEnumerator(None).MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task A_checksum_that_is_not_confirmed_is_a_failure()
    {
        await using var deaf = StubServer.Saying(200, "", "ETag: \"0123456789abcdef0123456789abcdef-x\"");
        await using var there = Open(deaf.Endpoint, new S3StoreSettings { Checksum = ChecksumMode.Crc32C });
        Assert.Equal(("ChecksumNotConfirmed", FailureScope.Store, FailureNature.Lasting), await KindOf(() => PutAsync(there, "key")));
    }

    [Fact]
    public async Task A_store_that_ignores_conditions_is_found_out_and_looked_at_first()
    {
        var held = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var old = new StubServer((request, stream) => AnswerLikeAnOldStore(held, request, stream));
        await using var there = Open(old.Endpoint, new S3StoreSettings());
        Assert.Equal(WriteOutcome.Stored, (await PutAsync(there, "first")).Outcome);
        Assert.Equal(2, old.Requests);
        Assert.Equal(WriteOutcome.ConditionFailed, (await PutAsync(there, "first", 20)).Outcome);
        Assert.Equal(BodyOf.DigestsOf(BodyOf.Bytes(10, 10), DigestKinds.Md5).Md5, held["first"]);
        Assert.Equal(WriteOutcome.Stored, (await PutAsync(there, "second", 20)).Outcome);
        Assert.Equal(2, held.Count);
    }

    [Fact]
    public async Task A_store_that_refuses_conditions_is_written_to_without_them()
    {
        var held = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var old = new StubServer((request, stream) => request.Contains("If-None-Match", StringComparison.OrdinalIgnoreCase)
            ? StubServer.SayAsync(stream, 501, "<Error><Code>NotImplemented</Code></Error>")
            : AnswerLikeAnOldStore(held, request, stream));
        await using var there = Open(old.Endpoint, new S3StoreSettings());
        Assert.Equal(WriteOutcome.Stored, (await PutAsync(there, "first")).Outcome);
        Assert.Equal(WriteOutcome.ConditionFailed, (await PutAsync(there, "first", 20)).Outcome);
        Assert.Single(held);
    }

    [Fact]
    public async Task A_store_that_honours_conditions_is_tried_out_once()
    {
        await using var other = Open(server.Endpoint, new S3StoreSettings { Checksum = ChecksumMode.Md5 });
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(WriteOutcome.Stored, (await PutAsync(other, $"tried/{i}")).Outcome);
        }

        Assert.Equal(6, server.Statistics.Total);
    }

    [Fact]
    public async Task A_small_new_object_costs_one_request()
    {
        await PutAsync(store, "one");
        Assert.Equal(1, server.Statistics.Total);
    }

    private static async Task AnswerLikeAnOldStore(Dictionary<string, string> held, string request, NetworkStream stream)
    {
        var key = request.Split(' ')[1]["/bucket/".Length..];
        string? eTag;
        lock (held)
        {
            if (request.StartsWith("PUT ", StringComparison.Ordinal))
            {
                var body = Encoding.Latin1.GetBytes(request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
                held[key] = BodyOf.DigestsOf(body, DigestKinds.Md5).Md5!;
            }

            eTag = held.GetValueOrDefault(key);
        }

        await (request.StartsWith("HEAD /bucket ", StringComparison.Ordinal) || request.StartsWith("HEAD /bucket/ ", StringComparison.Ordinal) ? StubServer.SayAsync(stream, 200, "")
            : eTag is null ? StubServer.SayAsync(stream, 404, "")
            : StubServer.SayAsync(stream, 200, "", $"ETag: \"{eTag}\""));
    }

    private S3ObjectStore Open(Uri endpoint, S3StoreSettings settings) =>
        new(settings with { Endpoint = endpoint, DataPlane = Plane }, S3Access.WithKeys("AKIASANDBOX", "sandbox-secret-key", "us-east-1"));

    private static Task<WriteResult> PutAsync(S3ObjectStore store, string key, int length = 10) =>
        store.PutAsync(new PutRequest(Address with { Key = key }, new BodyOf(BodyOf.Bytes(length, length), store.Traits), ObjectAttributes.None, WriteCondition.IfAbsent), None);

    private static async Task<Failure> FailureOf(Func<Task> act) => (await Assert.ThrowsAsync<StoreException>(act)).Failure;

    private static async Task<(string Code, FailureScope Scope, FailureNature Nature)> KindOf(Func<Task> act)
    {
        var failure = await FailureOf(act);
        return (failure.Code, failure.Scope, failure.Nature);
    }
}

/// <summary>The same, where the AWS SDK sends the bytes too.</summary>
public sealed class Surviving_bad_stores_through_the_SDK : Surviving_bad_stores
{
    protected override DataPlane Plane => DataPlane.Sdk;
}
