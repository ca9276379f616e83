namespace Akka.Pipeline.Actors.Tests.Ledger;

using System.Diagnostics;
using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Failure = Akka.Pipeline.Core.Failures.Failure;

public sealed class LedgerActorTests : PipelineTest
{
    [Fact]
    public async Task Nothing_is_confirmed_before_it_is_durable_and_what_arrives_meanwhile_goes_together()
    {
        var go = new TaskCompletionSource();
        Ledger.BeforeCommit = _ => go.Task;
        var ledger = Start();
        for (var n = 0; n < 100; n++)
        {
            ledger.Tell(new CommitChanges([Change(n)], n), TestActor);
        }

        ExpectNoMsg(Ms(50));
        go.SetResult();
        for (var n = 0; n < 100; n++)
        {
            Assert.Equal(n, ExpectMsg<int>());
        }

        Assert.InRange(Ledger.Commits, 1, 3);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task That_a_file_is_gone_goes_with_the_next_commit_or_after_a_while_by_itself()
    {
        var groups = Groups();
        var ledger = Start();
        ledger.Tell(new CommitChanges([Gone(1)], null));
        ledger.Tell(new CommitChanges([Gone(2)], null));
        ledger.Tell(new CommitChanges([Change(3)], "three"), TestActor);
        ExpectMsg("three", Deadline);
        Assert.Equal([3], groups);

        ledger.Tell(new CommitChanges([Gone(4)], null));
        await EventuallyAsync(() => Assert.Equal([3, 1], groups));
    }

    [Fact]
    public async Task What_failed_is_recorded_at_once_and_takes_along_what_waits()
    {
        var groups = Groups();
        var ledger = Start();
        ledger.Tell(new CommitChanges([Gone(1)], null));
        ledger.Tell(new CommitChanges([Change(2)], null));
        ledger.Tell(new FlushLedger(), TestActor);
        ExpectMsg<LedgerFlushed>(Deadline);
        await EventuallyAsync(() => Assert.Equal([2], groups));
    }

    [Fact]
    public void Stored_files_that_follow_each_other_are_recorded_together()
    {
        var groups = Groups();
        var ledger = Start();
        foreach (var n in Enumerable.Range(0, 50))
        {
            ledger.Tell(new CommitChanges([Stored(n)], n), TestActor);
            if (n == 0)
            {
                ExpectMsg(0, Deadline);
            }
        }

        foreach (var n in Enumerable.Range(1, 49))
        {
            ExpectMsg(n, Deadline);
        }

        Assert.Equal(50, groups.Sum());
        Assert.InRange(groups.Count, 2, 10);
    }

    [Fact]
    public void Commits_of_stored_files_begin_20_ms_apart()
    {
        var ledger = Start();
        ledger.Tell(new CommitChanges([Stored(0)], 0), TestActor);
        ExpectMsg(0, Deadline);
        var since = Stopwatch.GetTimestamp();
        foreach (var n in Enumerable.Range(1, 5))
        {
            ledger.Tell(new CommitChanges([Stored(n)], n), TestActor);
            ExpectMsg(n, Deadline);
        }

        // Each wait may be cut to whole milliseconds, and the first began before its answer.
        Assert.True(Stopwatch.GetElapsedTime(since) > Ms(70), $"Five commits took {Stopwatch.GetElapsedTime(since)}.");
    }

    [Fact]
    public void What_cannot_be_written_is_tried_again_in_order()
    {
        var failures = 0;
        Ledger.BeforeCommit = _ => Interlocked.Increment(ref failures) <= 3 ? Task.FromException(ModelLedger.Trouble()) : Task.CompletedTask;
        var ledger = Start();
        ledger.Tell(new CommitChanges([Change(1)], "one"), TestActor);
        ledger.Tell(new CommitChanges([Change(2)], "two"), TestActor);
        ledger.Tell(new FlushLedger(), TestActor);
        ExpectMsg("one");
        ExpectMsg("two");
        ExpectMsg<LedgerFlushed>();
        Journal.HasInOrder("failed f1 1", "failed f2 1");
    }

    [Fact]
    public void A_restart_keeps_what_was_not_committed()
    {
        var go = new TaskCompletionSource();
        var commits = 0;
        Ledger.BeforeCommit = _ => Interlocked.Increment(ref commits) == 1 ? go.Task : Task.CompletedTask;
        var ledger = Start();
        ledger.Tell(new CommitChanges([Change(1)], "one"), TestActor);
        AwaitCondition(() => Volatile.Read(ref commits) == 1, Deadline);
        ledger.Tell(new CommitChanges([Change(2)], "two"), TestActor);
        ledger.Tell(new CommitChanges(new ThrowsOnce(Change(3)), "three"), TestActor);
        ledger.Tell(new CommitChanges([Change(4)], "four"), TestActor);
        go.SetResult();

        // What goes back into the mailbox stands behind what came meanwhile.
        Assert.Equal(["four", "one", "three", "two"], Enumerable.Range(0, 4).Select(_ => ExpectMsg<string>(Deadline)).Order(StringComparer.Ordinal));
        foreach (var change in new[] { "failed f1 1", "failed f2 1", "failed f3 1", "failed f4 1" })
        {
            Journal.HasInOrder(change);
        }
    }

    [Fact]
    public void A_run_that_ends_is_told_that_the_ledger_stays_away()
    {
        Ledger.BeforeCommit = _ => Task.FromException(ModelLedger.Trouble());
        Sys.ActorOf(Props.Create(() => new Foster(LedgerActor.Props(Node()), TestActor))).Tell(new CommitChanges([Change(1)], "one"), TestActor);
        Assert.Equal("SQLITE_FULL", ExpectMsg<LedgerGaveUp>(Deadline).Failure.Code);
    }

    [Fact]
    public async Task An_operator_who_asks_for_retries_is_heard_and_earlier_requests_are_not()
    {
        await Ledger.RequestRetryAsync(null, null, DateTimeOffset.UtcNow, default);
        Sys.EventStream.Subscribe(TestActor, typeof(RetryRequested));
        Start();
        ExpectNoMsg(Ms(60));
        await Ledger.RequestRetryAsync(null, null, DateTimeOffset.UtcNow, default);
        ExpectMsg<RetryRequested>(Deadline);
        ExpectNoMsg(Ms(60));
    }

    private System.Collections.Concurrent.ConcurrentQueue<int> Groups()
    {
        var groups = new System.Collections.Concurrent.ConcurrentQueue<int>();
        Ledger.BeforeCommit = changes =>
        {
            groups.Enqueue(changes.Count);
            return Task.CompletedTask;
        };
        return groups;
    }

    private static FileStored Stored(int n) => new(
        "shots", $"f{n}", new StoredVersion(default, "model", new ObjectAddress("b", $"f{n}"), "etag", DigestSet.Unknown, null, DateTimeOffset.UnixEpoch), DateTimeOffset.UnixEpoch);

    private static FileDone Gone(int n) => new("shots", $"f{n}", default, LocalFate.Removed, DateTimeOffset.UnixEpoch);

    private static FileFailed Change(int n) =>
        new("shots", $"f{n}", default, new Trouble(1, DateTimeOffset.UnixEpoch, new Failure(FailureScope.File, FailureNature.Passing, "X", "x", "y")), false, DateTimeOffset.UnixEpoch);

    private IActorRef Start()
    {
        var props = LedgerActor.Props(Node());
        var reports = TestActor;
        return Sys.ActorOf(Props.Create(() => new Foster(props, reports)));
    }

    /// <summary>One change that makes whoever counts it fail, the first time.</summary>
    private sealed class ThrowsOnce(LedgerChange change) : IReadOnlyList<LedgerChange>
    {
        private int counted;

        public int Count => Interlocked.Increment(ref counted) == 1 ? throw new InvalidOperationException("A bug.") : 1;

        public LedgerChange this[int index] => change;

        public IEnumerator<LedgerChange> GetEnumerator()
        {
            yield return change;
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
