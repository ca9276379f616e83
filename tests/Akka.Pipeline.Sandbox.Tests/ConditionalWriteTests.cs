namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using Amazon.S3;

public sealed class ConditionalWriteTests : SandboxTest
{
    [Fact]
    public async Task If_none_match_lets_only_the_first_write_through()
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "first", IfNoneMatch = "*" });
        var error = await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "second", IfNoneMatch = "*" }));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "PreconditionFailed"), (error.StatusCode, error.ErrorCode));
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(Root, Bucket, "k")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Root, ".sandbox", "temporary")));
    }

    [Fact]
    public async Task If_match_replaces_only_what_the_client_knows()
    {
        var first = await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "first" });
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "second", IfMatch = first.ETag });
        Assert.Equal("PreconditionFailed", (await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "third", IfMatch = first.ETag }))).ErrorCode);
        Assert.Equal("NoSuchKey", (await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.PutObjectAsync(new() { BucketName = Bucket, Key = "none", ContentBody = "x", IfMatch = first.ETag }))).ErrorCode);
        Assert.Equal(HttpStatusCode.NotImplemented, (await Raw().SendAsync("PUT", $"/{Bucket}/k", body: [1], headers: ("if-none-match", first.ETag))).Status);
    }

    [Fact]
    public async Task Of_racing_writers_exactly_one_wins_and_its_bytes_stay()
    {
        var raw = Raw();
        for (var round = 0; round < 5; round++)
        {
            var key = $"race-{round}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(writer => raw.SendAsync("PUT", $"/{Bucket}/{key}", body: Bytes(20_000, writer), headers: ("if-none-match", "*"))));
            var winner = Assert.Single(Enumerable.Range(0, 24), writer => answers[writer].Status == HttpStatusCode.OK);
            Assert.Equal(23, answers.Count(answer => answer.Code == "PreconditionFailed"));
            Assert.Equal(Bytes(20_000, winner), await File.ReadAllBytesAsync(Path.Combine(Root, Bucket, key)));
        }
    }
}
