namespace Akka.Pipeline.Sandbox.Tests;

using System.Net.Sockets;
using System.Text;

/// <summary>
/// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, sigv4-query-string-auth.html, sigv4-streaming.html and
/// sigv4-streaming-trailers.html, sent to a server whose clock stands at their day.
/// </summary>
public sealed class DocumentedSignatureTests : IAsyncLifetime
{
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const string Credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";

    private readonly string _root = Path.Combine(Path.GetTempPath(), "sandbox-" + Path.GetRandomFileName());
    private readonly FixedClock _clock = new(new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));
    private SandboxServer _server = null!;

    public async Task InitializeAsync() => _server = await SandboxServer.StartAsync(new()
    {
        RootFolder = _root,
        AccessKey = "AKIAIOSFODNN7EXAMPLE",
        SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        VirtualHosts = ["s3.amazonaws.com"],
        CreateBucketsOnDemand = true,
        Clock = _clock,
    });

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task The_examples_with_an_authorization_header_are_authentic()
    {
        var put = await ExchangeAsync("PUT /test%24file.text HTTP/1.1", "Welcome to Amazon S3.",
            "Host: examplebucket.s3.amazonaws.com", "Date: Fri, 24 May 2013 00:00:00 GMT", "x-amz-date: 20130524T000000Z", "x-amz-storage-class: REDUCED_REDUNDANCY",
            "x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            $"Authorization: AWS4-HMAC-SHA256 Credential={Credential},SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
        Assert.StartsWith("HTTP/1.1 200", put, StringComparison.Ordinal);
        Assert.Equal("Welcome to Amazon S3.", await File.ReadAllTextAsync(Path.Combine(_root, "examplebucket", "test$file.text")));

        await File.WriteAllTextAsync(Path.Combine(_root, "unrelated"), "");
        var get = await ExchangeAsync("GET /test.txt HTTP/1.1", "",
            "Host: examplebucket.s3.amazonaws.com", "Range: bytes=0-9", $"x-amz-content-sha256: {Empty}", "x-amz-date: 20130524T000000Z",
            $"Authorization: AWS4-HMAC-SHA256 Credential={Credential},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
        Assert.Contains("<Code>NoSuchKey</Code>", get, StringComparison.Ordinal);

        var list = await ExchangeAsync("GET /?max-keys=2&prefix=J HTTP/1.1", "",
            "Host: examplebucket.s3.amazonaws.com", $"x-amz-content-sha256: {Empty}", "x-amz-date: 20130524T000000Z",
            $"Authorization: AWS4-HMAC-SHA256 Credential={Credential},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
        Assert.Contains("<MaxKeys>2</MaxKeys>", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_presigned_example_is_authentic_until_it_expires()
    {
        const string Line = "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1";
        Assert.Contains("<Code>NoSuchBucket</Code>", await ExchangeAsync(Line, "", "Host: examplebucket.s3.amazonaws.com"), StringComparison.Ordinal);

        _clock.Now = _clock.Now.AddSeconds(86401);
        var expired = await ExchangeAsync(Line, "", "Host: examplebucket.s3.amazonaws.com");
        Assert.Contains("<Code>AccessDenied</Code><Message>Request has expired</Message>", expired, StringComparison.Ordinal);

        _clock.Now = _clock.Now.AddDays(-2);
        Assert.Contains("Request is not yet valid", await ExchangeAsync(Line, "", "Host: examplebucket.s3.amazonaws.com"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "HTTP/1.1 200")]
    [InlineData("0055627c", "HTTP/1.1 403")]
    [InlineData("b6c6ea8a", "HTTP/1.1 403")]
    public async Task The_example_in_signed_chunks_is_authentic_and_every_signature_counts(string spoiltSignature, string expected)
    {
        var body = Chunks("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", "");
        var answer = await ExchangeAsync("PUT /examplebucket/chunkObject.txt HTTP/1.1", Spoil(body, spoiltSignature),
            "Host: s3.amazonaws.com", "x-amz-date: 20130524T000000Z", "x-amz-storage-class: REDUCED_REDUNDANCY", "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "Content-Encoding: aws-chunked", "x-amz-decoded-content-length: 66560",
            $"Authorization: AWS4-HMAC-SHA256 Credential={Credential},SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        Assert.Equal(expected.EndsWith("200", StringComparison.Ordinal), File.Exists(Path.Combine(_root, "examplebucket", "chunkObject.txt")));
    }

    [Theory]
    [InlineData("", "HTTP/1.1 200")]
    [InlineData("d81f82fc", "HTTP/1.1 403")]
    [InlineData("sOO8/Q==", "HTTP/1.1 403")]
    public async Task The_example_with_a_signed_trailer_is_authentic_and_its_signature_counts(string spoilt, string expected)
    {
        var body = Chunks("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n");
        var answer = await ExchangeAsync("PUT /examplebucket/chunkObject.txt HTTP/1.1", Spoil(body, spoilt),
            "Host: s3.amazonaws.com", "x-amz-date: 20130524T000000Z", "x-amz-storage-class: REDUCED_REDUNDANCY", "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "Content-Encoding: aws-chunked", "x-amz-decoded-content-length: 66560", "x-amz-trailer: x-amz-checksum-crc32c",
            $"Authorization: AWS4-HMAC-SHA256 Credential={Credential},SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
    }

    private static string Chunks(string first, string second, string last, string trailer) =>
        $"10000;chunk-signature={first}\r\n{new string('a', 65536)}\r\n400;chunk-signature={second}\r\n{new string('a', 1024)}\r\n0;chunk-signature={last}\r\n{trailer}\r\n";

    private static string Spoil(string body, string what) =>
        what.Length == 0 ? body : body.Replace(what, (what[0] == '0' ? "1" : "0") + what[1..], StringComparison.Ordinal);

    private async Task<string> ExchangeAsync(string requestLine, string body, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.Endpoint.Host, _server.Endpoint.Port);
        var stream = client.GetStream();
        var length = body.Length > 0 ? $"Content-Length: {body.Length}\r\n" : "";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{requestLine}\r\n{string.Join("\r\n", headers)}\r\n{length}Connection: close\r\n\r\n{body}"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
