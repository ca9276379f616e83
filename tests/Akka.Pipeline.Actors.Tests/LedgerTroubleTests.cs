namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Actors.Tests.Models;

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
}
