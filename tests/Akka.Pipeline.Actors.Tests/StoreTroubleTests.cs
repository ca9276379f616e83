namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Routes;

/// <summary>What becomes of the files while stores and buckets fail.</summary>
public sealed class StoreTroubleTests : PipelineTest
{
    private static readonly FirstFolderIsBucket ByFolder = new(new Dictionary<string, string>(StringComparer.Ordinal));

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_resolved_by_asking_the_store()
    {
        Source.Put("a", "hello");
        var lost = 0;
        Store.After = call => call.Operation == "PUT" && Interlocked.Exchange(ref lost, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "Timeout", unknown: true))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(["PUT", "HEAD"], Store.Calls.Select(c => c.Operation));
        Assert.Empty(Source.Paths);
        Assert.Equal(0, Meters.FilesFailed);
    }

    [Fact]
    public async Task A_write_of_unknown_outcome_that_was_not_done_is_repeated()
    {
        Source.Put("a", "hello");
        var lost = 0;
        Store.Before = call => call.Operation == "PUT" && Interlocked.Exchange(ref lost, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "Timeout", unknown: true))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("hello", Store.TextOf("a"));
        Journal.HasInOrder("put a", "recorded a", "removed a");
    }

    [Fact]
    public async Task A_blocked_bucket_stops_only_its_own_files()
    {
        Route = Route with { Target = ByFolder };
        for (var n = 0; n < 50; n++)
        {
            Source.Put($"good-bucket/f{n}", "x");
            Source.Put($"lost-bucket/f{n}", "x");
        }

        Store.Before = call => call.Address.Bucket == "lost-bucket" ? Task.FromException(ModelStore.Trouble(FailureScope.Bucket, "NoSuchBucket", FailureNature.Lasting)) : Task.CompletedTask;
        var remainder = await RunAsync();
        Assert.Equal(50, Store.Keys.Count);
        Assert.Equal((50, 0), (remainder.GivenUp, remainder.SetAside));
        Assert.Equal(50, Source.Paths.Count);
        Assert.Equal("NoSuchBucket", Assert.Single(Ledger.Blocked).Trouble.Failure.Code);

        // One attempt at a time: far fewer requests than files.
        Assert.InRange(Store.Calls.Count(c => c.Address.Bucket == "lost-bucket"), 1, 40);
    }

    [Fact]
    public async Task A_bucket_that_comes_back_gets_its_files()
    {
        Settings = Settings with { Once = false };
        Route = Route with { Target = ByFolder, ScanInterval = TimeSpan.FromHours(1) };
        Source.Put("lost-bucket/a", "x");
        var blocked = true;
        Store.Before = _ => Volatile.Read(ref blocked) ? Task.FromException(ModelStore.Trouble(FailureScope.Bucket, "NoSuchBucket", FailureNature.Lasting)) : Task.CompletedTask;
        Start();
        await EventuallyAsync(() => Assert.Single(Ledger.Blocked));
        Volatile.Write(ref blocked, false);
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done lost-bucket/a")));
        await EventuallyAsync(() => Assert.Empty(Ledger.Blocked));
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_tried_with_one_file_until_it_comes_back()
    {
        Settings = Settings with { Once = false };
        for (var n = 0; n < 100; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var down = true;
        Store.Before = _ => Volatile.Read(ref down) ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "ConnectionRefused")) : Task.CompletedTask;
        Start();
        await EventuallyAsync(() => Assert.True(Ledger.Blocked.SingleOrDefault()?.Trouble.Attempts >= 4));
        Assert.Equal(100, Source.Paths.Count);
        Volatile.Write(ref down, false);
        await EventuallyAsync(() => Assert.Equal(100, Journal.Count("done")));
        Assert.Equal(0, Journal.Count("failed"));
        await EventuallyAsync(() => Assert.Empty(Ledger.Blocked));
    }

    [Fact]
    public async Task A_run_that_ends_gives_a_store_up_that_stays_away()
    {
        for (var n = 0; n < 100; n++)
        {
            Source.Put($"f{n}", "x");
        }

        Store.Before = _ => Task.FromException(ModelStore.Trouble(FailureScope.Store, "ConnectionRefused"));
        var remainder = await RunAsync();
        Assert.Equal((100, 0), (remainder.GivenUp, remainder.SetAside));
        Assert.Equal(100, Source.Paths.Count);
    }

    [Fact]
    public async Task A_gate_whose_attempt_met_another_failure_is_tried_again()
    {
        // The store is away; when it comes back, the first attempt meets a bucket that does not exist.
        Uploads = Uploads with { Slots = 1 };
        Settings = Settings with { Once = false };
        Route = Route with { Target = ByFolder };
        Source.Put("a-lost-bucket/a", "x");
        var down = true;
        Store.Before = call => Volatile.Read(ref down) ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "ConnectionRefused"))
            : call.Address.Bucket == "a-lost-bucket" ? Task.FromException(ModelStore.Trouble(FailureScope.Bucket, "NoSuchBucket", FailureNature.Lasting))
            : Task.CompletedTask;
        Start();
        await EventuallyAsync(() => Assert.True(Ledger.Blocked.SingleOrDefault()?.Trouble.Attempts >= 2));
        Volatile.Write(ref down, false);
        await EventuallyAsync(() => Assert.Contains(Ledger.Blocked, b => b.Scope == FailureScope.Bucket));
        Source.Put("good-bucket/a", "x");
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done good-bucket/a")));
    }

    [Fact]
    public async Task Nothing_ticks_while_a_gate_is_closed_and_nothing_waits_before_it()
    {
        Settings = Settings with { Once = false };
        Source.Put("a", "x");
        Store.Before = _ => Task.FromException(ModelStore.Trouble(FailureScope.Bucket, "NoSuchBucket", FailureNature.Lasting));
        var clock = new CountingClock();
        Sys.ActorOf(PipelineActor.Props([RouteOf()], Node() with { Time = clock }, _ => { }));
        await EventuallyAsync(() => Assert.Single(Ledger.Blocked));
        Source.Delete("a");

        // The walk and the poll for retries look at the clock a few times a second; a timer that spins does so hundreds of times.
        var walks = Meters.WalksEnded;
        await EventuallyAsync(() => Assert.True(Meters.WalksEnded >= walks + 3));
        var (before, from) = (clock.Looks, Meters.WalksEnded);
        await EventuallyAsync(() => Assert.True(Meters.WalksEnded >= from + 5));
        Assert.InRange((clock.Looks - before) / (double)(Meters.WalksEnded - from), 0, 7);
    }

    [Fact]
    public async Task Refused_credentials_are_told_at_once_and_a_run_that_goes_on_all_the_same_still_has_an_end()
    {
        Source.Put("a", "x");
        var refused = 0;
        var ends = new System.Collections.Concurrent.ConcurrentQueue<RunEnded>();
        Store.Before = _ => Interlocked.Increment(ref refused) <= 2 ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "InvalidAccessKeyId", FailureNature.Credentials)) : Task.CompletedTask;
        Sys.ActorOf(PipelineActor.Props([RouteOf()], Node(), ends.Enqueue));
        await EventuallyAsync(() => Assert.Equal(2, ends.Count));
        Assert.Equal(["InvalidAccessKeyId", null], ends.Select(e => e.CredentialsRefused?.Code));
        Assert.Empty(Source.Paths);
    }

    private sealed class CountingClock : TimeProvider
    {
        private int looks;

        public int Looks => Volatile.Read(ref looks);

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Increment(ref looks);
            return base.GetUtcNow();
        }
    }
}
