namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>Objects that are there before their file comes.</summary>
public sealed class AlreadyStoredTests : PipelineTest
{
    [Fact]
    public async Task What_the_store_has_already_is_removed_without_being_sent_again()
    {
        Source.Put("a", "hello");
        Store.Hold("a", "hello");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(["PUT", "HEAD"], Store.Calls.Select(c => c.Operation));
        Assert.Equal(0, Journal.Count("put a"));
        Assert.Empty(Source.Paths);
        Assert.Equal(1, Meters.FilesAlreadyStored);
    }

    [Fact]
    public async Task Different_content_of_nobody_else_is_replaced_only_as_it_was_seen()
    {
        Source.Put("a", "newer");
        Store.Hold("a", "older");
        var raced = 0;
        Store.Before = call =>
        {
            // Between our look and our write somebody else writes.
            if (call.Operation == "PUT" && Interlocked.Increment(ref raced) == 2)
            {
                Store.Hold("a", "raced");
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(["PUT", "HEAD", "PUT", "HEAD", "PUT"], Store.Calls.Select(c => c.Operation));
        Assert.Equal("newer", Store.TextOf("a"));
    }

    [Fact]
    public async Task A_store_without_conditions_is_asked_first()
    {
        Store.Traits = Store.Traits with { ConditionalWrites = false };
        Source.Put("a", "same");
        Source.Put("b", "new");
        Store.Hold("a", "same");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(0, Journal.Count("put a"));
        Assert.Equal("new", Store.TextOf("b"));
    }

    [Fact]
    public async Task A_later_version_replaces_the_earlier_one_with_one_request()
    {
        Route = Route with { AfterUpload = AfterUpload.Keep };
        Settings = Settings with { Once = false };
        Source.Put("a", "first");
        Start();
        await EventuallyAsync(() => Assert.Equal(FileProgress.Done, Ledger.Find("a")?.Progress));
        Source.Overwrite("a", "later");
        await EventuallyAsync(() => Assert.Equal("later", Store.TextOf("a")));
        Assert.Equal(["PUT", "PUT"], Store.Calls.Select(c => c.Operation));
    }

    [Fact]
    public async Task A_file_stored_earlier_whose_removal_was_not_reached_is_confirmed_and_removed()
    {
        Source.Put("a", "hello");
        Store.Hold("a", "hello");
        var facts = (await Store.HeadAsync(new ObjectAddress("b", "a"), default))!;
        var seen = Source.Observe(["a"])[0].Sighting!;
        Ledger.Add(new FileStored("shots", "a", new StoredVersion(seen.Fingerprint, "model", new ObjectAddress("b", "a"), facts.ETag, facts.Digests, null, DateTimeOffset.UtcNow), DateTimeOffset.UtcNow));
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(["HEAD", "HEAD"], Store.Calls.Select(c => c.Operation));
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task A_ledger_that_says_stored_is_not_believed_when_the_store_has_lost_it()
    {
        Source.Put("a", "hello");
        var seen = Source.Observe(["a"])[0].Sighting!;
        Ledger.Add(new FileStored("shots", "a", new StoredVersion(seen.Fingerprint, "model", new ObjectAddress("b", "a"), "5d41402abc4b2a76b9719d911017c592", DigestSet.Unknown, null, DateTimeOffset.UtcNow), DateTimeOffset.UtcNow));
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("hello", Store.TextOf("a"));
        Journal.HasInOrder("put a", "recorded a", "removed a");
    }
}
