namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

public sealed class ObjectTests : SandboxTest
{
    public static TheoryData<string> OddKeys => new()
    {
        "plain.txt", "with space", "per%cent%20", "plus+sign", "hash#mark", "what?query", "a//b", "a/../b", "./here", "..", "trailing/", "line\nbreak",
        "emoji-😀", "nfd-e\u0301", "nfc-é", "quo\"te'", "back\\slash", "a&b<c>", new string('n', 900), new string('é', 512), "ctl\u0001",
    };

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task A_key_of_any_kind_travels_there_and_back(string key)
    {
        var body = Bytes(1000);
        var put = await S3.PutObjectAsync(new() { BucketName = Bucket, Key = key, InputStream = new MemoryStream(body) });
        Assert.Equal($"\"{Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(body))}\"", put.ETag);

        using var got = await S3.GetObjectAsync(Bucket, key);
        var read = new MemoryStream();
        await got.ResponseStream.CopyToAsync(read);
        Assert.Equal(body, read.ToArray());

        var head = await S3.GetObjectMetadataAsync(Bucket, key);
        Assert.Equal(1000, head.ContentLength);
        var list = await S3.ListObjectsV2Async(new() { BucketName = Bucket, Encoding = EncodingType.Url });
        Assert.Equal(key, Uri.UnescapeDataString(Assert.Single(list.S3Objects).Key));

        await S3.DeleteObjectAsync(Bucket, key);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.GetObjectMetadataAsync(Bucket, key))).StatusCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, Bucket)));
    }
}
