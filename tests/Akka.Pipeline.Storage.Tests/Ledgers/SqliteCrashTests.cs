namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Sqlite;
using static LedgerFacts;

/// <summary>What a ledger shows after its process or its machine died: the files as they were at one moment, opened anew.</summary>
public sealed class SqliteCrashTests : IDisposable
{
    private const int FilesPerCommit = 7;

    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task After_a_kill_every_commit_that_returned_is_there()
    {
        await using var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default);
        for (var commit = 0; commit < 5; commit++)
        {
            await CommitAsync(ledger, commit);
            Assert.Equal((commit + 1) * FilesPerCommit, await CountInCopyAsync(await LogAsync()));
        }
    }

    [Fact]
    public async Task After_a_power_loss_in_the_middle_of_a_write_a_commit_is_there_whole_or_not_at_all()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LEDGER_SEED"), out var given) ? given : Random.Shared.Next();
        var random = new Random(seed);
        await using var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default);
        List<int> ends = [(await LogAsync()).Length];
        for (var commit = 0; commit < 6; commit++)
        {
            await CommitAsync(ledger, commit);
            ends.Add((await LogAsync()).Length);
        }

        var log = await LogAsync();
        var cuts = ends.SelectMany(end => new[] { end - 1, end }).Concat(Enumerable.Range(0, 10).Select(_ => random.Next(ends[0], log.Length))).Where(cut => cut >= ends[0]);
        foreach (var cut in cuts)
        {
            var whole = ends.Count(end => end <= cut) - 1;
            Assert.True(whole * FilesPerCommit == await CountInCopyAsync(log[..cut]), $"cut at {cut} of {log.Length}, LEDGER_SEED={seed}");

            // A disk may also have kept the length and lost the bytes.
            var zeroed = log.ToArray();
            zeroed.AsSpan(cut).Clear();
            Assert.True(whole * FilesPerCommit == await CountInCopyAsync(zeroed), $"zeroed from {cut} of {log.Length}, LEDGER_SEED={seed}");
        }
    }

    [Fact]
    public async Task A_lost_log_leaves_a_ledger_that_opens()
    {
        await using var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default);
        await CommitAsync(ledger, 0);
        ledger.Writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        await CommitAsync(ledger, 1);

        Assert.Equal(FilesPerCommit, await CountInCopyAsync([]));
    }

    private static Task CommitAsync(SqliteLedger ledger, int commit) => ledger.CommitAsync(
        [.. Enumerable.Range(0, FilesPerCommit).Select(i => new FileStored("shots", $"{commit}-{i}", Stored($"{commit}-{i}", 1), Time(1)))], default);

    private async Task<byte[]> LogAsync()
    {
        await using var file = new FileStream(folder.Ledger + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        return bytes;
    }

    private async Task<long> CountInCopyAsync(byte[] log)
    {
        using var copy = new LedgerFolder();
        File.Copy(folder.Ledger, copy.Ledger);
        await File.WriteAllBytesAsync(copy.Ledger + "-wal", log);
        await using var ledger = await SqliteLedger.OpenAsync(copy.Ledger, LedgerAccess.ReadWrite, default);
        return (await ledger.TallyAsync(default)).Sum(tally => tally.Files);
    }
}
