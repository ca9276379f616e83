namespace Akka.Pipeline.Sandbox.Tests;

using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;

public sealed class FaultTests : SandboxTest
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private string File(string key) => Path.Combine(Root, Bucket, key);

    private Task<RawAnswer> PutAsync(string key, byte[] body) => Raw().SendAsync("PUT", $"/{Bucket}/{key}", body: body);

    private static Task UntilAsync(Func<bool> condition) => Task.Run(async () =>
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(startedAt) < Deadline, "The condition did not come true in time.");
            await Task.Delay(5);
        }
    });

    [Fact]
    public async Task Slow_down_answers_before_the_body_is_read()
    {
        var rule = new FaultRule { Fault = FaultKind.SlowDown, Operations = [S3Operation.PutObject], Times = 2 };
        Server.Faults.Add(rule);
        var answers = new[] { await PutAsync("k", Bytes(1000)), await PutAsync("k", Bytes(1000)), await PutAsync("k", Bytes(1000)) };
        Assert.Equal([HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK], answers.Select(answer => answer.Status));
        Assert.Equal("SlowDown", answers[0].Code);
        Assert.Equal(2, Server.Faults.Hits(rule));
        Assert.Equal([0, 0, 1000], Server.Statistics.Recent.Where(request => request.Operation == S3Operation.PutObject).Select(request => request.BodyBytes));
    }

    [Theory]
    [InlineData(403, "AccessDenied")]
    [InlineData(404, "NoSuchBucket")]
    [InlineData(403, "InvalidAccessKeyId")]
    [InlineData(400, "ExpiredToken")]
    [InlineData(404, "NoSuchUpload")]
    public async Task Any_error_can_be_asked_for(int status, string code)
    {
        Server.Faults.Add(new() { Fault = FaultKind.Error, Status = status, Code = code, Key = "a/*.txt" });
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("b/c.txt", [1])).Status);
        var answer = await PutAsync("a/b/c.txt", [1]);
        Assert.Equal((status, code), ((int)answer.Status, answer.Code));
        Assert.False(System.IO.File.Exists(File("a/b/c.txt")));
    }

    [Fact]
    public async Task Latency_waits_before_and_after_the_commit()
    {
        Server.Faults.Add(new() { Fault = FaultKind.Latency, Before = TimeSpan.FromMilliseconds(150), After = TimeSpan.FromSeconds(30), Times = 1 });
        var startedAt = Stopwatch.GetTimestamp();
        var put = PutAsync("k", [1]);
        await UntilAsync(() => System.IO.File.Exists(File("k")));
        Assert.True(Stopwatch.GetElapsedTime(startedAt) > TimeSpan.FromMilliseconds(120));
        Assert.False(put.IsCompleted);
        await Server.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => put);
    }

    [Fact]
    public async Task A_body_is_cut_off_and_nothing_stays_of_it()
    {
        Server.Faults.Add(new() { Fault = FaultKind.ResetBody, AfterBytes = 5000, Times = 1 });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PutAsync("k", Bytes(4_000_000)));
        await UntilAsync(() => Server.Statistics.Count(S3Operation.PutObject) == 1);
        Assert.Equal((0, 5000), (Server.Statistics.Recent[^1].Status, Server.Statistics.Recent[^1].BodyBytes));
        Assert.False(System.IO.File.Exists(File("k")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Root, ".sandbox", "temporary")));
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("k", Bytes(10))).Status);
    }

    [Theory]
    [InlineData(FaultKind.CommitThenError)]
    [InlineData(FaultKind.CommitThenReset)]
    public async Task The_object_is_there_though_the_answer_says_otherwise(FaultKind fault)
    {
        Server.Faults.Add(new() { Fault = fault, Times = 1 });
        if (fault == FaultKind.CommitThenError)
        {
            var answer = await PutAsync("k", Bytes(10));
            Assert.Equal((HttpStatusCode.InternalServerError, "InternalError"), (answer.Status, answer.Code));
        }
        else
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => PutAsync("k", Bytes(10)));
        }

        Assert.Equal(Bytes(10), await System.IO.File.ReadAllBytesAsync(File("k")));
    }

    [Fact]
    public async Task The_answer_to_complete_is_lost_and_a_second_try_finds_it_done()
    {
        var raw = Raw();
        var id = (await raw.SendAsync("POST", $"/{Bucket}/k", "uploads=")).Element("UploadId");
        var etag = (await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber=1&uploadId={id}", Bytes(10))).Header("etag");
        var document = Encoding.UTF8.GetBytes($"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>");
        Server.Faults.Add(new() { Fault = FaultKind.CommitThenReset, Operations = [S3Operation.CompleteMultipartUpload], Times = 1 });
        Server.Faults.Add(new() { Fault = FaultKind.ErrorInside200, Operations = [S3Operation.CompleteMultipartUpload], Times = 1 });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => raw.SendAsync("POST", $"/{Bucket}/k", $"uploadId={id}", document));
        var inside = await raw.SendAsync("POST", $"/{Bucket}/k", $"uploadId={id}", document);
        Assert.Equal((HttpStatusCode.OK, "InternalError"), (inside.Status, inside.Code));
        Assert.NotNull((await raw.SendAsync("POST", $"/{Bucket}/k", $"uploadId={id}", document)).Element("ETag"));
    }

    [Fact]
    public async Task A_503_that_appears_later()
    {
        Server.Faults.Add(new() { Fault = FaultKind.CommitLater, After = TimeSpan.FromSeconds(1.5), Operations = [S3Operation.PutObject], Times = 1 });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PutAsync("k", Bytes(10))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Raw().SendAsync("HEAD", $"/{Bucket}/k")).Status);
        await UntilAsync(() => System.IO.File.Exists(File("k")));
        Assert.Equal(HttpStatusCode.OK, (await Raw().SendAsync("HEAD", $"/{Bucket}/k")).Status);
    }

    [Fact]
    public async Task A_late_commit_that_is_refused_is_told_at_once()
    {
        Server.Faults.Add(new() { Fault = FaultKind.CommitLater, After = TimeSpan.FromMinutes(1), Operations = [S3Operation.PutObject] });
        Assert.Equal("BadDigest", (await Raw().SendAsync("PUT", $"/{Bucket}/k", body: [1], headers: ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="))).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_corrupts_and_shows_it_or_lies(bool shows)
    {
        Server.Faults.Add(new() { Fault = FaultKind.Corrupt, ETagOfCorrupted = shows, Times = 1 });
        var sent = Bytes(100);
        var put = await Raw().SendAsync("PUT", $"/{Bucket}/k", body: sent, headers: ("content-md5", Convert.ToBase64String(MD5.HashData(sent))));
        var stored = await System.IO.File.ReadAllBytesAsync(File("k"));
        Assert.Equal(1, sent.Zip(stored).Sum(pair => System.Numerics.BitOperations.PopCount((uint)(pair.First ^ pair.Second))));
        Assert.Equal($"\"{RawClient.Hex(MD5.HashData(shows ? stored : sent))}\"", put.Header("etag"));
        Assert.Equal(stored, (await Raw().SendAsync("GET", $"/{Bucket}/k")).Body);
    }

    [Fact]
    public async Task An_answer_may_be_garbage()
    {
        Server.Faults.Add(new() { Fault = FaultKind.Garbage, Operations = [S3Operation.ListObjectsV2] });
        var answer = await Raw().SendAsync("GET", $"/{Bucket}", "list-type=2");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.ThrowsAny<System.Xml.XmlException>(() => answer.Code);
    }

    [Theory]
    [InlineData(307)]
    [InlineData(301)]
    public async Task A_bucket_may_have_moved(int status)
    {
        Server.Faults.Add(new() { Fault = FaultKind.Redirect, Status = status, Region = "eu-west-3", Location = "http://elsewhere.example/k" });
        var answer = await PutAsync("k", [1]);
        Assert.Equal((status, "eu-west-3", "http://elsewhere.example/k"), ((int)answer.Status, answer.Header("x-amz-bucket-region"), answer.Header("location")));
        Assert.Equal("elsewhere.example", answer.Element("Endpoint"));
    }

    [Fact]
    public async Task An_answer_may_drip_or_break_off()
    {
        await PutAsync("k", Bytes(1000));
        Server.Faults.Add(new() { Fault = FaultKind.SlowResponse, After = TimeSpan.FromSeconds(5), Times = 1 });
        Server.Faults.Add(new() { Fault = FaultKind.ResetResponse, AfterBytes = 100, Times = 1 });
        var raw = Raw();
        using (var request = raw.Sign("GET", $"/{Bucket}/k", "", null, null, null))
        using (var response = await raw.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            var stream = await response.Content.ReadAsStreamAsync();
            Assert.Equal(1, await stream.ReadAsync(new byte[1000]));
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => raw.SendAsync("GET", $"/{Bucket}/k"));
        Assert.Equal(1000, (await raw.SendAsync("GET", $"/{Bucket}/k")).Body.Length);
    }

    [Fact]
    public async Task Chance_is_the_same_for_the_same_seed()
    {
        async Task<string> RunAsync(int seed)
        {
            Server.Faults.Clear();
            Server.Faults.Seed(seed);
            Server.Faults.Add(new() { Fault = FaultKind.SlowDown, Probability = 0.5 });
            var pattern = new StringBuilder();
            for (var i = 0; i < 40; i++)
            {
                pattern.Append((await Raw().SendAsync("HEAD", $"/{Bucket}")).Status == HttpStatusCode.OK ? '.' : 'x');
            }

            return pattern.ToString();
        }

        var first = await RunAsync(1);
        Assert.Equal(first, await RunAsync(1));
        Assert.NotEqual(first, await RunAsync(2));
        Assert.InRange(first.Count(character => character == 'x'), 8, 32);
    }

    [Fact]
    public async Task A_rule_picks_the_nth_request_and_the_part()
    {
        Server.Faults.Add(new() { Fault = FaultKind.SlowDown, Skip = 1, Times = 1 });
        var statuses = new[] { (await PutAsync("a", [1])).Status, (await PutAsync("b", [1])).Status, (await PutAsync("c", [1])).Status };
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK], statuses);

        Server.Faults.Clear();
        Server.Faults.Add(new() { Fault = FaultKind.SlowDown, PartNumber = 2 });
        var raw = Raw();
        var id = (await raw.SendAsync("POST", $"/{Bucket}/k", "uploads=")).Element("UploadId");
        Assert.Equal(HttpStatusCode.OK, (await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber=1&uploadId={id}", [1])).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber=2&uploadId={id}", [1])).Status);
        Assert.Throws<ArgumentException>(() => Server.Faults.Add(new() { Fault = FaultKind.SlowDown, Probability = 2 }));
    }
}
