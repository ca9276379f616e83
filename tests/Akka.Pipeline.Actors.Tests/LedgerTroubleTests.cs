namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>What becomes of the files while the ledger fails.</summary>
public sealed class LedgerTroubleTests : PipelineTest
{
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

    [Fact]
    public async Task A_file_that_failed_is_not_tried_again_before_the_ledger_has_counted_the_attempt()
    {
        Source.Put("a", "x");
        Settings = Settings with { Once = false };
        Store.Before = _ => Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidTag", FailureNature.Lasting));
        WalksPassBefore<FileFailed>();
        Start();
        await EventuallyAsync(() => Assert.Equal(FileProgress.SetAside, Ledger.Find("a")?.Progress));
        Assert.Equal(["failed a 1", "failed a 2", "failed a 3 set aside"], Journal.Entries.Where(e => e.StartsWith("failed", StringComparison.Ordinal)));
        Assert.Equal(3, Store.Calls.Count);
    }

    [Fact]
    public async Task A_removal_that_failed_is_not_tried_again_before_the_ledger_has_counted_the_attempt()
    {
        Source.Put("a", "x");
        Settings = Settings with { Once = false };
        Source.Refuse = request => new RemovalResult(request, RemovalOutcome.Failed, new Failure(FailureScope.File, FailureNature.Lasting, "EACCES", "It cannot be removed.", "chmod"));
        WalksPassBefore<FileFailed>();
        Start();
        await EventuallyAsync(() => Assert.Equal(FileProgress.SetAside, Ledger.Find("a")?.Progress));
        Assert.Equal(["failed a 1", "failed a 2", "failed a 3 set aside"], Journal.Entries.Where(e => e.StartsWith("failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_kept_file_is_no_work_for_a_walk_that_comes_by_before_the_ledger_has_it_as_done()
    {
        Source.Put("a", "x");
        Route = Route with { AfterUpload = AfterUpload.Keep };
        Settings = Settings with { Once = false };
        WalksPassBefore<FileDone>();
        Start();
        await EventuallyAsync(() => Assert.Equal(FileProgress.Done, Ledger.Find("a")?.Progress));
        var walks = Meters.WalksEnded;
        await EventuallyAsync(() => Assert.True(Meters.WalksEnded >= walks + 5));
        Assert.Equal((1, 1), (Journal.Count("recorded a"), Journal.Count("done a")));
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

    private void WalksPassBefore<T>()
        where T : LedgerChange
    {
        Ledger.BeforeCommit = async changes =>
        {
            if (changes.OfType<T>().Any())
            {
                var walks = Meters.WalksEnded;
                await EventuallyAsync(() => Assert.True(Meters.WalksEnded >= walks + 5));
            }
        };
    }
}
