namespace Akka.Pipeline.Core.Tests.Deduplication;

using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static Facts;

/// <summary>What the ledger knows to be made of other bytes is told apart by its ETag.</summary>
public sealed class ObjectsOfOtherBytesTests
{
    [Fact]
    public void Of_an_object_that_nobody_knows_nothing_is_known() => Assert.False(IsOther("etag1", null));

    [Fact]
    public void The_object_of_this_very_version_is_not_of_other_bytes() => Assert.False(IsOther("etag1", new ObjectOrigin("shots", "a", Stored(1))));

    [Fact]
    public void The_object_of_another_version_is() => Assert.True(IsOther("etag2", new ObjectOrigin("shots", "a", Stored(2))));

    [Fact]
    public void The_object_of_another_file_is()
    {
        Assert.True(IsOther("etag2", new ObjectOrigin("shots", "b", Stored(2))));
        Assert.True(IsOther("etag1", new ObjectOrigin("shots", "b", Stored(1))));
        Assert.True(IsOther("etag1", new ObjectOrigin("logs", "a", Stored(1))));
    }

    [Fact]
    public void An_object_that_was_replaced_since_is_not_known() => Assert.False(IsOther("replaced", new ObjectOrigin("shots", "a", Stored(2))));

    [Fact]
    public void Without_an_etag_nothing_is_known() => Assert.False(IsOther("", new ObjectOrigin("shots", "a", Stored(2) with { ETag = "" })));

    [Fact]
    public void The_attributes_of_an_object_have_one_summary_each()
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal) { ["b"] = "2", ["a"] = "1" };
        var same = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "1", ["b"] = "2" };
        var full = new ObjectAttributes("text/plain", "STANDARD_IA", "aws:kms", "key", tags);
        Assert.Equal(full.Summary, (full with { Tags = same }).Summary);
        string[] all =
        [
            ObjectAttributes.None.Summary, full.Summary, (full with { ContentType = null }).Summary, (full with { StorageClass = null }).Summary,
            (full with { ServerSideEncryption = "AES256" }).Summary, (full with { KmsKeyId = null }).Summary,
            (full with { ContentType = null, StorageClass = "text/plain" }).Summary, (full with { Tags = ObjectAttributes.None.Tags }).Summary,
        ];
        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
    }

    private static bool IsOther(string eTag, ObjectOrigin? origin) => UploadPlanning.IsMadeOfOtherBytes(
        new ObjectFacts(101, eTag, DigestSet.Unknown, null), origin, UploadPlanning.Plan(Route, Seen(1), new ObjectAddress("b", "a"), null, null, "store", trustsChangeTime: true));
}
