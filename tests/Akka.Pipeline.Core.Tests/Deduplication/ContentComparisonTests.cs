namespace Akka.Pipeline.Core.Tests.Deduplication;

using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using FsCheck;
using FsCheck.Fluent;

public sealed class ContentComparisonTests
{
    private const string PartsETag = "0123456789abcdef0123456789abcdef-3";

    [Fact]
    public void Size_alone_never_says_yes_unless_the_route_wants_it_so()
    {
        Assert.Equal(SameContent.CannotTell, Compare(DigestSet.Unknown, Object(DigestSet.Unknown)));
        Assert.Equal(SameContent.CannotTell, Compare(new DigestSet(Md5: "aa"), Object(DigestSet.Unknown)));
        Assert.Equal(SameContent.Yes, Compare(DigestSet.Unknown, Object(DigestSet.Unknown), DedupeMode.Size));
    }

    [Theory]
    [InlineData(DedupeMode.Checksum)]
    [InlineData(DedupeMode.Size)]
    public void Another_size_is_another_content(DedupeMode mode) =>
        Assert.Equal(SameContent.No, ContentComparison.Compare(6, new DigestSet(Md5: "aa"), Object(new DigestSet(Md5: "aa")), mode));

    [Fact]
    public void A_digest_that_both_know_decides()
    {
        Assert.Equal(SameContent.Yes, Compare(new DigestSet(Md5: "aa", Sha256: "bb"), Object(new DigestSet(Md5: "AA"))));
        Assert.Equal(SameContent.No, Compare(new DigestSet(Md5: "aa"), Object(new DigestSet(Md5: "ab"))));
        Assert.Equal(SameContent.No, Compare(new DigestSet(Md5: "aa", Crc32C: "01"), Object(new DigestSet(Md5: "aa", Crc32C: "02"))));
    }

    [Fact]
    public void A_digest_that_only_the_store_knows_is_asked_for()
    {
        Assert.Equal(SameContent.NeedsDigest, Compare(new DigestSet(Md5: "aa"), Object(new DigestSet(Crc32C: "01"))));
        Assert.Equal(SameContent.NeedsDigest, Compare(new DigestSet(Md5: "aa"), Object(DigestSet.Unknown, PartsETag)));
    }

    [Fact]
    public void In_checksum_mode_yes_implies_a_shared_digest_and_no_shared_digest_that_differs()
    {
        var digest = Gen.Elements<string?>(null, null, "0a", "0b");
        var sets = from md5 in digest from crc in digest from sha in digest select new DigestSet(md5, crc, sha);
        var both = (from mine in sets from theirs in sets from eTag in Gen.Elements("", PartsETag) select (mine, theirs, eTag)).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(both, pair =>
        {
            var shared = pair.mine.Kinds & pair.theirs.Kinds;
            var differs = (pair.mine.Md5 is not null && pair.theirs.Md5 is not null && pair.mine.Md5 != pair.theirs.Md5)
                || (pair.mine.Crc32C is not null && pair.theirs.Crc32C is not null && pair.mine.Crc32C != pair.theirs.Crc32C)
                || (pair.mine.Sha256 is not null && pair.theirs.Sha256 is not null && pair.mine.Sha256 != pair.theirs.Sha256);
            return Compare(pair.mine, Object(pair.theirs, pair.eTag)) switch
            {
                SameContent.Yes => shared != DigestKinds.None && !differs,
                SameContent.No => differs,
                _ => shared == DigestKinds.None,
            };
        }));
    }

    [Fact]
    public void The_strongest_digest_that_the_store_knows_is_wanted()
    {
        Assert.Equal(DigestKinds.Sha256, ContentComparison.Wanted(Object(new DigestSet("a", "b", "c"))));
        Assert.Equal(DigestKinds.Md5, ContentComparison.Wanted(Object(new DigestSet("a", "b"))));
        Assert.Equal(DigestKinds.Crc32C, ContentComparison.Wanted(Object(new DigestSet(Crc32C: "b"))));
        Assert.Equal(DigestKinds.None, ContentComparison.Wanted(Object(DigestSet.Unknown)));
    }

    [Theory]
    [InlineData(PartsETag, 3)]
    [InlineData("0123456789abcdef0123456789abcdef-10000", 10000)]
    [InlineData("0123456789abcdef0123456789abcdef", null)]
    [InlineData("0123456789abcdef0123456789abcdef-", null)]
    [InlineData("0123456789abcdef0123456789abcdef-0", null)]
    [InlineData("0123456789abcdef0123456789abcdef--1", null)]
    [InlineData("0123456789abcdef0123456789abcdef-99999999999", null)]
    [InlineData("0123456789ABCDEF0123456789abcdeg-3", null)]
    [InlineData("", null)]
    public void The_number_of_parts_is_read_from_an_etag_of_that_form_only(string eTag, int? parts) => Assert.Equal(parts, ContentComparison.MultipartParts(eTag));

    private static SameContent Compare(DigestSet local, ObjectFacts remote, DedupeMode mode = DedupeMode.Checksum) => ContentComparison.Compare(5, local, remote, mode);

    private static ObjectFacts Object(DigestSet digests, string eTag = "") => new(5, eTag, digests, null);
}
