namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using System.Security.Cryptography;
using Akka.Pipeline.Sandbox.Checksums;
using Amazon.S3;
using Amazon.S3.Model;
using ChecksumAlgorithm = Amazon.S3.ChecksumAlgorithm;
using ChecksumType = Amazon.S3.ChecksumType;

public sealed class MultipartTests : SandboxTest
{
    // Left to its defaults the SDK sends a CRC-32 with every part but names no algorithm at the beginning, and then S3 refuses the parts.
    private IAmazonS3 Plain => Client(config => config.RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED);

    private async Task<string> BeginAsync(ChecksumAlgorithm? algorithm = null, ChecksumType? type = null, string key = "k") =>
        (await S3.InitiateMultipartUploadAsync(new() { BucketName = Bucket, Key = key, ChecksumAlgorithm = algorithm, ChecksumType = type })).UploadId;

    private Task<UploadPartResponse> PartAsync(string id, int number, byte[] body, ChecksumAlgorithm? algorithm = null) =>
        (algorithm is null ? Plain : S3).UploadPartAsync(new() { BucketName = Bucket, Key = "k", UploadId = id, PartNumber = number, InputStream = new MemoryStream(body), ChecksumAlgorithm = algorithm });

    private Task<RawAnswer> CompleteAsync(RawClient raw, string id, IEnumerable<(int Number, string ETag)> parts, params (string, string)[] headers) =>
        raw.SendAsync("POST", $"/{Bucket}/k", $"uploadId={id}", Document(parts), headers: headers);

    private static byte[] Document(IEnumerable<(int Number, string ETag)> parts) => System.Text.Encoding.UTF8.GetBytes(
        $"<CompleteMultipartUpload>{string.Concat(parts.Select(part => $"<Part><PartNumber>{part.Number}</PartNumber><ETag>{part.ETag}</ETag></Part>"))}</CompleteMultipartUpload>");

    private async Task<string> RawStartAsync(RawClient raw, params (string, string)[] headers) =>
        (await raw.SendAsync("POST", $"/{Bucket}/k", "uploads=", headers: headers)).Element("UploadId")!;

    private async Task<(int, string)> RawPartAsync(RawClient raw, string id, int number, byte[] body) =>
        (number, (await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber={number}&uploadId={id}", body)).Header("etag")!);

    [Theory]
    [InlineData(null, null)]
    [InlineData("CRC32", "COMPOSITE")]
    [InlineData("CRC32", "FULL_OBJECT")]
    [InlineData("SHA256", "COMPOSITE")]
    public async Task Parts_become_one_object(string? algorithm, string? type)
    {
        var parts = new[] { Bytes(70_000, 1), Bytes(50_000, 2), Bytes(3, 3) };
        var whole = parts.SelectMany(part => part).ToArray();
        var chosen = algorithm is null ? null : new ChecksumAlgorithm(algorithm);
        var id = await BeginAsync(chosen, type is null ? null : new ChecksumType(type));
        var complete = new CompleteMultipartUploadRequest { BucketName = Bucket, Key = "k", UploadId = id, MpuObjectSize = whole.Length };
        for (var number = parts.Length; number > 0; number--)
        {
            var part = await PartAsync(id, number, parts[number - 1], chosen);
            complete.AddPartETags(new PartETag(number, part.ETag) { ChecksumCRC32 = part.ChecksumCRC32, ChecksumSHA256 = part.ChecksumSHA256 });
        }

        complete.PartETags.Reverse();
        var done = await S3.CompleteMultipartUploadAsync(complete);
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(parts.SelectMany(MD5.HashData).ToArray()))}-3\"", done.ETag);
        Assert.Equal(whole, await File.ReadAllBytesAsync(Path.Combine(Root, Bucket, "k")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, ".sandbox", "uploads")));
        var head = await S3.GetObjectMetadataAsync(new() { BucketName = Bucket, Key = "k", ChecksumMode = ChecksumMode.ENABLED });
        Assert.Equal(whole.Length, head.ContentLength);
        if (type == "FULL_OBJECT")
        {
            Assert.Equal(Akka.Pipeline.Sandbox.Checksums.Checksum.Encode(CrcTable.Crc32.Append(0, whole), 32), head.ChecksumCRC32);
        }
        else if (algorithm == "SHA256")
        {
            Assert.Equal(Convert.ToBase64String(SHA256.HashData(parts.SelectMany(SHA256.HashData).ToArray())) + "-3", head.ChecksumSHA256);
        }
    }

    [Fact]
    public async Task A_full_object_checksum_is_verified_and_a_repeated_complete_answers_the_same()
    {
        var raw = Raw();
        var id = await RawStartAsync(raw, ("x-amz-checksum-algorithm", "CRC64NVME"));
        var parts = new[] { await RawPartAsync(raw, id, 1, "12345"u8.ToArray()), await RawPartAsync(raw, id, 5, "6789"u8.ToArray()) };
        Assert.Equal("BadDigest", (await CompleteAsync(raw, id, parts, ("x-amz-checksum-crc64nvme", "rosUhgp5mIk="))).Code);
        Assert.Equal("InvalidRequest", (await CompleteAsync(raw, id, parts, ("x-amz-mp-object-size", "8"))).Code);
        var done = await CompleteAsync(raw, id, parts, ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="), ("x-amz-mp-object-size", "9"), ("if-none-match", "*"));
        Assert.Equal((HttpStatusCode.OK, "rosUhgp5mIg="), (done.Status, done.Element("ChecksumCRC64NVME")));

        Assert.Equal(done.Text, (await CompleteAsync(raw, id, parts, ("if-none-match", "*"))).Text);
        await RestartAsync();
        Assert.Equal(done.Text, (await CompleteAsync(Raw(), id, parts, ("if-none-match", "*"))).Text);
        Assert.Equal("NoSuchUpload", (await Raw().SendAsync("GET", $"/{Bucket}/k", $"uploadId={id}")).Code);
    }

    [Fact]
    public async Task A_condition_holds_at_complete_and_keeps_the_upload_where_it_fails()
    {
        var raw = Raw();
        var id = await RawStartAsync(raw);
        var part = await RawPartAsync(raw, id, 1, "new"u8.ToArray());
        await raw.SendAsync("PUT", $"/{Bucket}/k", body: "old"u8.ToArray());
        Assert.Equal("PreconditionFailed", (await CompleteAsync(raw, id, [part], ("if-none-match", "*"))).Code);
        Assert.Equal("old", (await raw.SendAsync("GET", $"/{Bucket}/k")).Text);
        Assert.Null((await CompleteAsync(raw, id, [part])).Code);
        Assert.Equal("new", (await raw.SendAsync("GET", $"/{Bucket}/k")).Text);
    }

    [Fact]
    public async Task A_wrong_list_of_parts_is_refused()
    {
        await RestartAsync(Options with { MinPartSizeBytes = 5 << 20 });
        var raw = Raw();
        var id = await RawStartAsync(raw);
        var one = await RawPartAsync(raw, id, 1, Bytes(10, 1));
        var two = await RawPartAsync(raw, id, 2, Bytes(10, 2));
        Assert.Equal("InvalidPart", (await CompleteAsync(raw, id, [(1, two.Item2)])).Code);
        Assert.Equal("InvalidPart", (await CompleteAsync(raw, id, [one, (3, two.Item2)])).Code);
        Assert.Equal("InvalidPartOrder", (await CompleteAsync(raw, id, [two, one])).Code);
        Assert.Equal("InvalidPartOrder", (await CompleteAsync(raw, id, [one, one])).Code);
        Assert.Equal("EntityTooSmall", (await CompleteAsync(raw, id, [one, two])).Code);
        Assert.Equal("MalformedXML", (await CompleteAsync(raw, id, [])).Code);
        Assert.Equal("MalformedXML", (await raw.SendAsync("POST", $"/{Bucket}/k", $"uploadId={id}", "<!DOCTYPE a [<!ENTITY b \"c\">]><CompleteMultipartUpload>&b;</CompleteMultipartUpload>"u8.ToArray())).Code);
        Assert.Equal("InvalidArgument", (await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber=10001&uploadId={id}", [1])).Code);
        Assert.Equal("NoSuchUpload", (await CompleteAsync(raw, "none", [one])).Code);
        Assert.Null((await CompleteAsync(raw, id, [two])).Code);
    }

    [Fact]
    public async Task Checksum_algorithms_of_upload_and_part_must_agree()
    {
        var raw = Raw();
        var id = await RawStartAsync(raw, ("x-amz-checksum-algorithm", "SHA256"));
        var wrong = await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber=1&uploadId={id}", "123456789"u8.ToArray(), headers: ("x-amz-checksum-crc32", "y/Q5Jg=="));
        Assert.Equal(("InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32"), (wrong.Code, wrong.Element("Message")));
        var without = await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber=1&uploadId={id}", "123456789"u8.ToArray());
        Assert.Equal("Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null", without.Element("Message"));
        var part = await raw.SendAsync("PUT", $"/{Bucket}/k", $"partNumber=1&uploadId={id}", "123456789"u8.ToArray(), headers: ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="));
        Assert.StartsWith("The upload was created using a sha256 checksum.", (await CompleteAsync(raw, id, [(1, part.Header("etag")!)])).Element("Message"), StringComparison.Ordinal);
        Assert.Equal("InvalidRequest", (await raw.SendAsync("POST", $"/{Bucket}/k", "uploads=", headers: [("x-amz-checksum-algorithm", "SHA256"), ("x-amz-checksum-type", "FULL_OBJECT")])).Code);
    }

    [Fact]
    public async Task Parts_and_uploads_are_listed_in_pages_and_survive_a_restart()
    {
        var id = await BeginAsync();
        foreach (var number in new[] { 7, 1, 3, 3 })
        {
            await PartAsync(id, number, Bytes(number * 10, number));
        }

        var others = new[] { await BeginAsync(key: "k"), await BeginAsync(key: "a/1"), await BeginAsync(key: "z") };
        await RestartAsync();

        var numbers = new List<int?>();
        var parts = new ListPartsRequest { BucketName = Bucket, Key = "k", UploadId = id, MaxParts = 2 };
        ListPartsResponse page;
        do
        {
            page = await S3.ListPartsAsync(parts);
            numbers.AddRange(page.Parts.Select(part => part.PartNumber));
            Assert.All(page.Parts, part => Assert.Equal(part.PartNumber * 10, part.Size));
            parts.PartNumberMarker = $"{page.NextPartNumberMarker}";
        }
        while (page.IsTruncated == true);
        Assert.Equal([1, 3, 7], numbers);

        var found = new List<(string, string)>();
        var uploads = new ListMultipartUploadsRequest { BucketName = Bucket, MaxUploads = 1 };
        ListMultipartUploadsResponse list;
        do
        {
            list = await S3.ListMultipartUploadsAsync(uploads);
            found.AddRange(list.MultipartUploads.Select(upload => (upload.Key, upload.UploadId)));
            (uploads.KeyMarker, uploads.UploadIdMarker) = (list.NextKeyMarker, list.NextUploadIdMarker);
        }
        while (list.IsTruncated == true);
        Assert.Equal([("a/1", others[1]), ("k", id), ("k", others[0]), ("z", others[2])], found);
        Assert.Equal("a/1", Assert.Single((await S3.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Bucket, Prefix = "a/" })).MultipartUploads).Key);

        await S3.AbortMultipartUploadAsync(Bucket, "k", id);
        Assert.Equal("NoSuchUpload", (await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => PartAsync(id, 1, [1]))).ErrorCode);
        Assert.Equal("NoSuchUpload", (await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => S3.AbortMultipartUploadAsync(Bucket, "k", id))).ErrorCode);
        Assert.Equal(3, Directory.GetDirectories(Path.Combine(Root, ".sandbox", "uploads")).Length);
    }

    [Fact]
    public async Task One_part_can_be_read_by_its_number()
    {
        var raw = Raw();
        var id = await RawStartAsync(raw);
        var parts = new[] { await RawPartAsync(raw, id, 1, "12345"u8.ToArray()), await RawPartAsync(raw, id, 2, "6789"u8.ToArray()) };
        await CompleteAsync(raw, id, parts);
        var second = await raw.SendAsync("GET", $"/{Bucket}/k", "partNumber=2");
        Assert.Equal((HttpStatusCode.PartialContent, "6789", "2"), (second.Status, second.Text, second.Header("x-amz-mp-parts-count")));
    }
}
