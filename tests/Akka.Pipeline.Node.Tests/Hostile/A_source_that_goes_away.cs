namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>A source that is not there is an error and never "everything was deleted", and the daemon goes on when it is back.</summary>
public sealed class A_source_that_goes_away : NodeTest
{
    private SmallDisk? disk;

    public override async Task DisposeAsync()
    {
        disk?.Dispose();
        await base.DisposeAsync();
    }

    [FactWithMounts]
    public async Task An_unmounted_source_is_told_and_read_again_when_it_is_mounted()
    {
        Configure(OftenAndKept);
        disk = new SmallDisk(Source, "size=1m");
        Write($"{Bucket}/kept", "kept");
        await using var daemon = StartDaemon();
        await StoredAsync("kept");
        await Eventually.TrueAsync(async () => (await TallyAsync()).Contains((FileProgress.Done, 1)), "the ledger to know");

        disk.Dispose();
        await daemon.SaysAsync("another file system");
        await daemon.SaysAsync("Mount the volume again");
        Assert.Equal([(FileProgress.Done, 1)], await TallyAsync());

        disk = new SmallDisk(Source, "size=1m");
        Write($"{Bucket}/after", "after");
        await StoredAsync("after");
        await daemon.SaysAsync("can be read again");
        Assert.Equal("kept"u8.ToArray(), await Store.ReadAsync(Bucket, "kept"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_that_is_renamed_or_removed_under_the_daemon_is_told_and_read_again_when_it_is_back(bool removed)
    {
        Configure(OftenAndKept);
        Write($"{Bucket}/kept", "kept");
        await using var daemon = StartDaemon();
        await StoredAsync("kept");
        await Eventually.TrueAsync(async () => (await TallyAsync()).Contains((FileProgress.Done, 1)), "the ledger to know");
        var away = Path.Combine(Root, "away");

        if (removed)
        {
            Directory.Delete(Source, recursive: true);
        }
        else
        {
            Directory.Move(Source, away);
        }

        await daemon.SaysAsync("does not exist");
        Assert.Equal([(FileProgress.Done, 1)], await TallyAsync());
        Assert.False(daemon.HasExited);

        if (removed)
        {
            Directory.CreateDirectory(Source);
        }
        else
        {
            Directory.Move(away, Source);
        }

        Write($"{Bucket}/after", "after");
        await StoredAsync("after");
        Assert.Equal(["after", "kept"], await Store.KeysAsync(Bucket));
    }

    [FactWithMounts]
    public async Task A_volume_that_vanishes_in_the_middle_of_an_upload_loses_nothing()
    {
        Configure(OftenAndKept.Replace("keep", "delete", StringComparison.Ordinal) + "\npipeline.upload { bandwidth = 512KiB }");
        disk = new SmallDisk(Source, "size=8m");
        Assert.Equal(0, Shell.Run($"mkdir '{Root}/kept' && mount --bind '{Source}' '{Root}/kept'"));
        try
        {
            Write($"{Bucket}/large", Bytes(1 << 20));
            await using var daemon = StartDaemon();
            await Eventually.TrueAsync(() => Sandbox.Statistics.Total > 0 || daemon.Errors.Contains("Route ", StringComparison.Ordinal), "the upload to begin");
            disk.Dispose();
            await daemon.SaysAsync("another file system");
            Assert.True(File.Exists(Path.Combine(Root, "kept", Bucket, "large")));

            Assert.Equal(0, Shell.Run($"mount --bind '{Root}/kept' '{Source}'"));
            await StoredAsync("large");
            await Eventually.TrueAsync(() => Left().Count == 0, "the file to be removed", () => daemon.Errors);
            Assert.Equal(Bytes(1 << 20), await Store.ReadAsync(Bucket, "large"));
        }
        finally
        {
            Shell.Run($"umount -l '{Root}/kept'");
        }
    }

    private const string OftenAndKept = "pipeline.route-defaults { scan-interval = 200ms, after-upload = keep }";

    private async Task<IReadOnlyList<(FileProgress Progress, long Files)>> TallyAsync()
    {
        await using var ledger = await SqliteLedger.OpenAsync(Path.Combine(Data, "ledger.db"), LedgerAccess.Operator, CancellationToken.None);
        return [.. (await ledger.TallyAsync(CancellationToken.None)).Select(tally => (tally.Progress, tally.Files))];
    }
}
