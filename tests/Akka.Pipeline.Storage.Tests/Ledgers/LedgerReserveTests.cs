namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Sqlite;
using Akka.Pipeline.Storage.Tests.Sources;
using static LedgerFacts;

public sealed class LedgerReserveTests : IDisposable
{
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    private FileInfo Reserve => new(folder.Ledger + "-reserve");

    [Fact]
    public void It_is_given_back_in_four_steps_and_then_there_is_none()
    {
        var reserve = new LedgerReserve(folder.Ledger);
        Assert.False(reserve.Release());
        reserve.Fill();
        var whole = Reserve.Length;
        Assert.False(reserve.IsTapped);

        var lengths = new List<long>();
        while (reserve.Release())
        {
            Assert.True(reserve.IsTapped);
            lengths.Add(Reserve.Length);
        }

        Assert.Equal([3 * whole / 4, whole / 2, whole / 4, 0], lengths);
    }

    [Fact]
    public void It_is_found_again_by_the_next_process_and_filled_up()
    {
        var first = new LedgerReserve(folder.Ledger);
        first.Fill();
        var whole = Reserve.Length;
        first.Release();

        var second = new LedgerReserve(folder.Ledger);
        Assert.False(second.IsTapped);
        second.Fill();

        Assert.Equal(whole, Reserve.Length);
    }

    [Fact]
    public void One_that_cannot_be_made_is_no_error()
    {
        Directory.CreateDirectory(folder.Ledger + "-reserve");
        var reserve = new LedgerReserve(folder.Ledger);

        reserve.Fill();

        Assert.False(reserve.Release());
        Assert.False(reserve.IsTapped);
    }

    [FactWithMounts]
    public async Task A_ledger_on_a_full_disk_goes_on_in_its_reserve_also_when_it_is_opened_there()
    {
        ScratchFolder.Bash($"mount -t tmpfs -o size=16m none '{folder.Path}'").WaitForEnd().Dispose();
        try
        {
            await using (await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default))
            {
            }

            ScratchFolder.Bash($"cat /dev/zero > '{folder.Path}/others'").WaitForEnd().Dispose();
            Assert.Throws<IOException>(() => File.WriteAllText(Path.Combine(folder.Path, "more"), "x"));
            var before = Reserve.Length;

            await using var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default);
            await ledger.CommitAsync([.. Enumerable.Range(0, 1_000).Select(n => (LedgerChange)new FileStored("shots", $"{n:d4}", Stored($"key of {n}", 1), Time(1)))], default);

            Assert.Equal(1_000, (await ledger.TallyAsync(default)).Sum(tally => tally.Files));
            Assert.True(Reserve.Length < before);

            // Others take what is free now, and more than the reserve holds is wanted: that is told.
            ScratchFolder.Bash($"cat /dev/zero >> '{folder.Path}/others'").WaitForEnd().Dispose();
            var full = await Assert.ThrowsAsync<LedgerException>(() => ledger.CommitAsync([.. Enumerable.Range(0, 40_000).Select(n => (LedgerChange)new FileStored("shots", $"x{n:d5}", Stored($"key of x{n}", 1), Time(1)))], default));
            Assert.Equal("LedgerFull", full.Failure.Code);
            Assert.Equal(1_000, (await ledger.TallyAsync(default)).Sum(tally => tally.Files));
        }
        finally
        {
            ScratchFolder.Bash($"umount -l '{folder.Path}'").WaitForEnd().Dispose();
        }
    }
}
