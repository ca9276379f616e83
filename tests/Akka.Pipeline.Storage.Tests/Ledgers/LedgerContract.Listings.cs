namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static LedgerFacts;

/// <content>Lists, counts and pruning.</content>
public abstract partial class LedgerContract
{
    [Fact]
    public async Task Files_are_listed_by_route_and_by_the_bytes_of_their_paths()
    {
        string[] paths = ["b", "a/b", "a-b", "Z", "\udcff", "é", "😀", "\uffee"];
        await CommitAsync([.. paths.Select((path, i) => new FileStored("second", path, Stored("k" + i, 1), Time(1))), new FileStored("first", "z", Stored("z", 1), Time(1))]);

        // U+FFEE is EF BF AE, the emoji F0 9F 98 80: UTF-16 would order them the other way round.
        Assert.Equal(
            ["first z", "second Z", "second a-b", "second a/b", "second b", "second é", "second \uffee", "second 😀", "second \udcff"],
            (await ListAsync(new FileQuery())).Select(entry => $"{entry.Route} {entry.Path}"));
    }

    [Fact]
    public async Task A_listing_of_many_pages_is_whole_and_in_order()
    {
        const int Count = 1_600;
        await CommitAsync([.. Enumerable.Range(0, Count).Select(i => i % 2 == 0 ? (LedgerChange)new FileStored("shots", $"{i:d5}", Stored("k" + i, 1), Time(1)) : Failed($"{i:d5}", 1))]);

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i:d5}"), (await ListAsync(new FileQuery("shots"))).Select(entry => entry.Path));
        Assert.Equal(Count / 2, (await ListAsync(new FileQuery(Progress: [FileProgress.Failing, FileProgress.SetAside]))).Count);
        Assert.Equal(Enumerable.Range(0, 700).Select(i => $"{2 * i:d5}"), (await ListAsync(new FileQuery(Progress: [FileProgress.Stored], Limit: 700))).Select(entry => entry.Path));
        Assert.Equal(512, (await ListAsync(new FileQuery(Limit: 512))).Count);
    }

    [Theory]
    [InlineData("612f", 1, 3)]
    [InlineData("", 0, 6)]
    [InlineData("ff", 4, 6)]
    [InlineData("ffff", 5, 6)]
    [InlineData("61", 0, 3)]
    [InlineData("63", 0, 0)]
    public async Task A_listing_can_be_narrowed_to_a_prefix(string prefixHex, int from, int to)
    {
        string[] paths = ["a", "a/b", "a/ü", "b", "\udcff", "\udcff\udcffx"];
        await CommitAsync([.. paths.Select((path, i) => new FileStored("shots", path, Stored("k" + i, 1), Time(1)))]);
        var prefix = SourcePath.FromBytes(Convert.FromHexString(prefixHex));
        Assert.Equal(paths[from..to], (await ListAsync(new FileQuery("shots", PathPrefix: prefix))).Select(entry => entry.Path));
    }

    [Fact]
    public async Task A_listing_of_no_progress_and_one_of_no_rows_are_empty()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), Time(1)));
        Assert.Empty(await ListAsync(new FileQuery(Progress: [])));
        Assert.Empty(await ListAsync(new FileQuery(Limit: 0)));
        Assert.Empty(await ListAsync(new FileQuery(Route: "unknown")));
        Assert.Single(await ListAsync(new FileQuery(Limit: 1)));
    }

    [Fact]
    public async Task Commits_go_on_while_somebody_reads_a_listing()
    {
        await CommitAsync([.. Enumerable.Range(0, 600).Select(i => new FileStored("shots", $"{i:d3}", Stored("k" + i, 1), Time(1)))]);
        var seen = 0;
        await foreach (var entry in ledger.FilesAsync(new FileQuery(), default))
        {
            if (seen++ == 0)
            {
                await CommitAsync(new FileStored("shots", "999", Stored("last", 1), Time(2)));
            }
        }

        Assert.Equal(601, seen);
    }

    [Fact]
    public async Task A_tally_counts_files_and_bytes_by_route_and_progress()
    {
        StoredVersion Sized(string key, long size) => Stored(key, 1) with { Fingerprint = Version(1) with { SizeBytes = size } };
        await CommitAsync(
            new FileStored("shots", "a", Sized("a", 10), Time(1)),
            new FileStored("shots", "b", Sized("b", 5), Time(1)),
            new FileStored("shots", "c", Sized("c", 7), Time(1)),
            new FileDone("shots", "c", Sized("c", 7).Fingerprint, LocalFate.Moved, Time(2)),
            Failed("d", 1),
            new FileStored("logs", "a", Sized("a", 0), Time(1)));

        Assert.Equal(
            [
                new RouteTally("logs", FileProgress.Stored, 1, 0),
                new RouteTally("shots", FileProgress.Stored, 2, 15),
                new RouteTally("shots", FileProgress.Done, 1, 7),
                new RouteTally("shots", FileProgress.Failing, 1, Version(1).SizeBytes),
            ],
            await ledger.TallyAsync(default));
    }

    [Fact]
    public async Task Pruning_forgets_only_what_is_done_and_gone_and_old()
    {
        LedgerChange[] File(string path, LocalFate fate, int at) =>
            [new FileStored("shots", path, Stored(path, 1), Time(1)), new FileDone("shots", path, Version(1), fate, Time(at))];
        await CommitAsync(
            [
                .. File("removed", LocalFate.Removed, 2), .. File("moved", LocalFate.Moved, 2), .. File("gone", LocalFate.Gone, 2),
                .. File("kept", LocalFate.Kept, 2), .. File("young", LocalFate.Removed, 10),
                new FileStored("shots", "stored", Stored("stored", 1), Time(1)), Failed("failing", 1),
            ]);

        Assert.Equal(3, await ledger.PruneAsync(Time(10), default));
        Assert.Equal(["failing", "kept", "stored", "young"], (await ListAsync(new FileQuery())).Select(entry => entry.Path));
        Assert.Equal([null], await ledger.LookUpOriginsAsync(Store, [Stored("removed", 1).Address], default));
        Assert.Equal(0, await ledger.PruneAsync(Time(10), default));
    }

    [Fact]
    public async Task Pruning_goes_through_many_entries()
    {
        const int Count = 2_500;
        await CommitAsync([.. Enumerable.Range(0, Count).SelectMany(i => new LedgerChange[]
        {
            new FileStored(i % 3 == 0 ? "logs" : "shots", $"{i}", Stored("k" + i, 1), Time(1)),
            new FileDone(i % 3 == 0 ? "logs" : "shots", $"{i}", Version(1), LocalFate.Removed, Time(1)),
        })]);

        Assert.Equal(Count, await ledger.PruneAsync(Time(2), default));
        Assert.Empty(await ListAsync(new FileQuery()));
    }
}
