namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using System.Security.Cryptography;
using System.Text;

public sealed class NullModeTests : SandboxTest
{
    protected override SandboxOptions Options => base.Options with { NullMode = true, RootFolder = "", CreateBucketsOnDemand = true };

    [Fact]
    public async Task Bodies_are_hashed_and_thrown_away()
    {
        var raw = Raw();
        var body = Bytes(100_000);
        var put = await raw.SendAsync("PUT", "/any-bucket/k", body: body);
        Assert.Equal($"\"{RawClient.Hex(MD5.HashData(body))}\"", put.Header("etag"));
        Assert.Equal("100000", (await raw.SendAsync("HEAD", "/any-bucket/k")).Header("content-length"));
        Assert.Equal(HttpStatusCode.NotImplemented, (await raw.SendAsync("GET", "/any-bucket/k")).Status);
        Assert.Equal("PreconditionFailed", (await raw.SendAsync("PUT", "/any-bucket/k", body: body, headers: ("if-none-match", "*"))).Code);
        Assert.Equal("BadDigest", (await raw.SendAsync("PUT", "/any-bucket/k", body: body, headers: ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="))).Code);
        Assert.True(Server.Statistics.ReceivedBytes >= 300_000);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task Multipart_works_without_a_file()
    {
        var raw = Raw();
        var id = (await raw.SendAsync("POST", "/any-bucket/k", "uploads=")).Element("UploadId");
        var etag = (await raw.SendAsync("PUT", "/any-bucket/k", $"partNumber=1&uploadId={id}", Bytes(10))).Header("etag");
        var document = Encoding.UTF8.GetBytes($"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>");
        Assert.Equal(HttpStatusCode.OK, (await raw.SendAsync("POST", "/any-bucket/k", $"uploadId={id}", document)).Status);
        Assert.Equal("10", (await raw.SendAsync("HEAD", "/any-bucket/k")).Header("content-length"));
    }
}

public sealed class BelievingTests : SandboxTest
{
    protected override SandboxOptions Options => base.Options with { NullMode = true, BelievesClients = true, RootFolder = "", CreateBucketsOnDemand = true };

    [Fact]
    public async Task What_a_client_says_of_a_body_is_believed()
    {
        var put = await Raw().SendAsync("PUT", "/any-bucket/k", body: Bytes(1000), headers: [("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="), ("x-amz-checksum-crc32c", "AAAAAA==")]);
        Assert.Equal(HttpStatusCode.OK, put.Status);
        Assert.Equal("\"25f9e794323b453885f5181f1b624d0b\"", put.Header("etag"));
        Assert.Equal("AAAAAA==", (await Raw().SendAsync("HEAD", "/any-bucket/k", headers: ("x-amz-checksum-mode", "ENABLED"))).Header("x-amz-checksum-crc32c"));
        Assert.Equal("PreconditionFailed", (await Raw().SendAsync("PUT", "/any-bucket/k", body: Bytes(1000), headers: ("if-none-match", "*"))).Code);
        Assert.True(Server.Statistics.FirstWriteAt <= DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task The_signature_is_not_looked_at()
    {
        using var client = new HttpClient();
        using var content = new ByteArrayContent(Bytes(10));
        Assert.Equal(HttpStatusCode.OK, (await client.PutAsync(new Uri(Server.Endpoint, "/any-bucket/k"), content)).StatusCode);
    }

    [Fact]
    public async Task A_client_that_says_only_the_SHA_256_gets_the_true_MD5()
    {
        var body = Bytes(100_000);
        Assert.Equal($"\"{RawClient.Hex(MD5.HashData(body))}\"", (await Raw().SendAsync("PUT", "/any-bucket/k", body: body)).Header("etag"));
    }
}
