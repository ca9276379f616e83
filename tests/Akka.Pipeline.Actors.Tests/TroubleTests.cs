namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>What goes wrong around the whole pipeline, and what becomes of the files.</summary>
public sealed class TroubleTests : PipelineTest
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
        Sys.ActorOf(Supervision.PipelineActor.Props([RouteOf()], Node() with { Time = clock }, _ => { }));
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
        var ends = new System.Collections.Concurrent.ConcurrentQueue<Supervision.RunEnded>();
        Store.Before = _ => Interlocked.Increment(ref refused) <= 2 ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "InvalidAccessKeyId", FailureNature.Credentials)) : Task.CompletedTask;
        Sys.ActorOf(Supervision.PipelineActor.Props([RouteOf()], Node(), ends.Enqueue));
        await EventuallyAsync(() => Assert.Equal(2, ends.Count));
        Assert.Equal(["InvalidAccessKeyId", null], ends.Select(e => e.CredentialsRefused?.Code));
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task Nothing_is_removed_before_the_ledger_has_it()
    {
        for (var n = 0; n < 20; n++)
        {
            Source.Put($"f{n}", "x");
        }

        Settings = Settings with { Once = false };
        var failing = true;
        Ledger.BeforeCommit = _ => Volatile.Read(ref failing) ? Task.FromException(ModelLedger.Trouble()) : Task.CompletedTask;
        Start();
        await EventuallyAsync(() => Assert.Equal(20, Journal.Count("put")));
        Assert.Equal(20, Source.Paths.Count);
        Volatile.Write(ref failing, false);
        await EventuallyAsync(() => Assert.Equal(20, Journal.Count("done")));
        for (var n = 0; n < 20; n++)
        {
            Journal.HasInOrder($"put f{n}", $"recorded f{n}", $"removed f{n}", $"done f{n} Removed");
        }
    }

    [Fact]
    public async Task A_run_that_ends_says_that_the_ledger_could_not_be_written()
    {
        Source.Put("a", "x");
        Ledger.BeforeCommit = _ => Task.FromException(ModelLedger.Trouble());
        Start();
        Assert.Equal("SQLITE_FULL", (await EndAsync()).LedgerFailure!.Code);
        Assert.Equal(["a"], Source.Paths);
    }

    [Theory]
    [InlineData("files")]
    [InlineData("origins")]
    [InlineData("multipart")]
    public async Task A_ledger_that_cannot_be_read_for_a_while_costs_time_and_no_file_an_attempt(string what)
    {
        Uploads = Uploads with { MultipartFromBytes = 1 };
        Source.Put("a", "x");
        var failed = 0;
        Ledger.BeforeRead = operation => operation == what && Interlocked.Increment(ref failed) <= 3 ? Task.FromException(ModelLedger.Trouble("SQLITE_BUSY")) : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(0, Journal.Count("failed"));
    }

    [Fact]
    public async Task A_removal_that_is_refused_is_tried_again_and_then_set_aside()
    {
        Source.Put("a", "x");
        Source.Refuse = request => new RemovalResult(request, RemovalOutcome.Failed, new Failure(FailureScope.File, FailureNature.Lasting, "EACCES", "It cannot be removed.", "chmod"));
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Journal.HasInOrder("put a", "recorded a", "failed a 1", "recorded a", "failed a 2", "recorded a", "failed a 3 set aside");
        Assert.Equal(1, Journal.Count("put a"));
        Assert.Equal(["a"], Source.Paths);
    }

    [Fact]
    public async Task A_removal_that_breaks_off_is_tried_again()
    {
        Source.Put("a", "x");
        var once = 0;
        Source.Before = (what, _) =>
        {
            if (what == "remove" && Interlocked.Exchange(ref once, 1) == 0)
            {
                throw ModelSource.Trouble();
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        Assert.Equal(1, Journal.Count("put a"));
    }

    [Fact]
    public async Task A_file_that_fails_is_tried_again_with_growing_delays_and_then_set_aside()
    {
        Settings = Settings with { FileRetry = new RetrySchedule(Ms(20), Ms(500), 4) };
        Source.Put("bad", "x");
        Source.Put("good", "x");
        var times = new System.Collections.Concurrent.ConcurrentQueue<DateTime>();
        Store.Before = call =>
        {
            if (call.Address.Key != "bad")
            {
                return Task.CompletedTask;
            }

            times.Enqueue(DateTime.UtcNow);
            return Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidTag", FailureNature.Lasting));
        };
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Assert.Equal("InvalidTag", remainder.Examples.Single().Failure!.Code);
        Assert.Equal("x", Store.TextOf("good"));
        var gaps = times.Zip(times.Skip(1), (one, next) => next - one).ToList();
        Assert.Equal(3, gaps.Count);
        Assert.True(gaps[0] >= Ms(14) && gaps[1] >= Ms(29) && gaps[2] >= Ms(59), string.Join(", ", gaps));
        Assert.Equal((4, 1), (Meters.FilesFailed, Meters.FilesSetAside));
    }

    [Fact]
    public async Task What_is_set_aside_goes_when_an_operator_asks_for_it()
    {
        Settings = Settings with { Once = false };
        Source.Put("a", "x");
        var bad = true;
        Store.Before = _ => Volatile.Read(ref bad) ? Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidTag", FailureNature.Lasting)) : Task.CompletedTask;
        Start();
        await EventuallyAsync(() => Assert.Equal(FileProgress.SetAside, Ledger.Find("a")?.Progress));
        var requests = Store.Calls.Count;
        var walks = Meters.WalksEnded;
        await EventuallyAsync(() => Assert.True(Meters.WalksEnded >= walks + 2));
        Assert.Equal(requests, Store.Calls.Count);
        Volatile.Write(ref bad, false);
        await Ledger.RequestRetryAsync(null, null, DateTimeOffset.UtcNow, default);
        await EventuallyAsync(() => Assert.Equal(1, Journal.Count("done a")));
    }

    [Fact]
    public async Task A_file_whose_upload_breaks_off_for_an_unforeseen_reason_costs_its_batch_nothing()
    {
        Uploads = Uploads with { Slots = 1, BatchFiles = 50 };
        for (var n = 0; n < 50; n++)
        {
            Source.Put($"f{n}", "x");
        }

        Store.Before = call => call.Address.Key == "f7" ? Task.FromException(new InvalidOperationException("Nobody thought of this.")) : Task.CompletedTask;
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.SetAside);
        Assert.Equal(["f7"], Source.Paths);
        Assert.Equal((3, 49), (Journal.Count("failed"), Journal.Count("put")));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_while_it_is_sent_is_no_failure_of_the_store()
    {
        Uploads = Uploads with { BufferBytes = 10, MultipartFromBytes = 1000 };
        Source.Put("bad", "longer than half of the buffer");
        Source.Put("good", "x");
        var reads = 0;
        Source.BeforeRead = (path, _) =>
        {
            if (path == "bad" && Interlocked.Increment(ref reads) % 2 == 0)
            {
                throw ModelSource.Trouble("EIO", scope: FailureScope.File);
            }
        };
        var remainder = await RunAsync();
        Assert.Equal((1, 0), (remainder.SetAside, remainder.GivenUp));
        Assert.Empty(Ledger.Blocked);
        Assert.Equal("EIO", Ledger.Find("bad")!.Trouble!.Failure.Code);
    }

    [Fact]
    public async Task A_stage_that_throws_starts_its_route_afresh_and_the_work_is_done_all_the_same()
    {
        for (var n = 0; n < 100; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var thrown = 0;
        Source.Before = (what, _) =>
        {
            if (what == "observe" && Interlocked.Increment(ref thrown) is 1 or 30 or 60)
            {
                throw new InvalidOperationException("A bug.");
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(100, Store.Keys.Count);
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task Uploaders_that_fail_start_afresh_and_the_work_is_done_all_the_same()
    {
        for (var n = 0; n < 100; n++)
        {
            Source.Put($"f{n}", "x");
        }

        var (failed, thrown) = (0, 0);
        Store.Before = _ => Interlocked.Increment(ref failed) == 5 ? Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidTag")) : Task.CompletedTask;
        var ends = new TaskCompletionSource<Supervision.RunEnded>();
        var node = Node() with { Chance = () => Interlocked.Increment(ref thrown) == 1 ? throw new InvalidOperationException("A bug.") : 0.5 };
        Sys.ActorOf(Supervision.PipelineActor.Props([RouteOf()], node, ends.SetResult));
        var end = await ends.Task.WaitAsync(Deadline);
        Assert.True(thrown >= 1);
        Assert.True(end.Remainders["shots"].IsEmpty);
        Assert.Equal(100, Store.Keys.Count);
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task A_source_that_is_away_is_tried_again_and_reported_when_the_run_ends()
    {
        Source.Before = (what, _) =>
        {
            if (what == "walk")
            {
                throw ModelSource.Trouble("ENOENT");
            }
        };
        var remainder = await RunAsync();
        Assert.Equal("ENOENT", remainder.SourceFailure!.Code);
        Assert.Equal(FailureScope.Source, Assert.Single(Ledger.Blocked).Scope);
    }

    [Fact]
    public async Task A_source_that_comes_back_is_walked()
    {
        Source.Put("a", "x");
        var walks = 0;
        Source.Before = (what, _) =>
        {
            if (what is "walk" or "next" && Interlocked.Increment(ref walks) is 1 or 3)
            {
                throw ModelSource.Trouble();
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
        await EventuallyAsync(() => Assert.Empty(Ledger.Blocked));
    }

    [Fact]
    public async Task A_source_that_fails_when_a_file_comes_back_does_not_end_the_run_without_it()
    {
        Settings = Settings with { BlockageRetry = new RetrySchedule(Ms(200), Ms(400), 4) };
        Uploads = Uploads with { Slots = 2 };
        Source.Put("a", "x");
        Source.Put("b", "x");
        var (failed, away) = (0, 0);
        Store.Before = async call =>
        {
            if (call.Address.Key == "a" && Interlocked.Exchange(ref failed, 1) == 0)
            {
                throw ModelStore.Trouble(FailureScope.File, "InvalidTag");
            }

            if (call.Address.Key == "b")
            {
                // Settled while the source is away.
                await EventuallyAsync(() => Assert.Equal(1, Volatile.Read(ref away)));
            }
        };
        Ledger.BeforeRead = what => what == "files" && Volatile.Read(ref failed) == 1 && Interlocked.Exchange(ref away, 1) == 0 ? Task.FromException(ModelSource.Trouble()) : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public async Task A_run_that_ends_does_not_wait_for_ever_for_a_writer_that_never_closes()
    {
        Source.Put("open", "x", WriterState.Open);
        Source.Put("good", "x");
        var remainder = await RunAsync();
        Assert.Equal((1, 0, 0), (remainder.BeingWritten, remainder.SetAside, remainder.GivenUp));
        Assert.Equal(["open"], Source.Paths);
        Assert.Equal(["good"], Store.Keys);
    }

    [Fact]
    public async Task A_run_that_ends_does_not_wait_for_ever_for_a_file_that_changes_all_the_time()
    {
        Source.Put("log", "x");
        Source.Put("good", "x");
        var n = 0;
        Source.Before = (what, path) =>
        {
            if (what == "observe" && path == "log")
            {
                Source.Overwrite("log", $"line {n++}");
            }
        };
        var remainder = await RunAsync();
        Assert.Equal(1, remainder.BeingWritten);
        Assert.Equal(["good"], Store.Keys);
    }

    [Fact]
    public async Task A_run_that_ends_waits_a_while_for_writers_that_close()
    {
        Settings = Settings with { OnceWriterWait = TimeSpan.FromSeconds(10) };
        Source.Put("open", "x", WriterState.Open);
        var looks = 0;
        Source.Before = (what, path) =>
        {
            if (what == "observe" && Interlocked.Increment(ref looks) == 2)
            {
                Source.SetWriter(path!, WriterState.None);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal("x", Store.TextOf("open"));
    }

    [Fact]
    public async Task More_unfinished_files_than_a_route_may_hold_come_back_later()
    {
        Settings = Settings with { HeldFiles = 3 };
        Route = Route with { StableAfter = Ms(30) };
        for (var n = 0; n < 20; n++)
        {
            Source.Put($"f{n}", "x");
        }

        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(20, Store.Keys.Count);
    }

    [Fact]
    public async Task A_drain_finishes_what_runs_and_takes_nothing_new()
    {
        Settings = Settings with { Once = false };
        Uploads = Uploads with { Slots = 2, BatchFiles = 4 };
        for (var n = 0; n < 500; n++)
        {
            Source.Put($"f{n}", "x");
        }

        // A store that takes its time, so that the request to drain overtakes the uploads however busy the machine is.
        var go = new TaskCompletionSource();
        Store.Before = async _ =>
        {
            await go.Task;
            await Task.Delay(50);
        };
        var pipeline = Start();
        await EventuallyAsync(() => Assert.Equal(2, Store.Calls.Count));
        var drained = pipeline.Ask<NodeDrained>(new DrainNode(Node().MonotonicNow() + Deadline, SavesFiles: false, Deadline), Deadline);
        go.SetResult();
        await drained;
        Assert.InRange(Store.Keys.Count, 2, 16);
        Assert.Equal(Store.Keys.Count, Journal.Count("done"));
        Assert.Equal(500 - Store.Keys.Count, Source.Paths.Count);
    }

    [Fact]
    public async Task A_drain_with_nothing_to_do_is_answered_at_once()
    {
        Settings = Settings with { Once = false };
        await Start().Ask<NodeDrained>(new DrainNode(Node().MonotonicNow() + Deadline, SavesFiles: false, Deadline), Deadline);
    }

    [Fact]
    public async Task A_file_that_vanishes_on_its_way_is_no_failure()
    {
        Source.Put("a", "x");
        Source.Before = (what, path) =>
        {
            if (what == "open")
            {
                Source.Delete(path!);
            }
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(0, Meters.FilesFailed);
        Assert.Empty(Store.Calls);
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
