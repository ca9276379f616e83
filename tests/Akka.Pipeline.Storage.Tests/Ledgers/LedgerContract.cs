namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static LedgerFacts;

/// <summary>What every ledger does, whatever its database. A subclass hands out ledgers that share one empty database per test.</summary>
public abstract partial class LedgerContract : IAsyncLifetime
{
    private readonly List<ILedger> opened = [];

    private ILedger ledger = null!;

    /// <summary>Opens the test's database as the daemon does; called again, while the first is open, for a second look as an operator.</summary>
    protected abstract Task<ILedger> OpenAsync(bool asOperator);

    /// <summary>Removes the test's database.</summary>
    protected abstract Task CleanUpAsync();

    public async Task InitializeAsync() => ledger = await OpenTrackedAsync(asOperator: false);

    public async Task DisposeAsync()
    {
        foreach (var one in opened)
        {
            await one.DisposeAsync();
        }

        await CleanUpAsync();
    }

    [Fact]
    public async Task An_empty_ledger_knows_nothing()
    {
        Assert.Equal([null, null], await ledger.LookUpAsync("shots", ["a", "b"], default));
        Assert.Empty(await ledger.LookUpAsync("shots", [], default));
        Assert.Equal([null], await ledger.LookUpOriginsAsync(Store, [new ObjectAddress("b", "k")], default));
        Assert.Null(await ledger.FindMultipartAsync("shots", "a", default));
        Assert.Empty(await ledger.OpenMultipartsAsync(default));
        Assert.Empty(await ledger.OpenIntentsAsync(default));
        Assert.Empty(await ListAsync(new FileQuery()));
        Assert.Empty(await ledger.TallyAsync(default));
        Assert.Empty(await ledger.BlockagesAsync(default));
        Assert.Equal(0, await ledger.PruneAsync(DateTimeOffset.MaxValue, default));
    }

    [Fact]
    public async Task What_was_committed_is_there_after_a_restart()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), Time(1)), new MultipartBegun(Upload("big", "u1"), Time(1)), new PartStored("u1", Part(1), Time(2)));
        await ledger.DisposeAsync();
        ledger = await OpenTrackedAsync(asOperator: false);

        Assert.Equal(Stored("a", 1), (await FindAsync("a"))!.Stored);
        Assert.Equal([Part(1)], (await ledger.FindMultipartAsync("shots", "big", default))!.Parts);
    }

    [Fact]
    public async Task An_operator_reads_and_asks_for_a_retry_while_the_daemon_commits()
    {
        await CommitAsync(Failed("bad", 1));
        var other = await OpenTrackedAsync(asOperator: true);
        var generation = await ledger.RetryGenerationAsync(default);

        using var stop = new CancellationTokenSource();
        var commits = 0;
        var committing = Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested; commits++)
            {
                var number = commits;
                await CommitAsync([.. Enumerable.Range(0, 8).Select(i => new FileStored("shots", $"{number}-{i}", Stored($"{number}-{i}", 1), Time(1)))]);
            }
        });

        var requests = 0;
        for (; requests < 10 || (Volatile.Read(ref commits) < 10 && !committing.IsCompleted); requests++)
        {
            // Commits are seen whole or not at all.
            Assert.Equal(0, (await other.TallyAsync(default)).Where(tally => tally.Progress == FileProgress.Stored).Sum(tally => tally.Files) % 8);
            Assert.Equal(1, await other.RequestRetryAsync(null, null, Time(60 + requests), default));
        }

        await stop.CancelAsync();
        await committing;
        Assert.Equal(generation + requests, await ledger.RetryGenerationAsync(default));
        Assert.Equal(Time(59 + requests), (await FindAsync("bad"))!.Trouble!.NextAttemptAt);
        Assert.Equal(commits * 8, (await ledger.TallyAsync(default)).Where(tally => tally.Progress == FileProgress.Stored).Sum(tally => tally.Files));

        // A route and a bucket that the operator met as unknown become known to it.
        await CommitAsync(new FileStored("later route", "x", Stored("x", 1) with { Address = new ObjectAddress("later", "x") }, Time(1)));
        Assert.NotNull((await other.LookUpAsync("later route", ["x"], default))[0]);
    }

    [Fact]
    public async Task Many_callers_at_once_are_served()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            await CommitAsync(new FileStored("route " + (i % 4), $"{i}", Stored("k" + i, 1), Time(1)));
            Assert.NotNull((await ledger.LookUpAsync("route " + (i % 4), [$"{i}"], default))[0]);
            Assert.NotEmpty(await ledger.TallyAsync(default));
        }));
        Assert.Equal(16, (await ListAsync(new FileQuery())).Count);
    }

    [Fact]
    public async Task A_cancelled_caller_is_told_and_nothing_is_committed()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.CommitAsync([new FileStored("shots", "a", Stored("a", 1), Time(1))], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.LookUpAsync("shots", ["a"], cancelled));
        Assert.Null(await FindAsync("a"));
    }

    protected async Task<ILedger> OpenTrackedAsync(bool asOperator)
    {
        var one = await OpenAsync(asOperator);
        opened.Add(one);
        return one;
    }

    protected Task CommitAsync(params LedgerChange[] changes) => ledger.CommitAsync(changes, default);

    private async Task<LedgerEntry?> FindAsync(string path) => Assert.Single(await ledger.LookUpAsync("shots", [path], default));

    private async Task<List<LedgerEntry>> ListAsync(FileQuery query)
    {
        var found = new List<LedgerEntry>();
        await foreach (var entry in ledger.FilesAsync(query, default))
        {
            found.Add(entry);
        }

        return found;
    }
}
