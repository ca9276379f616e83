namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.S3;

public sealed class HttpsTests : SandboxTest
{
    private static readonly X509Certificate2 Certificate = MakeCertificate();

    protected override SandboxOptions Options => base.Options with { Certificate = Certificate, CreateBucketsOnDemand = true };

    [Fact]
    public async Task With_a_certificate_the_server_speaks_https()
    {
        Assert.Equal("https", Server.Endpoint.Scheme);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { Certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        var s3 = Client(config => config.HttpClientFactory = new Factory(handler));
        await s3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "secret way" });
        Assert.Equal(10, (await s3.GetObjectMetadataAsync(Bucket, "k")).ContentLength);
        Assert.Equal(HttpStatusCode.OK, (await s3.ListBucketsAsync()).HttpStatusCode);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sandbox", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private sealed class Factory(HttpMessageHandler handler) : Amazon.Runtime.HttpClientFactory
    {
        public override HttpClient CreateHttpClient(Amazon.Runtime.IClientConfig clientConfig) => new(handler, disposeHandler: false);
    }
}
