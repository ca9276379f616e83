namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using System.Numerics;
using System.Text;
using Akka.Pipeline.Sandbox.Checksums;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>Check values of the catalogue of parametrised CRC algorithms (https://reveng.sourceforge.io/crc-catalogue/all.htm).</summary>
public sealed class CrcTests
{
    [Fact]
    public void Every_crc_gives_its_published_check_value()
    {
        Assert.Equal(0xCBF43926UL, CrcTable.Crc32.Append(0, "123456789"u8));
        Assert.Equal(0xE3069283UL, CrcTable.Crc32C.Append(0, "123456789"u8));
        Assert.Equal(0xAE8B14860A799888UL, CrcTable.Crc64Nvme.Append(0, "123456789"u8));
    }

    [Fact]
    public void A_long_crc_agrees_with_the_processor_s_own_and_with_its_pieces()
    {
        var data = new byte[100_003];
        new Random(7).NextBytes(data);
        var expected = uint.MaxValue;
        foreach (var octet in data)
        {
            expected = BitOperations.Crc32C(expected, octet);
        }

        Assert.Equal(~expected, (uint)CrcTable.Crc32C.Append(0, data));
        foreach (var table in new[] { CrcTable.Crc32, CrcTable.Crc32C, CrcTable.Crc64Nvme })
        {
            var whole = table.Append(0, data);
            foreach (var cut in new[] { 0, 1, 15, 16, 17, 5000, data.Length })
            {
                var left = data[..cut];
                var right = data[cut..];
                Assert.Equal(whole, table.Append(table.Append(0, left), right));
                Assert.Equal(whole, table.Combine(table.Append(0, left), table.Append(0, right), right.Length));
            }
        }
    }
}

public sealed class ChecksumTests : SandboxTest
{
    public static TheoryData<string, string> Values => new()
    {
        { "crc32", "y/Q5Jg==" }, { "crc32c", "4waSgw==" }, { "crc64nvme", "rosUhgp5mIg=" }, { "sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=" },
        { "sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_checksum_is_verified_stored_and_shown(string algorithm, string value)
    {
        var raw = Raw();
        var header = $"x-amz-checksum-{algorithm}";
        var put = await raw.SendAsync("PUT", $"/{Bucket}/k", body: "123456789"u8.ToArray(), headers: (header, value));
        Assert.Equal((HttpStatusCode.OK, value, "FULL_OBJECT"), (put.Status, put.Header(header), put.Header("x-amz-checksum-type")));
        Assert.Equal(value, (await raw.SendAsync("HEAD", $"/{Bucket}/k", headers: ("x-amz-checksum-mode", "ENABLED"))).Header(header));
        Assert.Null((await raw.SendAsync("HEAD", $"/{Bucket}/k")).Header(header));

        var bad = await raw.SendAsync("PUT", $"/{Bucket}/bad", body: "12345678x"u8.ToArray(), headers: (header, value));
        Assert.Equal((HttpStatusCode.BadRequest, "BadDigest", $"The {algorithm.ToUpperInvariant()} you specified did not match the calculated checksum."), (bad.Status, bad.Code, bad.Element("Message")));
        Assert.Equal(HttpStatusCode.NotFound, (await raw.SendAsync("HEAD", $"/{Bucket}/bad")).Status);
        Assert.Equal("InvalidRequest", (await raw.SendAsync("PUT", $"/{Bucket}/bad", body: [], headers: (header, "!"))).Code);
    }

    [Theory]
    [InlineData("JfnnlDI7RTiF9RgfG2JNCw==", null)]
    [InlineData("JfnnlDI7RTiF9RgfG2JNCQ==", "BadDigest")]
    [InlineData("JfnnlDI7RTiF9RgfG2JN", "InvalidDigest")]
    [InlineData("not base64", "InvalidDigest")]
    public async Task Content_md5_is_verified(string value, string? code) =>
        Assert.Equal(code, (await Raw().SendAsync("PUT", $"/{Bucket}/k", body: "123456789"u8.ToArray(), headers: ("content-md5", value))).Code);

    [Fact]
    public async Task Two_checksums_or_an_announced_one_that_is_missing_are_refused()
    {
        var raw = Raw();
        var two = await raw.SendAsync("PUT", $"/{Bucket}/k", body: "123456789"u8.ToArray(), headers: [("x-amz-checksum-crc32", "y/Q5Jg=="), ("x-amz-checksum-crc32c", "4waSgw==")]);
        Assert.Equal("InvalidRequest", two.Code);
        Assert.Equal("InvalidRequest", (await raw.SendAsync("PUT", $"/{Bucket}/k", body: "1"u8.ToArray(), headers: ("x-amz-sdk-checksum-algorithm", "CRC32"))).Code);
    }

    [Fact]
    public async Task Without_any_checksum_of_the_client_the_store_makes_a_crc64nvme()
    {
        await Raw().SendAsync("PUT", $"/{Bucket}/k", body: "123456789"u8.ToArray());
        var attributes = await S3.GetObjectAttributesAsync(new() { BucketName = Bucket, Key = "k", ObjectAttributes = [ObjectAttributes.Checksum, ObjectAttributes.ObjectSize] });
        Assert.Equal(("rosUhgp5mIg=", 9), (attributes.Checksum.ChecksumCRC64NVME, attributes.ObjectSize));
    }

    [Theory]
    [InlineData("CRC32")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    public async Task The_sdk_s_own_checksums_are_understood_chunked_and_whole(string algorithm)
    {
        foreach (var isChunked in new[] { true, false })
        {
            await S3.PutObjectAsync(new()
            {
                BucketName = Bucket, Key = "k", InputStream = new MemoryStream(Bytes(300_000)), ChecksumAlgorithm = new(algorithm), UseChunkEncoding = isChunked,
            });
            var head = await S3.GetObjectMetadataAsync(new() { BucketName = Bucket, Key = "k", ChecksumMode = ChecksumMode.ENABLED });
            Assert.NotNull(algorithm switch
            {
                "CRC32" => head.ChecksumCRC32,
                "SHA1" => head.ChecksumSHA1,
                _ => head.ChecksumSHA256,
            });
        }
    }

    [Fact]
    public void The_values_above_are_those_of_the_framework()
    {
        var data = Encoding.ASCII.GetBytes("123456789");
        Assert.Equal("98O8HYCOBHMq32eZZczDTKeuNEE=", Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(data)));
        Assert.Equal("FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=", Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(data)));
    }
}
