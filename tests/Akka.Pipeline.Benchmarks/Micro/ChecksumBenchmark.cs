namespace Akka.Pipeline.Benchmarks.Micro;

using Akka.Pipeline.Core.Digests;
using BenchmarkDotNet.Attributes;

/// <summary>The digests of one content, as they are computed while it is read.</summary>
public class ChecksumBenchmark
{
    private readonly byte[] _content = new byte[1 << 20];
    private ContentHasher _hasher = null!;

    [Params(4 << 10, 1 << 20)]
    public int LengthBytes { get; set; }

    [Params(DigestKinds.Crc32C, DigestKinds.Md5, DigestKinds.Sha256)]
    public DigestKinds Kinds { get; set; }

    [GlobalSetup]
    public void Start()
    {
        new Random(1).NextBytes(_content);
        _hasher = new ContentHasher(Kinds);
    }

    [GlobalCleanup]
    public void Stop() => _hasher.Dispose();

    [Benchmark]
    public DigestSet Digest()
    {
        _hasher.Append(_content.AsSpan(0, LengthBytes));
        return _hasher.Finish();
    }
}
