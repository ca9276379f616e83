namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using Amazon.S3;

public sealed class BucketTests : SandboxTest
{
    [Fact]
    public async Task Buckets_come_and_go()
    {
        Assert.Equal([Bucket], (await S3.ListBucketsAsync()).Buckets.Select(bucket => bucket.BucketName));
        Assert.Equal("us-east-1", (await S3.HeadBucketAsync(new() { BucketName = Bucket })).BucketRegion);
        Assert.Equal("", (await S3.GetBucketLocationAsync(Bucket)).Location.Value);
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "deep/er/k", ContentBody = "x" });
        Assert.Equal("BucketNotEmpty", (await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.DeleteBucketAsync(Bucket))).ErrorCode);
        await S3.DeleteObjectAsync(Bucket, "deep/er/k");
        await S3.DeleteBucketAsync(Bucket);
        Assert.Equal("NoSuchBucket", (await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "x" }))).ErrorCode);
        await S3.PutBucketAsync(Bucket);
        Assert.Empty((await S3.ListObjectsV2Async(new() { BucketName = Bucket })).S3Objects ?? []);
    }

    [Theory]
    [InlineData("distributed_colony")]
    [InlineData("Upper")]
    [InlineData("ab")]
    [InlineData(".sandbox")]
    [InlineData("a..b")]
    [InlineData("-abc")]
    [InlineData("192.168.5.4")]
    [InlineData("xn--abc")]
    [InlineData("abc-s3alias")]
    [InlineData("..")]
    public async Task A_name_that_S3_forbids_is_refused_also_on_demand(string name)
    {
        await RestartAsync(Options with { CreateBucketsOnDemand = true });
        Assert.Equal("InvalidBucketName", (await Raw().SendAsync("PUT", $"/{name}", body: [])).Code);
        Assert.Equal("NoSuchBucket", (await Raw().SendAsync("PUT", $"/{name}/key", body: [1])).Code);
        Assert.Equal([".sandbox", Bucket], Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_bucket_is_made_on_demand_where_the_options_say_so()
    {
        Assert.Equal("NoSuchBucket", (await Raw().SendAsync("PUT", "/on-demand/k", body: [1])).Code);
        await RestartAsync(Options with { CreateBucketsOnDemand = true });
        Assert.Equal(HttpStatusCode.OK, (await Raw().SendAsync("HEAD", "/asked-for-before-a-write")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Raw().SendAsync("PUT", "/on-demand/k", body: [1])).Status);
        Assert.Equal("NoSuchBucket", (await Raw().SendAsync("GET", "/never-written/k")).Code);
    }

    [Fact]
    public async Task What_the_sandbox_does_not_have_it_says_so()
    {
        Assert.Equal(HttpStatusCode.NotImplemented, (await Raw().SendAsync("GET", $"/{Bucket}", "versioning=")).Status);
        Assert.Equal(HttpStatusCode.NotImplemented, (await Raw().SendAsync("PUT", $"/{Bucket}/k", "acl=", [1])).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Raw().SendAsync("PATCH", $"/{Bucket}/k")).Status);
    }
}
