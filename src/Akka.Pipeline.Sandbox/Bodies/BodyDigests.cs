namespace Akka.Pipeline.Sandbox.Bodies;

using System.Security.Cryptography;
using Akka.Pipeline.Sandbox.Checksums;

/// <summary>MD5 and one checksum of a body that passes by.</summary>
internal sealed class BodyDigests(ChecksumAlgorithm algorithm) : IDisposable
{
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly ChecksumDigest _checksum = new(algorithm);

    public long SizeBytes { get; private set; }

    public byte[] Md5 { get; private set; } = [];

    public string ChecksumValue { get; private set; } = "";

    public ChecksumAlgorithm Algorithm => algorithm;

    public void Append(ReadOnlySpan<byte> data)
    {
        SizeBytes += data.Length;
        _md5.AppendData(data);
        _checksum.Append(data);
    }

    public void Finish()
    {
        Md5 = _md5.GetHashAndReset();
        ChecksumValue = _checksum.Finish();
    }

    public void Dispose()
    {
        _md5.Dispose();
        _checksum.Dispose();
    }
}
