namespace Akka.Pipeline.Core.Tests.Uploading;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;
using FsCheck;
using FsCheck.Fluent;

public sealed class PartPlanTests
{
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;
    private const long TiB = 1L << 40;

    [Theory]
    [InlineData(1, 8 * MiB, 8 * MiB, 1)]
    [InlineData((8 * MiB) - 1, 8 * MiB, 8 * MiB, 1)]
    [InlineData(8 * MiB, 8 * MiB, 8 * MiB, 1)]
    [InlineData((8 * MiB) + 1, 8 * MiB, 8 * MiB, 2)]
    [InlineData(5 * MiB, 1, 5 * MiB, 1)]
    [InlineData((5 * MiB) + 1, 1, 5 * MiB, 2)]
    [InlineData(80_000 * MiB, 8 * MiB, 8 * MiB, 10_000)]
    [InlineData((80_000 * MiB) + 1, 8 * MiB, 9 * MiB, 8889)]
    [InlineData(5 * TiB, 8 * MiB, 525 * MiB, 9987)]
    [InlineData(10_000 * 5 * GiB, 8 * MiB, 5 * GiB, 10_000)]
    public void Parts_have_the_wished_size_unless_there_would_be_too_many(long size, long wished, long partSize, int count)
    {
        var plan = PartPlan.For(size, wished, MultipartLimits.S3);
        Assert.Equal((partSize, count), (plan?.PartSizeBytes, plan?.Count));
    }

    [Theory]
    [InlineData((10_000 * 5 * GiB) + 1)]
    [InlineData(60 * TiB)]
    [InlineData(long.MaxValue)]
    public void A_file_that_no_parts_can_hold_has_no_plan(long size) => Assert.Null(PartPlan.For(size, 8 * MiB, MultipartLimits.S3));

    [Fact]
    public void A_wish_beyond_the_longest_part_is_met_as_far_as_the_store_allows() =>
        Assert.Equal(5 * GiB, PartPlan.For(20 * GiB, 6 * GiB, MultipartLimits.S3)?.PartSizeBytes);

    [Fact]
    public void An_empty_file_has_no_parts() => Assert.Throws<ArgumentOutOfRangeException>(() => PartPlan.For(0, 8 * MiB, MultipartLimits.S3));

    [Fact]
    public void Parts_cover_the_file_exactly_and_respect_the_limits()
    {
        var limits = new MultipartLimits(5, 5000, 40, 5000);
        var cases = (from size in Gen.OneOf(Gen.Choose(1, 300), Gen.Choose(1, 210_000)) from wished in Gen.Choose(1, 6000) select (size, wished)).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(cases, c =>
        {
            if (PartPlan.For(c.size, c.wished, limits) is not { } plan)
            {
                return c.size > limits.MaximumParts * limits.MaximumPartSizeBytes;
            }

            long end = 0;
            for (var number = 1; number <= plan.Count; number++)
            {
                var length = plan.LengthBytes(number);
                if (plan.OffsetBytes(number) != end || length < 1 || length > limits.MaximumPartSizeBytes || (number < plan.Count && length < limits.MinimumPartSizeBytes))
                {
                    return false;
                }

                end += length;
            }

            return end == c.size && plan.Count <= limits.MaximumParts;
        }));
    }

    [Fact]
    public void Parts_that_ledger_and_store_agree_on_are_kept()
    {
        var plan = new PartPlan(25, 10);
        Assert.Equal([1, 3], plan.Kept([Part(3, 5), Part(1, 10)], [Part(1, 10), Part(2, 10), Part(3, 5)]).Select(p => p.PartNumber));
        Assert.Single(plan.Kept([Part(1, 10)], [Part(1, 10) with { Digests = DigestSet.Unknown }]));
    }

    public static TheoryData<string> Differences => ["etag", "size", "digest", "missing", "number", "length", "zero"];

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_part_that_differs_in_anything_is_not_kept(string difference)
    {
        var part = Part(1, 10);
        var (recorded, held) = difference switch
        {
            "etag" => (part, part with { ETag = "E1" }),
            "size" => (part, part with { SizeBytes = 9 }),
            "digest" => (part, part with { Digests = new DigestSet(Md5: "00") }),
            "missing" => (part, part with { PartNumber = 2 }),
            "number" => (part with { PartNumber = 4 }, part with { PartNumber = 4 }),
            "length" => (part with { SizeBytes = 9 }, part with { SizeBytes = 9 }),
            _ => (part with { PartNumber = 0 }, part with { PartNumber = 0 }),
        };
        Assert.Empty(new PartPlan(25, 10).Kept([recorded], [held]));
    }

    [Fact]
    public void A_store_that_lists_a_part_twice_is_taken_at_its_last_word() =>
        Assert.Empty(new PartPlan(25, 10).Kept([Part(1, 10)], [Part(1, 10), Part(1, 10) with { ETag = "other" }]));

    [Fact]
    public void The_crc_of_the_whole_comes_from_those_of_the_parts()
    {
        var cases = (from bytes in ArbMap.Default.GeneratorFor<byte[]>() from partSize in Gen.Choose(1, 20) where bytes.Length > 0 select (bytes, partSize)).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(cases, c =>
        {
            var plan = new PartPlan(c.bytes.Length, c.partSize);
            var parts = Enumerable.Range(1, plan.Count).Select(number =>
            {
                var bytes = c.bytes.AsSpan((int)plan.OffsetBytes(number), (int)plan.LengthBytes(number));
                return new PartFacts(number, bytes.Length, "", new DigestSet(Crc32C: Crc32C.ToHex(Crc32C.Append(0, bytes))));
            }).Reverse().ToList();
            return plan.WholeCrc32C(parts) == Crc32C.ToHex(Crc32C.Append(0, c.bytes))
                && plan.WholeCrc32C(parts[1..]) is null
                && plan.WholeCrc32C([.. parts.Select(p => p with { Digests = new DigestSet(Md5: "aa") })]) is null;
        }));
    }

    private static PartFacts Part(int number, long size) => new(number, size, $"e{number}", new DigestSet(Md5: "aa"));
}
