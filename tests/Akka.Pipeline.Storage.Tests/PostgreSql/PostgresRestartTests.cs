namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using System.Collections.Concurrent;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.PostgreSql;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

/// <summary>What becomes of the ledger's work when its server stops, dies and comes back.</summary>
public sealed class PostgresRestartTests : IAsyncLifetime
{
    private const int FilesPerCommit = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PostgresServer server = null!;
    private PostgresSchema schema = null!;

    public async Task InitializeAsync()
    {
        server = await PostgresServer.StartAsync();
        schema = new PostgresSchema(server);
    }

    public async Task DisposeAsync()
    {
        await schema.DisposeAsync();
        await server.StopAsync("kill");
    }

    [Fact]
    public async Task Work_goes_on_by_itself_after_the_server_stopped_and_started()
    {
        var ledger = new PostgresLedger(await schema.OpenAsync());
        await ledger.CommitAsync([new FileStored("shots", "before", Stored("before", 1), Time(1))], default);

        await server.StopAsync("fast");
        var reading = (await Assert.ThrowsAsync<LedgerException>(() => ledger.LookUpAsync("shots", ["before"], default))).Failure;
        Assert.Equal((FailureNature.Passing, "DatabaseUnreachable"), (reading.Nature, reading.Code));
        var committing = (await Assert.ThrowsAsync<LedgerException>(() => ledger.CommitAsync([Failed("x", 1)], default))).Failure;
        Assert.Equal((FailureNature.Passing, false), (committing.Nature, committing.OutcomeUnknown));

        await server.StartAgainAsync();
        Assert.NotNull(Assert.Single(await ledger.LookUpAsync("shots", ["before"], default)));
        await ledger.CommitAsync([new FileStored("shots", "after", Stored("after", 1), Time(1))], default);
        Assert.Equal(2, (await ledger.TallyAsync(default)).Sum(tally => tally.Files));
    }

    [Fact]
    public async Task Look_ups_do_not_notice_a_restart_between_them()
    {
        var ledger = new PostgresLedger(await schema.OpenAsync());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ledger.TallyAsync(default)));
        await server.StopAsync("fast");
        await server.StartAgainAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ledger.TallyAsync(default)));
    }

    [Theory]
    [InlineData("kill")]
    [InlineData("fast")]
    public async Task Commits_that_returned_are_there_after_the_server_died_in_the_middle_and_repeated_ones_are_there_once(string mode)
    {
        var ledger = new PostgresLedger(await schema.OpenAsync());
        using var stop = new CancellationTokenSource(Patience);
        var returned = new ConcurrentBag<string>();
        var failures = new ConcurrentBag<Failure>();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var commit = 0; !stop.IsCancellationRequested; commit++)
            {
                var paths = Enumerable.Range(0, FilesPerCommit).Select(i => $"{writer}-{commit}-{i}").ToList();
                LedgerChange[] changes = [.. paths.Select(path => new FileStored("shots", path, Stored(path, 1), Time(1))), .. paths.Select(path => new FileDone("shots", path, Version(1), LocalFate.Removed, Time(2)))];
                while (true)
                {
                    try
                    {
                        await ledger.CommitAsync(changes, default);
                        paths.ForEach(returned.Add);
                        break;
                    }
                    catch (LedgerException e) when (e.Failure.Nature == FailureNature.Passing && !stop.IsCancellationRequested)
                    {
                        failures.Add(e.Failure);
                        await Task.Delay(5);
                    }
                }
            }
        })).ToList();

        for (var round = 1; round <= 2; round++)
        {
            var goal = returned.Count + (100 * FilesPerCommit);
            await EventuallyAsync(() => returned.Count >= goal, stop.Token);
            await server.StopAsync(mode);
            await server.StartAgainAsync();
        }

        var last = returned.Count + (20 * FilesPerCommit);
        await EventuallyAsync(() => returned.Count >= last, stop.Token);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Assert.Contains(failures, failure => failure.OutcomeUnknown);
        Assert.Contains(failures, failure => !failure.OutcomeUnknown);
        var found = await ledger.LookUpAsync("shots", [.. returned], default);
        Assert.All(found, entry => Assert.Equal(FileProgress.Done, entry!.Progress));
        Assert.Equal(returned.Count, (await ledger.TallyAsync(default)).Sum(tally => tally.Files));
        Assert.Equal(0L, await schema.ExecuteAsync("SELECT count(*) FROM audit"));
    }

    private static async Task EventuallyAsync(Func<bool> condition, CancellationToken cancellation)
    {
        while (!condition())
        {
            await Task.Delay(5, cancellation);
        }
    }
}
