namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>What becomes of local files that are stored.</summary>
public sealed class AfterUploadTests : PipelineTest
{
    [Fact]
    public async Task A_kept_file_that_has_not_changed_costs_no_request_at_the_next_run()
    {
        Route = Route with { AfterUpload = AfterUpload.Keep };
        Source.Put("a", "hello");
        Source.Put("b", "hello");
        Settings = Settings with { Once = false };
        Start();
        await EventuallyAsync(() => Assert.True(Journal.Count("done") == 2 && Meters.WalksEnded >= 4));
        Assert.Equal(2, Store.Calls.Count);
        Assert.Equal(["a", "b"], Source.Paths);
    }

    [Fact]
    public async Task A_kept_file_goes_to_a_new_target_when_the_route_gets_one()
    {
        Route = Route with { AfterUpload = AfterUpload.Keep };
        Source.Put("a", "hello");
        var seen = Source.Observe(["a"])[0].Sighting!;
        var old = new StoredVersion(seen.Fingerprint, "model", new ObjectAddress("old", "a"), "e", DigestSet.Unknown, null, DateTimeOffset.UtcNow);
        Ledger.Add(new FileStored("shots", "a", old, DateTimeOffset.UtcNow), new FileDone("shots", "a", seen.Fingerprint, LocalFate.Kept, DateTimeOffset.UtcNow));
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("hello", Store.TextOf("a"));
    }

    [Fact]
    public async Task A_file_is_moved_where_the_route_says_so_and_empty_folders_are_pruned()
    {
        Route = Route with { AfterUpload = AfterUpload.Move, MoveTo = "/done", PruneEmptyFolders = true };
        Source.Put("x/a", "hello");
        Assert.True((await RunAsync()).IsEmpty);
        Journal.HasInOrder("recorded x/a", "moved x/a to /done", "pruned", "done x/a Moved");
    }

    [Fact]
    public async Task Pruning_that_fails_does_not_hide_what_was_removed()
    {
        Route = Route with { PruneEmptyFolders = true };
        Source.Put("x/a", "hello");
        Source.Before = (what, _) =>
        {
            if (what == "prune")
            {
                throw ModelSource.Trouble("EACCES");
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(FileProgress.Done, Ledger.Find("x/a")!.Progress);
    }
}
