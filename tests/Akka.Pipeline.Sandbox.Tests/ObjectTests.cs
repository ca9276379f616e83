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

    [Fact]
    public async Task Metadata_tags_and_headers_come_back_as_they_were_given()
    {
        var put = new PutObjectRequest
        {
            BucketName = Bucket, Key = "k", ContentBody = "body", ContentType = "text/x-try", StorageClass = S3StorageClass.StandardInfrequentAccess,
            ServerSideEncryptionMethod = ServerSideEncryptionMethod.AWSKMS, ServerSideEncryptionKeyManagementServiceKeyId = "key-1",
            TagSet = [new() { Key = "a b", Value = "1+2" }],
        };
        put.Headers.CacheControl = "no-store";
        put.Headers.ContentEncoding = "gzip";
        put.Metadata["purpose"] = "two  spaces";
        var answer = await S3.PutObjectAsync(put);
        Assert.Equal(ServerSideEncryptionMethod.AWSKMS, answer.ServerSideEncryptionMethod);
        // Under KMS an entity tag is no MD5, and nobody may take it for one.
        Assert.NotEqual("\"841a2d689ad86bd1611447453c22c6fc\"", answer.ETag);

        using var got = await S3.GetObjectAsync(Bucket, "k");
        Assert.Equal(("text/x-try", "no-store", "gzip", "two  spaces"), (got.Headers.ContentType, got.Headers.CacheControl, got.Headers.ContentEncoding, got.Metadata["purpose"]));
        Assert.Equal((S3StorageClass.StandardInfrequentAccess, "key-1", 1), (got.StorageClass, got.ServerSideEncryptionKeyManagementServiceKeyId, got.TagCount));

        Assert.Equal("1+2", Assert.Single((await S3.GetObjectTaggingAsync(new() { BucketName = Bucket, Key = "k" })).Tagging).Value);
        await S3.PutObjectTaggingAsync(new() { BucketName = Bucket, Key = "k", Tagging = new() { TagSet = [new() { Key = "x", Value = "y" }] } });
        Assert.Equal("x", Assert.Single((await S3.GetObjectTaggingAsync(new() { BucketName = Bucket, Key = "k" })).Tagging).Key);
        await S3.DeleteObjectTaggingAsync(new() { BucketName = Bucket, Key = "k" });
        Assert.Empty((await S3.GetObjectTaggingAsync(new() { BucketName = Bucket, Key = "k" })).Tagging ?? []);
    }

    [Theory]
    [InlineData("bytes=0-3", 206, "0123", "bytes 0-3/10")]
    [InlineData("bytes=8-", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=-2", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=5-100", 206, "56789", "bytes 5-9/10")]
    [InlineData("bytes=10-", 416, null, "bytes */10")]
    [InlineData("bytes=-0", 416, null, "bytes */10")]
    [InlineData("bytes=3-2", 200, "0123456789", null)]
    [InlineData("bytes=0-1,3-4", 200, "0123456789", null)]
    public async Task A_range_is_cut_out(string range, int status, string? body, string? contentRange)
    {
        var raw = Raw();
        await raw.SendAsync("PUT", $"/{Bucket}/k", body: "0123456789"u8.ToArray());
        var answer = await raw.SendAsync("GET", $"/{Bucket}/k", headers: ("range", range));
        Assert.Equal((status, body ?? answer.Text, contentRange), ((int)answer.Status, answer.Text, answer.Header("content-range")));
    }

    [Fact]
    public async Task Reads_heed_conditions()
    {
        var raw = Raw();
        var etag = (await raw.SendAsync("PUT", $"/{Bucket}/k", body: "v"u8.ToArray())).Header("etag")!;
        Assert.Equal(HttpStatusCode.NotModified, (await raw.SendAsync("GET", $"/{Bucket}/k", headers: ("if-none-match", etag))).Status);
        Assert.Equal(HttpStatusCode.OK, (await raw.SendAsync("GET", $"/{Bucket}/k", headers: ("if-match", etag))).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await raw.SendAsync("HEAD", $"/{Bucket}/k", headers: ("if-match", "\"other\""))).Status);
    }

    [Theory]
    [InlineData(null, "x", true)]
    [InlineData("other", "x", false)]
    public async Task A_copy_may_depend_on_its_source(string? onlyIf, string body, bool succeeds)
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "from/é +", ContentBody = body });
        var copy = new CopyObjectRequest { SourceBucket = Bucket, SourceKey = "from/é +", DestinationBucket = Bucket, DestinationKey = "to", ETagToMatch = onlyIf };
        if (!succeeds)
        {
            Assert.Equal("PreconditionFailed", (await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.CopyObjectAsync(copy))).ErrorCode);
            return;
        }

        await S3.CopyObjectAsync(copy);
        using var got = await S3.GetObjectAsync(Bucket, "to");
        Assert.Equal(body, await new StreamReader(got.ResponseStream).ReadToEndAsync());
    }

    [Fact]
    public async Task Many_objects_are_deleted_at_once_and_missing_ones_count_as_deleted()
    {
        foreach (var key in new[] { "a", "b\n", "c" })
        {
            await S3.PutObjectAsync(new() { BucketName = Bucket, Key = key, ContentBody = "x" });
        }

        var deleted = await S3.DeleteObjectsAsync(new() { BucketName = Bucket, Objects = [new() { Key = "a" }, new() { Key = "b\n" }, new() { Key = "missing" }] });
        Assert.Equal(3, deleted.DeletedObjects.Count);
        Assert.Equal("c", Assert.Single((await S3.ListObjectsV2Async(new() { BucketName = Bucket })).S3Objects).Key);
    }

    [Fact]
    public async Task A_key_of_1024_bytes_is_the_longest()
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = new string('é', 512), ContentBody = "x" });
        var error = await Assert.ThrowsAsync<AmazonS3Exception>(() => S3.PutObjectAsync(new() { BucketName = Bucket, Key = new string('é', 512) + "x", ContentBody = "x" }));
        Assert.Equal(("KeyTooLongError", HttpStatusCode.BadRequest), (error.ErrorCode, error.StatusCode));
    }

    [Fact]
    public async Task A_file_and_a_folder_of_one_name_live_side_by_side_and_lie_there_to_be_seen()
    {
        foreach (var key in new[] { "a", "a/b", "c/d", "c", "a/b/e" })
        {
            await S3.PutObjectAsync(new() { BucketName = Bucket, Key = key, ContentBody = key });
        }

        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(Root, Bucket, "a")));
        Assert.Equal("a/b", await File.ReadAllTextAsync(Path.Combine(Root, Bucket, "a%d", "b")));
        Assert.Equal("c", await File.ReadAllTextAsync(Path.Combine(Root, Bucket, "c%f")));
        foreach (var key in new[] { "a", "a/b", "c/d", "c", "a/b/e" })
        {
            using var got = await S3.GetObjectAsync(Bucket, key);
            Assert.Equal(key, await new StreamReader(got.ResponseStream).ReadToEndAsync());
            await S3.DeleteObjectAsync(Bucket, key);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, Bucket)));
    }

    [Fact]
    public async Task A_key_with_a_nul_is_refused_by_the_web_server_and_does_no_harm()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await Raw().SendAsync("PUT", $"/{Bucket}/a%00b", body: [1])).Status);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, Bucket)));
    }

    [Fact]
    public async Task Metadata_beyond_ascii_comes_back()
    {
        var raw = Raw();
        using var request = raw.Sign("PUT", $"/{Bucket}/k", "", [1], null, null, ("x-amz-meta-name", "Zoë 日本"));
        using var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8, ResponseHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 });
        using var put = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        using var head = raw.Sign("HEAD", $"/{Bucket}/k", "", null, null, null);
        using var answer = await http.SendAsync(head);
        Assert.Equal("Zoë 日本", Assert.Single(answer.Headers.GetValues("x-amz-meta-name")));
    }

    [Fact]
    public async Task A_body_without_a_length_is_refused()
    {
        var raw = Raw();
        using var request = raw.Sign("PUT", $"/{Bucket}/k", "", [1], "UNSIGNED-PAYLOAD", null);
        request.Headers.TransferEncodingChunked = true;
        using var answer = await raw.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.LengthRequired, answer.StatusCode);
    }

    [Fact]
    public async Task Readers_see_one_version_or_another_and_never_a_mixture()
    {
        var versions = Enumerable.Range(0, 4).Select(seed => Bytes(200_000, seed)).ToArray();
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", InputStream = new MemoryStream(versions[0]) });
        var raw = Raw();
        var writing = Task.WhenAll(Enumerable.Range(0, 40).Select(turn => raw.SendAsync("PUT", $"/{Bucket}/k", body: versions[turn % 4])));
        var readings = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => raw.SendAsync("GET", $"/{Bucket}/k")));
        await writing;
        Assert.All(readings, reading =>
        {
            Assert.Contains(reading.Body, versions);
            Assert.Equal($"\"{RawClient.Hex(System.Security.Cryptography.MD5.HashData(reading.Body))}\"", reading.Header("etag"));
        });
    }
}
