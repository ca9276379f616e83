namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>Files that change on their way.</summary>
public sealed class ChangingFilesTests : PipelineTest
{
    [Theory]
    [InlineData("read")]
    [InlineData("removed")]
    public async Task A_rewrite_whose_size_and_time_are_those_of_before_is_seen_all_the_same(string before)
    {
        Source.Put("a", "first");
        var once = 0;
        Source.BeforeRead = (path, _) => Rewrite(before == "read");
        Source.Before = (what, _) => Rewrite(before == "removed" && what == "remove");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("final", Store.TextOf("a"));
        Assert.Empty(Source.Paths);

        void Rewrite(bool now)
        {
            if (now && Interlocked.Exchange(ref once, 1) == 0)
            {
                Source.OverwriteUnseen("a", "final");
            }
        }
    }

    [Fact]
    public async Task A_rewrite_while_nobody_watched_whose_size_and_time_are_those_of_before_is_seen_too()
    {
        Source.Put("a", "first");
        Store.Hold("a", "first");
        var facts = (await Store.HeadAsync(new ObjectAddress("b", "a"), default))!;
        var seen = Source.Observe(["a"])[0].Sighting!;
        Ledger.Add(new FileStored("shots", "a", new StoredVersion(seen.Fingerprint, "model", new ObjectAddress("b", "a"), facts.ETag, facts.Digests, null, DateTimeOffset.UtcNow), DateTimeOffset.UtcNow));
        Source.OverwriteUnseen("a", "final");

        Assert.True((await RunAsync()).IsEmpty);

        Assert.Equal("final", Store.TextOf("a"));
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task A_file_that_changes_during_its_upload_goes_round_again_and_its_last_version_is_stored()
    {
        Source.Put("a", "first");
        var once = 0;
        Source.BeforeRead = (path, _) =>
        {
            if (Interlocked.Exchange(ref once, 1) == 0)
            {
                Source.Overwrite(path, "final");
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("final", Store.TextOf("a"));
        Assert.Equal(1, Store.Count("PUT"));
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task A_file_that_changes_between_its_upload_and_its_removal_stays_and_goes_round_again()
    {
        Source.Put("a", "first");
        var once = 0;
        Ledger.BeforeCommit = changes =>
        {
            if (changes.OfType<FileStored>().Any() && Interlocked.Exchange(ref once, 1) == 0)
            {
                Source.Overwrite("a", "later");
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("later", Store.TextOf("a"));
        Assert.Equal(1, Journal.Count("removed a"));
        Journal.HasInOrder("put a", "recorded a", "put a", "recorded a", "removed a");
    }
}
