namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

public sealed class AuthenticationTests : SandboxTest
{
    protected override SandboxOptions Options => base.Options with { SessionTokens = ["known-token"], Region = "eu-west-1" };

    [Fact]
    public async Task A_wrong_secret_is_told_from_an_unknown_key()
    {
        var wrong = Client(credentials: new BasicAWSCredentials(Options.AccessKey, "wrong"));
        Assert.Equal("SignatureDoesNotMatch", (await Assert.ThrowsAsync<AmazonS3Exception>(() => wrong.ListBucketsAsync())).ErrorCode);
        var unknown = Client(credentials: new BasicAWSCredentials("AKIANOBODY", Options.SecretKey));
        Assert.Equal("InvalidAccessKeyId", (await Assert.ThrowsAsync<AmazonS3Exception>(() => unknown.ListBucketsAsync())).ErrorCode);
        var anonymous = Client(credentials: new AnonymousAWSCredentials());
        Assert.Equal("AccessDenied", (await Assert.ThrowsAsync<AmazonS3Exception>(() => anonymous.ListBucketsAsync())).ErrorCode);
    }

    [Fact]
    public async Task Only_a_listed_session_token_is_taken()
    {
        await Client(credentials: new SessionAWSCredentials(Options.AccessKey, Options.SecretKey, "known-token")).ListBucketsAsync();
        var stranger = Client(credentials: new SessionAWSCredentials(Options.AccessKey, Options.SecretKey, "other-token"));
        Assert.Equal("InvalidToken", (await Assert.ThrowsAsync<AmazonS3Exception>(() => stranger.ListBucketsAsync())).ErrorCode);
    }

    [Theory]
    [InlineData(-16, "RequestTimeTooSkewed")]
    [InlineData(16, "RequestTimeTooSkewed")]
    [InlineData(-14, null)]
    public async Task A_clock_may_be_off_by_a_quarter_of_an_hour(int minutes, string? code)
    {
        var raw = Raw();
        raw.Now = DateTimeOffset.UtcNow.AddMinutes(minutes);
        Assert.Equal(code, (await raw.SendAsync("GET", "/")).Code);
    }

    [Fact]
    public async Task A_body_that_is_not_what_was_signed_is_refused_and_not_stored()
    {
        var raw = Raw();
        var answer = await raw.SendAsync("PUT", $"/{Bucket}/k", body: "other"u8.ToArray(), payloadHash: RawClient.Hex(System.Security.Cryptography.SHA256.HashData("signed"u8)));
        Assert.Equal("XAmzContentSHA256Mismatch", answer.Code);
        Assert.Equal("NoSuchKey", (await raw.SendAsync("GET", $"/{Bucket}/k")).Code);
        Assert.Equal(HttpStatusCode.OK, (await raw.SendAsync("PUT", $"/{Bucket}/k", body: "any"u8.ToArray(), payloadHash: "UNSIGNED-PAYLOAD")).Status);
    }

    [Fact]
    public async Task An_amz_header_that_was_not_signed_is_refused()
    {
        var raw = Raw();
        using var request = raw.Sign("PUT", $"/{Bucket}/k", "", "x"u8.ToArray(), null, null);
        request.Headers.Add("x-amz-meta-added", "later");
        using var response = await raw.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("<HeadersNotSigned>x-amz-meta-added</HeadersNotSigned>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_region_counts_only_where_the_options_say_so()
    {
        var raw = Raw();
        raw.Region = "ap-south-1";
        Assert.Null((await raw.SendAsync("GET", "/")).Code);

        await RestartAsync(Options with { StrictRegion = true });
        raw = Raw();
        raw.Region = "ap-south-1";
        var answer = await raw.SendAsync("GET", "/");
        Assert.Equal(("AuthorizationHeaderMalformed", "eu-west-1"), (answer.Code, answer.Element("Region")));
        raw.Region = "eu-west-1";
        Assert.Null((await raw.SendAsync("GET", "/")).Code);
    }

    [Fact]
    public async Task A_presigned_link_needs_nothing_but_itself()
    {
        var link = S3.GetPreSignedURL(new() { BucketName = Bucket, Key = "a b+c%.txt", Verb = HttpVerb.PUT, Expires = DateTime.UtcNow.AddMinutes(5), Protocol = Protocol.HTTP });
        using var http = new HttpClient();
        using var put = await http.PutAsync(new Uri(link), new ByteArrayContent("by link"u8.ToArray()));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);

        var request = new GetPreSignedUrlRequest { BucketName = Bucket, Key = "a b+c%.txt", Expires = DateTime.UtcNow.AddMinutes(5), Protocol = Protocol.HTTP };
        request.ResponseHeaderOverrides.ContentDisposition = "attachment; filename=\"x.txt\"";
        using var got = await http.GetAsync(new Uri(S3.GetPreSignedURL(request)));
        Assert.Equal("by link", await got.Content.ReadAsStringAsync());
        Assert.Equal("attachment", got.Content.Headers.ContentDisposition?.DispositionType);

        using var forged = await http.GetAsync(new Uri(S3.GetPreSignedURL(request).Replace("x.txt", "y.txt", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task A_bucket_may_stand_in_the_host_name()
    {
        var raw = Raw();
        var host = $"{Bucket}.localhost:{Server.Endpoint.Port}";
        Assert.Equal(HttpStatusCode.OK, (await raw.SendAsync("PUT", "/folder/key", body: "v"u8.ToArray(), host: host)).Status);
        Assert.Equal("v", (await raw.SendAsync("GET", $"/{Bucket}/folder/key")).Text);
    }

    [Theory]
    [InlineData("%zz", "InvalidURI")]
    [InlineData("%ff%fe", "InvalidURI")]
    public async Task A_path_that_is_no_text_is_refused(string path, string code) => Assert.Equal(code, (await Raw().SendAsync("GET", $"/{Bucket}/{path}")).Code);

    [Fact]
    public async Task An_unsigned_trailer_is_checked()
    {
        var raw = Raw();
        static byte[] Body(string checksum) => Encoding.ASCII.GetBytes($"9\r\n123456789\r\n0\r\nx-amz-checksum-crc64nvme:{checksum}\r\n\r\n");
        Task<RawAnswer> PutAsync(string checksum, string announced = "x-amz-checksum-crc64nvme", string length = "9") => raw.SendAsync("PUT", $"/{Bucket}/k", body: Body(checksum),
            payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            headers: [("content-encoding", "aws-chunked,gzip"), ("x-amz-decoded-content-length", length), ("x-amz-trailer", announced)]);

        // CRC-64/NVME of "123456789" is ae8b14860a799888, by the catalogue of parametrised CRC algorithms.
        var good = await PutAsync("rosUhgp5mIg=");
        Assert.Equal((HttpStatusCode.OK, "rosUhgp5mIg="), (good.Status, good.Header("x-amz-checksum-crc64nvme")));
        Assert.Equal("BadDigest", (await PutAsync("rosUhgp5mIk=")).Code);
        Assert.Equal("MalformedTrailerError", (await PutAsync("rosUhgp5mIg=", announced: "x-amz-checksum-crc32")).Code);
        Assert.Equal("IncompleteBody", (await PutAsync("rosUhgp5mIg=", length: "10")).Code);
        var got = await raw.SendAsync("GET", $"/{Bucket}/k");
        Assert.Equal(("123456789", "gzip"), (got.Text, got.Header("content-encoding")));
    }
}
