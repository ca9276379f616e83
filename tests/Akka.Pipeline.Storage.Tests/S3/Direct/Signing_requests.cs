namespace Akka.Pipeline.Storage.Tests.S3.Direct;

using System.Globalization;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.S3.Direct;
using Akka.Pipeline.Storage.Tests.Stores;
using Amazon.Runtime;

/// <summary>Our signatures against AWS's published examples and against those of its SDK.</summary>
public sealed class Signing_requests
{
    private const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    // docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Examples: Signature Calculations", 2026-11
    private static readonly ImmutableCredentials Example = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null);
    private static readonly SigningTime ExampleTime = new(new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), TimeSpan.Zero);

    [Fact]
    public void The_published_examples_come_out()
    {
        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            SignExample("GET", "/test.txt", "", EmptySha256, ("range", "bytes=0-9")));
        Assert.EndsWith("=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", SignExample("GET", "/", "lifecycle=", EmptySha256), StringComparison.Ordinal);
        Assert.EndsWith("=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", SignExample("GET", "/", "max-keys=2&prefix=J", EmptySha256), StringComparison.Ordinal);
        Assert.EndsWith(
            "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            SignExample(
                "PUT", "/" + UriText.OfKey("test$file.text"), "", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072", ("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")),
            StringComparison.Ordinal);
    }

    public static TheoryData<string> OddKeys =>
    [
        "plain", "with space/and  two", "percent%41%/100%", "plus+plus", "hash#tag", "question?mark=1&b=2", "line\nbreak", "emoji-😀/🦄.png", "nfd-e\u0301", "double//slash", "a/../b", "a/./b", "..", "trailing/",
        "quotes'\"`", "back\\slash", "semi;colon:@$,=!*()[]{}|^~<>&", "tab\tbed", "Ünïcödé/日本語", "%2F%2f", "a/..", "./a", new string('k', 900), string.Concat(Enumerable.Repeat("é", 512)),
    ];

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task The_SDK_asks_for_the_same_path_and_signs_it_the_same_way(string key)
    {
        var address = new ObjectAddress("bucket", key);
        var (sdk, direct) = (await WireTap.PutAsync(DataPlane.Sdk, address), await WireTap.PutAsync(DataPlane.Direct, address));

        Assert.Equal(sdk.Target, direct.Target);
        Assert.Equal(SignAnew(sdk, WireTap.Keys), sdk["authorization"]);
        Assert.Equal(SignAnew(direct, WireTap.Keys), direct["authorization"]);
    }

    [Fact]
    public async Task The_SDK_signs_a_part_and_every_attribute_the_same_way()
    {
        var attributes = new ObjectAttributes(
            "text/plain; charset=utf-8", "STANDARD_IA", "aws:kms", "arn:aws:kms:eu-west-1:1:key/2", new Dictionary<string, string>(StringComparer.Ordinal) { ["a b"] = "c/d=ü", ["e"] = "" });
        var keys = S3Access.WithKeys("AKIASANDBOX", "secret", "eu-west-1", "a+session/token==");
        var credentials = new ImmutableCredentials("AKIASANDBOX", "secret", "a+session/token==");
        var put = (Sdk: await WireTap.PutAsync(DataPlane.Sdk, new("bucket", "key"), attributes, keys), Direct: await WireTap.PutAsync(DataPlane.Direct, new("bucket", "key"), attributes, keys));

        // The SDK (4.0.104) does not encode an id in the query.
        var part = (Sdk: await WireTap.PutPartAsync(DataPlane.Sdk, "an_id~", keys), Direct: await WireTap.PutPartAsync(DataPlane.Direct, "an+id/with=odd ~chars", keys));

        foreach (var sent in new[] { put.Sdk, put.Direct, part.Sdk, part.Direct })
        {
            Assert.Equal(SignAnew(sent, credentials), sent["authorization"]);
        }

        foreach (var name in new[]
        {
            "content-type", "content-length", "content-md5", "if-none-match", "x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-security-token",
        })
        {
            Assert.Equal((name, put.Sdk[name]), (name, put.Direct[name]));
        }

        Assert.Equal("a%20b=c%2Fd%3D%C3%BC&e=", put.Direct["x-amz-tagging"]);
        Assert.Equal("/bucket/key?partNumber=7&uploadId=an%2Bid%2Fwith%3Dodd%20~chars", part.Direct.Target);
        Assert.Equal(part.Sdk["content-md5"], part.Direct["content-md5"]);
    }

    [Fact]
    public void A_key_is_derived_once_for_a_day_a_region_and_an_identity()
    {
        var keys = new SigningKeys();
        var first = keys.For(Example, "20130524", "us-east-1");
        Assert.Same(first, keys.For(new ImmutableCredentials(Example.AccessKey, Example.SecretKey, "another token"), "20130524", "us-east-1"));
        Assert.NotEqual(first.Key, keys.For(Example, "20130524", "eu-west-1").Key);
        Assert.NotEqual(first.Key, keys.For(Example, "20130525", "us-east-1").Key);
        Assert.NotEqual(first.Key, keys.For(new ImmutableCredentials(Example.AccessKey, "another secret", null), "20130524", "us-east-1").Key);
        Assert.Equal("AKIAOTHER/20130524/us-east-1/s3/aws4_request", keys.For(new ImmutableCredentials("AKIAOTHER", Example.SecretKey, null), "20130524", "us-east-1").Credential);
    }

    [Fact]
    public void A_signature_costs_few_bytes_of_memory()
    {
        var key = new SigningKey(Example, "20130524", "us-east-1");
        var headers = new SignedHeader[] { new("host", "bucket.s3.amazonaws.com"), new("x-amz-content-sha256", RequestSigner.UnsignedPayload), new("x-amz-date", ExampleTime.Timestamp) };
        for (var i = 0; i < 100; i++)
        {
            RequestSigner.Sign("PUT", "/key", "", headers, RequestSigner.UnsignedPayload, key, ExampleTime);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        RequestSigner.Sign("PUT", "/key", "", headers, RequestSigner.UnsignedPayload, key, ExampleTime);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 600);
    }

    private static string SignExample(string method, string path, string query, string payload, params (string Name, string Value)[] more)
    {
        var headers = more.Append(("host", "examplebucket.s3.amazonaws.com")).Append(("x-amz-content-sha256", payload)).Append(("x-amz-date", "20130524T000000Z"))
            .OrderBy(h => h.Item1, StringComparer.Ordinal).Select(h => new SignedHeader(h.Item1, h.Item2)).ToArray();
        return RequestSigner.Sign(method, path, query, headers, payload, new SigningKey(Example, "20130524", "us-east-1"), ExampleTime);
    }

    private static string SignAnew(WireTap sent, ImmutableCredentials credentials)
    {
        var time = DateTimeOffset.ParseExact(sent["x-amz-date"]!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var signed = sent["authorization"]!.Split("SignedHeaders=")[1].Split(',')[0].Split(';').Select(name => new SignedHeader(name, sent[name] ?? "")).ToArray();
        var (path, query) = sent.Target.Split('?') is [var p, var q] ? (p, q) : (sent.Target, "");
        var key = new SigningKey(credentials, sent["x-amz-date"]![..8], sent["authorization"]!.Split('/')[2]);
        return RequestSigner.Sign("PUT", path, query, signed, sent["x-amz-content-sha256"]!, key, new SigningTime(time.ToUnixTimeSeconds(), TimeSpan.Zero));
    }
}
