namespace Akka.Pipeline.Storage.Tests.Stores;

using System.Text;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;

/// <summary>A body in memory.</summary>
public sealed class BodyOf : IUploadBody
{
    private readonly byte[] content;

    public BodyOf(byte[] content, StoreTraits traits)
    {
        this.content = content;
        Digests = DigestsOf(content, traits.PutDigests);
    }

    public long LengthBytes => content.Length;

    public DigestSet Digests { get; init; }

    public ReadOnlyMemory<byte> Memory => content;

    public Stream OpenRead() => new MemoryStream(content, writable: false);

    public static BodyOf Text(string text, StoreTraits traits) => new(Encoding.UTF8.GetBytes(text), traits);

    /// <summary>Bytes that differ everywhere, the same for the same seed.</summary>
    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static DigestSet DigestsOf(ReadOnlySpan<byte> content, DigestKinds kinds)
    {
        using var hasher = new ContentHasher(kinds);
        hasher.Append(content);
        return hasher.Finish();
    }
}
