namespace Akka.Pipeline.Core.Tests.Digests;

using System.Security.Cryptography;
using System.Text;
using Akka.Pipeline.Core.Digests;
using FsCheck;
using FsCheck.Fluent;

public sealed class Digests_of_content
{
    private static readonly Arbitrary<byte[]> Bytes = Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf().ToArbitrary();

    // RFC 3720, appendix B.4, and the usual check value.
    [Theory]
    [InlineData("123456789", "e3069283")]
    [InlineData("", "00000000")]
    [InlineData("a", "c1d04330")]
    public void Crc32c_gives_the_known_answers(string text, string expected) =>
        Assert.Equal(expected, Crc32C.ToHex(Crc32C.Append(0, Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Crc32c_gives_the_answers_of_rfc_3720()
    {
        Assert.Equal(0x8a9136aau, Crc32C.Append(0, new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Append(0, Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46dd794eu, Crc32C.Append(0, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
        Assert.Equal(0x113fdb5cu, Crc32C.Append(0, Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray()));
    }

    [Fact]
    public void Crc32c_in_pieces_is_that_of_the_whole() => Prop.ForAll(Bytes, Bytes, (a, b) =>
        Crc32C.Append(Crc32C.Append(0, a), b) == Crc32C.Append(0, [.. a, .. b])).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1023)]
    [InlineData(3071)]
    [InlineData(3072)]
    [InlineData(3073)]
    [InlineData(6144)]
    [InlineData(10_007)]
    public void Crc32c_of_long_contents_is_that_of_its_bytes_one_by_one(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var crc = ~0x12345678u;
        foreach (var b in content)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        Assert.Equal(~crc, Crc32C.Append(0x12345678, content));
    }

    [Fact]
    public void Crc32c_of_two_contents_combines() => Prop.ForAll(Bytes, Bytes, (a, b) =>
        Crc32C.Combine(Crc32C.Append(0, a), Crc32C.Append(0, b), b.Length) == Crc32C.Append(0, [.. a, .. b])).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5 << 20)]
    public void Crc32c_combines_long_contents(int length)
    {
        var first = Encoding.ASCII.GetBytes("first");
        var second = new byte[length];
        new Random(1).NextBytes(second);
        Assert.Equal(
            Crc32C.Append(Crc32C.Append(0, first), second),
            Crc32C.Combine(Crc32C.Append(0, first), Crc32C.Append(0, second), second.Length));
    }

    [Fact]
    public void Crc32c_combines_beyond_what_fits_in_memory()
    {
        // Three ways to put the same three contents together, one of them of 5 TiB.
        const long huge = 5L << 40;
        uint a = 0x12345678, b = 0x9abcdef0, c = 0x0f1e2d3c;
        Assert.Equal(
            Crc32C.Combine(Crc32C.Combine(a, b, huge), c, 77),
            Crc32C.Combine(a, Crc32C.Combine(b, c, 77), huge + 77));
    }

    [Fact]
    public void Hex_goes_both_ways() => Prop.ForAll(ArbMap.Default.ArbFor<uint>(), crc =>
        Crc32C.FromHex(Crc32C.ToHex(crc)) == crc && Crc32C.ToHex(crc).Length == 8).QuickCheckThrowOnFailure();

    [Fact]
    public void A_hasher_gives_the_digests_of_all_pieces_and_starts_afresh() => Prop.ForAll(Bytes, Bytes, (a, b) =>
    {
        using var hasher = new ContentHasher(DigestKinds.Md5 | DigestKinds.Crc32C | DigestKinds.Sha256);
        hasher.Append(a);
        hasher.Append(b);
        var length = hasher.LengthBytes;
        var both = hasher.Finish();
        hasher.Append(b);
        byte[] whole = [.. a, .. b];
        return length == whole.Length
            && both == new DigestSet(
                Convert.ToHexStringLower(MD5.HashData(whole)),
                Crc32C.ToHex(Crc32C.Append(0, whole)),
                Convert.ToHexStringLower(SHA256.HashData(whole)))
            && hasher.LengthBytes == b.Length
            && hasher.Finish().Md5 == Convert.ToHexStringLower(MD5.HashData(b));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(DigestKinds.None)]
    [InlineData(DigestKinds.Md5)]
    [InlineData(DigestKinds.Crc32C)]
    [InlineData(DigestKinds.Sha256 | DigestKinds.Crc32C)]
    public void A_hasher_computes_what_it_is_asked_for(DigestKinds kinds)
    {
        using var hasher = new ContentHasher(kinds);
        hasher.Append("x"u8);
        Assert.Equal(kinds, hasher.Finish().Kinds);
    }

    [Fact]
    public void The_etag_of_parts_is_the_md5_of_their_md5s_and_their_number()
    {
        // Computed with: (printf a | md5sum | xxd -r -p; printf b | md5sum | xxd -r -p) | md5sum
        var parts = new[] { "a", "b" }.Select(p => Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(p)))).ToArray();
        Assert.Equal("96e024ba2074fe77e8e965ba43a704be-2", ContentHasher.MultipartETag(parts));
    }

    [Fact]
    public void Digests_agree_differ_or_say_nothing()
    {
        var known = new DigestSet(Md5: "AA", Crc32C: "bb");
        Assert.True(known.Agrees(new DigestSet(Md5: "aa", Sha256: "cc")));
        Assert.False(known.Agrees(new DigestSet(Md5: "aa", Crc32C: "xx")));
        Assert.Null(known.Agrees(new DigestSet(Sha256: "cc")));
        Assert.Null(known.Agrees(DigestSet.Unknown));
    }
}
