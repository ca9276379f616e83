namespace Akka.Pipeline.Core.Tests.Deduplication;

using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static Facts;

/// <summary>What the ledger knows to be made of other bytes is told apart by its ETag.</summary>
public sealed class ObjectsOfOtherBytesTests
{
    [Fact]
    public void Of_a_file_that_nobody_knows_nothing_is_known_to_be_other() => Assert.Null(Plan(null, null));

    [Fact]
    public void The_object_of_this_very_version_is_not_other() =>
        Assert.Null(Plan(Entry(1, FileProgress.Stored, stored: Stored(1)), new ObjectOrigin("shots", "a", Stored(1))));

    [Fact]
    public void The_object_of_another_version_is() =>
        Assert.Equal("etag2", Plan(Entry(2, FileProgress.Done, stored: Stored(2)), new ObjectOrigin("shots", "a", Stored(2))));

    [Fact]
    public void The_object_of_another_file_is() => Assert.Equal("etag2", Plan(null, new ObjectOrigin("shots", "b", Stored(2))));

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

    private static string? Plan(LedgerEntry? known, ObjectOrigin? origin) =>
        UploadPlanning.Plan(Route, Seen(1), new ObjectAddress("b", "a"), known, origin, "store").OtherETag;
}
