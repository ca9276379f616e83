namespace Akka.Pipeline.Benchmarks.Micro;

using Akka.Pipeline.Storage.S3.Direct;
using Amazon.Runtime;
using BenchmarkDotNet.Attributes;

/// <summary>Signature Version 4 of a conditional PUT, with the day's key at hand.</summary>
public class SignerBenchmark
{
    private readonly SigningKeys _keys = new();
    private readonly SigningClock _clock = new(TimeProvider.System);
    private readonly ImmutableCredentials _credentials = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null);

    [Benchmark]
    public string Sign()
    {
        var time = _clock.Now();
        var headers = default(SignedHeaders);
        headers.Add("host", "s3.eu-west-1.amazonaws.com");
        headers.Add("if-none-match", "*");
        headers.Add("x-amz-checksum-crc32c", "yZRlqg==");
        headers.Add("x-amz-content-sha256", RequestSigner.UnsignedPayload);
        headers.Add("x-amz-date", time.Timestamp);
        return RequestSigner.Sign(
            "PUT", "/studio-shots/2026/shot-010/frame.0001.exr", "", headers.All, RequestSigner.UnsignedPayload, _keys.For(_credentials, time.Day, "eu-west-1"), time);
    }
}
