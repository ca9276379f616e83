namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>Files on their way through the whole pipeline.</summary>
public sealed class TravellingTests : PipelineTest
{
    [Fact]
    public async Task A_file_travels_and_every_step_waits_for_the_one_before()
    {
        Source.Put("a", "hello");
        Assert.True((await RunAsync()).IsEmpty);

        Assert.Equal("hello", Store.TextOf("a"));
        Assert.Empty(Source.Paths);
        Journal.HasInOrder("walk", "put a", "recorded a", "removed a", "done a Removed");
        Assert.Equal(["PUT"], Store.Calls.Select(c => c.Operation));
        Assert.Equal(FileProgress.Done, Ledger.Find("a")!.Progress);
    }

    [Fact]
    public async Task Many_files_travel_in_batches_and_a_few_commits()
    {
        for (var n = 0; n < 3000; n++)
        {
            Source.Put($"f{n}", $"content {n}");
        }

        Source.Put("empty", "");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(3001, Store.Keys.Count);
        Assert.Equal("content 2999", Store.TextOf("f2999"));
        Assert.Equal("", Store.TextOf("empty"));
        Assert.Equal(3001, Store.Calls.Count);
        Assert.InRange(Ledger.Commits, 1, 3001);
        Assert.Equal((3001, 3001, 0), (Meters.FilesStored, Meters.FilesRemoved, Meters.FilesFailed));
    }

    [Fact]
    public async Task However_large_the_backlog_only_a_bounded_number_of_files_is_on_its_way()
    {
        for (var n = 0; n < 100_000; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var blocked = new TaskCompletionSource();
        Store.Before = _ => blocked.Task;
        Settings = Settings with { HeldFiles = 500 };
        Start();
        await SettledAsync(() => Source.HandedOut);
        Assert.InRange(Source.HandedOut, 4, 4000);
        blocked.SetException(ModelStore.Trouble(FailureScope.Store, "Over"));
    }

    [Theory]
    [InlineData("ledger")]
    [InlineData("cleanup")]
    public async Task What_waits_behind_the_uploads_is_bounded_too(string stalled)
    {
        for (var n = 0; n < 100_000; n++)
        {
            Source.Put($"f{n}", "x");
        }

        using var release = new ManualResetEventSlim();
        var until = new TaskCompletionSource();
        if (stalled == "ledger")
        {
            Ledger.BeforeCommit = _ => until.Task;
        }
        else
        {
            Source.Before = (what, _) =>
            {
                if (what == "remove")
                {
                    release.Wait();
                }
            };
        }

        Settings = Settings with { HeldFiles = 500 };
        Start();
        await SettledAsync(() => Source.HandedOut);
        Assert.InRange(Source.HandedOut, 4, 25_000);
        release.Set();
        until.SetResult();
    }

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

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Of_two_files_with_one_key_the_second_is_set_aside_even_when_both_come_at_once(int batch)
    {
        Uploads = Uploads with { Slots = 1, BatchFiles = batch };
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")) };
        Source.Put("x/same", "one");
        Source.Put("y/same", "two");
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        var left = Assert.Single(Source.Paths);
        Assert.NotEqual(Source.TextOf(left), Store.TextOf("same"));
        Assert.Equal(1, Journal.Count("put same"));
        Assert.Equal("KeyConflict", Ledger.Find(left)!.Trouble!.Failure.Code);
    }

    [Fact]
    public async Task Of_two_files_with_one_key_none_is_overwritten_while_the_ledger_is_slow()
    {
        Uploads = Uploads with { MultipartFromBytes = 4 };
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")) };
        Source.Put("x/same", "one");
        Source.Put("y/same", "a longer one, in parts");
        Ledger.BeforeCommit = changes => changes.OfType<FileStored>().Any() ? Task.Delay(100) : Task.CompletedTask;
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Assert.NotEqual(Source.TextOf(Assert.Single(Source.Paths)), Store.TextOf("same"));
    }

    [Fact]
    public async Task Of_two_files_with_one_key_and_equal_content_both_are_done()
    {
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")) };
        Source.Put("x/same", "one");
        Source.Put("y/same", "one");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(1, Journal.Count("put same"));
    }

    [Fact]
    public async Task Where_the_last_one_wins_both_files_are_done()
    {
        Route = Route with { Target = new FixedBucket("b", "", KeyTemplate.Parse("{name}")), Conflict = ConflictMode.Overwrite };
        Source.Put("x/same", "one");
        Source.Put("y/same", "two");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(2, Journal.Count("put same"));
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

    [Fact]
    public async Task A_hint_brings_a_file_on_its_way_long_before_the_next_walk()
    {
        Settings = Settings with { Once = false };
        Route = Route with { ScanInterval = TimeSpan.FromHours(1) };
        Start();
        await EventuallyAsync(() => Assert.Equal(1, Meters.WalksEnded));
        Source.Put("late", "hello");
        Source.Hint("late");
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done late")));
        Assert.Equal(1, Journal.Count("walk"));
    }

    [Fact]
    public async Task A_hint_for_a_file_on_its_way_is_not_forgotten()
    {
        Settings = Settings with { Once = false };
        Route = Route with { ScanInterval = TimeSpan.FromHours(1), AfterUpload = AfterUpload.Keep };
        Source.Put("a", "first");
        var hinted = 0;
        Ledger.BeforeCommit = async changes =>
        {
            // Stored and not yet recorded: a new version is finished, and its event comes.
            if (changes.OfType<FileStored>().Any() && Interlocked.Exchange(ref hinted, 1) == 0)
            {
                Source.Overwrite("a", "later");
                Source.Hint("a");
                await Task.Delay(300);
            }
        };
        Start();
        await EventuallyAsync(() => Assert.Equal("later", Store.TextOf("a")));
        Assert.Equal(1, Journal.Count("walk"));
    }

    [Fact]
    public async Task A_dry_run_touches_nothing_and_tells_what_it_would_do()
    {
        DryRun = true;
        Route = Route with { Target = new FirstFolderIsBucket(new Dictionary<string, string>(StringComparer.Ordinal)) };
        for (var n = 0; n < 2000; n++)
        {
            Source.Put($"bucket/f{n:0000}", "hello");
        }

        Source.Put("no_bucket/a", "hello");
        Source.Put("nowhere", "hello");
        await RunAsync();
        Assert.Equal(2002, Planned.Count);
        Assert.Equal(2000, Planned.Count(p => p.Address is not null));
        Assert.Empty(Store.Calls);
        Assert.Equal(0, Ledger.Commits);
        Assert.Equal(2002, Source.Paths.Count);
        Assert.Equal(0, Journal.Count("removed"));
    }

    [Fact]
    public async Task A_dry_run_over_a_source_that_fails_records_nothing_either()
    {
        DryRun = true;
        Source.Put("a", "hello");
        var walks = 0;
        Source.Before = (what, _) =>
        {
            if (what == "walk" && Interlocked.Increment(ref walks) == 1)
            {
                throw ModelSource.Trouble();
            }
        };
        await RunAsync();
        Assert.Single(Planned);
        Assert.Equal(0, Ledger.Commits);
    }

    [Fact]
    public async Task A_folder_that_names_no_bucket_is_one_blockage_and_a_file_without_a_folder_is_set_aside()
    {
        Route = Route with { Target = new FirstFolderIsBucket(new Dictionary<string, string>(StringComparer.Ordinal)) };
        Source.Put("bucket/a", "hello");
        Source.Put("no_bucket/a", "hello");
        Source.Put("no_bucket/b", "hello");
        Source.Put("nowhere", "hello");
        var remainder = await RunAsync();
        Assert.Equal((1, 2), (remainder.SetAside, remainder.GivenUp));
        Assert.Single(Ledger.Blocked);
        Assert.Equal(FileProgress.SetAside, Ledger.Find("nowhere")!.Progress);
        Assert.Equal("hello", Store.TextOf("a", "bucket"));
        Assert.Equal(3, Source.Paths.Count);
    }

    [Fact]
    public async Task A_folder_that_names_no_bucket_is_no_blockage_any_more_when_it_is_renamed()
    {
        Settings = Settings with { Once = false };
        Route = Route with { Target = new FirstFolderIsBucket(new Dictionary<string, string>(StringComparer.Ordinal)), ScanInterval = Ms(20) };
        Source.Put("no_bucket/a", "hello");
        Source.Put("other_one/a", "hello");
        Start();
        await EventuallyAsync(() => Assert.Equal(["shots: no_bucket", "shots: other_one"], Ledger.Blocked.Select(b => b.Name).Order(StringComparer.Ordinal)));

        Source.Delete("no_bucket/a");
        Source.Put("bucket/a", "hello");

        await EventuallyAsync(() => Assert.Equal(["shots: other_one"], Ledger.Blocked.Select(b => b.Name)));
        await EventuallyAsync(() => Assert.Equal(["other_one/a"], Source.Paths));
    }

    // Until the number has not grown for a while; every look at it is a condition with a deadline, not a guess.
    private async Task SettledAsync(Func<int> number)
    {
        var (last, quiet) = (-1, 0);
        await AwaitConditionAsync(
            () =>
            {
                var now = number();
                quiet = now == last && now > 0 ? quiet + 1 : 0;
                last = now;
                return Task.FromResult(quiet >= 40);
            },
            Deadline,
            TimeSpan.FromMilliseconds(20));
    }
}
