namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static LedgerFacts;

/// <summary>What every ledger does, whatever its database. A subclass hands out ledgers that share one empty database per test.</summary>
public abstract class LedgerContract : IAsyncLifetime
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
        Assert.Empty(await ListAsync(new FileQuery()));
        Assert.Empty(await ledger.TallyAsync(default));
        Assert.Empty(await ledger.BlockagesAsync(default));
        Assert.Equal(0, await ledger.PruneAsync(DateTimeOffset.MaxValue, default));
    }

    [Fact]
    public async Task A_stored_file_is_found_with_all_that_was_told()
    {
        var stored = Stored("a", version: 1) with { VersionId = "v1", ETag = "ABC-3", Digests = new DigestSet(Md5('1'), "0a0b0c0d", new string('e', 64)) };
        await CommitAsync(new FileStored("shots", "a", stored, Time(5)));

        Assert.Equal(new LedgerEntry("shots", "a", stored.Fingerprint, FileProgress.Stored, stored, null, Time(5)), await FindAsync("a"));
    }

    [Theory]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e", null, null)]
    [InlineData("D41D8CD98F00B204E9800998ECF8427E", "", "odd")]
    [InlineData("", "not hex", "\"quoted\"")]
    [InlineData("abc", "0G", "é")]
    public async Task Etags_and_digests_come_back_letter_by_letter(string etag, string? crc32C, string? sha256)
    {
        var stored = Stored("a", version: 1) with { ETag = etag, Digests = new DigestSet(null, crc32C, sha256) };
        await CommitAsync(new FileStored("shots", "a", stored, Time(1)));

        Assert.Equal(stored, (await FindAsync("a"))!.Stored);
    }

    [Fact]
    public async Task The_largest_and_smallest_numbers_come_back()
    {
        var extreme = new Fingerprint(long.MaxValue, long.MinValue, ulong.MaxValue, ulong.MaxValue - 1);
        var stored = Stored("a", version: 1) with { Fingerprint = extreme, At = DateTimeOffset.MaxValue };
        await CommitAsync(new FileStored("shots", "a", stored, DateTimeOffset.MinValue));

        var found = await FindAsync("a");
        Assert.Equal(stored, found!.Stored);
        Assert.Equal(extreme, found.Fingerprint);
        Assert.Equal(DateTimeOffset.MinValue, found.UpdatedAt);
    }

    [Fact]
    public async Task Times_of_another_zone_come_back_as_the_same_instant()
    {
        var local = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours(5.5)).AddTicks(1);
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), local));
        Assert.Equal(local, (await FindAsync("a"))!.UpdatedAt);
    }

    [Fact]
    public async Task Answers_stand_in_the_order_of_the_paths_and_routes_are_apart()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), Time(1)), new FileStored("shots", "b", Stored("b", 1), Time(1)), new FileStored("logs", "a", Stored("a", 2), Time(1)));

        var found = await ledger.LookUpAsync("shots", ["b", "none", "a", "b"], default);
        Assert.Equal(["b", null, "a", "b"], found.Select(entry => entry?.Path));
        Assert.Equal(Version(2), (await ledger.LookUpAsync("logs", ["a"], default))[0]!.Fingerprint);
        Assert.Null((await ledger.LookUpAsync("logs", ["b"], default))[0]);
    }

    // Hex, because the test runner cannot carry lone surrogates.
    [Theory]
    [InlineData("6c696e650a627265616b")]
    [InlineData("69742773202271756f746564223b2044524f50205441424c452066696c653b202d2d")]
    [InlineData("255f2a3f5b615d5c")]
    [InlineData("ff80")]
    [InlineData("64c3a972ff2ffefdc3")]
    [InlineData("ffeda080")]
    [InlineData("65cc81")]
    [InlineData("c3a9")]
    [InlineData("f09f9880")]
    [InlineData("017f")]
    public Task A_name_of_any_bytes_is_kept_exactly(string hex) => IsKeptAsync(SourcePath.FromBytes(Convert.FromHexString(hex)));

    [Fact]
    public Task A_path_as_long_as_Linux_allows_is_kept_exactly() => IsKeptAsync(string.Join('/', Enumerable.Repeat(new string('ü', 125), 16)));

    private async Task IsKeptAsync(string path)
    {
        var stored = Stored(path, 1) with { Address = new ObjectAddress("bucket", SourcePath.IsText(path) ? path : "key") };
        await CommitAsync(
            new FileStored("shots", path, stored, Time(1)),
            new FileDone("shots", path, stored.Fingerprint, LocalFate.Kept, Time(2)),
            new MultipartBegun(Upload(path, "u1"), Time(3)));

        Assert.Equal(path, Assert.Single(await ListAsync(new FileQuery())).Path);
        Assert.Equal(FileProgress.Done, (await FindAsync(path))!.Progress);
        Assert.Equal(path, (await ledger.LookUpOriginsAsync(Store, [stored.Address], default))[0]!.Path);
        Assert.Equal(path, (await ledger.FindMultipartAsync("shots", path, default))!.Path);
    }

    [Fact]
    public async Task Names_that_differ_only_in_form_are_different_files()
    {
        string[] paths = ["e\u0301", "\u00e9", "E\u0301", "\udcc3\udca9"];
        await CommitAsync([.. paths.Take(3).Select((path, i) => new FileStored("shots", path, Stored("k" + i, i), Time(1)))]);

        Assert.Equal([Version(0), Version(1), Version(2)], (await ledger.LookUpAsync("shots", [.. paths.Take(3)], default)).Select(entry => entry!.Fingerprint));
    }

    [Fact]
    public async Task Done_is_what_is_stored_and_dealt_with()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), Time(1)));
        await CommitAsync(new FileDone("shots", "a", Version(1), LocalFate.Removed, Time(2)));

        var found = await FindAsync("a");
        Assert.Equal(FileProgress.Done, found!.Progress);
        Assert.Equal(Stored("a", 1), found.Stored);
        Assert.Equal(Time(2), found.UpdatedAt);
    }

    [Fact]
    public async Task Done_of_another_version_has_no_effect()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 2), Time(1)));
        await CommitAsync(
            new FileDone("shots", "a", Version(1), LocalFate.Removed, Time(2)),
            new FileDone("shots", "a", Version(2) with { Inode = 77 }, LocalFate.Removed, Time(2)),
            new FileDone("shots", "never met", Version(1), LocalFate.Removed, Time(2)),
            new FileDone("no such route", "a", Version(2), LocalFate.Removed, Time(2)));

        Assert.Equal(FileProgress.Stored, (await FindAsync("a"))!.Progress);
        Assert.Null(await FindAsync("never met"));
    }

    [Fact]
    public async Task Done_of_a_version_that_failed_and_was_never_stored_has_no_effect()
    {
        await CommitAsync(Failed("a", 1), new FileDone("shots", "a", Version(1), LocalFate.Removed, Time(2)));
        Assert.Equal(FileProgress.Failing, (await FindAsync("a"))!.Progress);
    }

    [Fact]
    public async Task Done_of_the_stored_version_has_no_effect_once_a_newer_one_failed()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), Time(1)), Failed("a", 2), new FileDone("shots", "a", Version(1), LocalFate.Removed, Time(2)));

        var found = await FindAsync("a");
        Assert.Equal(FileProgress.Failing, found!.Progress);
        Assert.Equal(Version(2), found.Fingerprint);
    }

    [Fact]
    public async Task A_failure_keeps_what_an_earlier_version_stored()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), Time(1)), new FileDone("shots", "a", Version(1), LocalFate.Kept, Time(2)));
        await CommitAsync(Failed("a", 2));
        await CommitAsync(Failed("a", 3, attempts: 2));

        Assert.Equal(
            new LedgerEntry("shots", "a", Version(3), FileProgress.Failing, Stored("a", 1), Failed("a", 3, attempts: 2).Trouble, Time(3)),
            await FindAsync("a"));
    }

    [Fact]
    public async Task A_failure_comes_back_with_every_word()
    {
        var failure = new Failure(FailureScope.Bucket, FailureNature.Throttled, "SlowDown", "line\n\"quoted\" é 😀", "Wait.", OutcomeUnknown: true, RetryAfter: TimeSpan.FromSeconds(1.5));
        var trouble = new Trouble(7, Time(99), failure);
        await CommitAsync(new FileFailed("shots", "a", Version(1), trouble, SetAside: true, Time(3)));

        Assert.Equal(new LedgerEntry("shots", "a", Version(1), FileProgress.SetAside, null, trouble, Time(3)), await FindAsync("a"));
    }

    [Fact]
    public async Task Storing_clears_the_trouble()
    {
        await CommitAsync(Failed("a", 1), new FileStored("shots", "a", Stored("a", 1), Time(4)));
        Assert.Equal(new LedgerEntry("shots", "a", Version(1), FileProgress.Stored, Stored("a", 1), null, Time(4)), await FindAsync("a"));
    }

    [Fact]
    public async Task A_stored_file_whose_removal_failed_becomes_done_later_without_trouble()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("a", 1), Time(1)), Failed("a", 1));
        await CommitAsync(new FileDone("shots", "a", Version(1), LocalFate.Removed, Time(5)));

        Assert.Equal(new LedgerEntry("shots", "a", Version(1), FileProgress.Done, Stored("a", 1), null, Time(5)), await FindAsync("a"));
    }

    [Fact]
    public async Task Changes_of_one_commit_apply_in_order()
    {
        await CommitAsync(
            new FileStored("shots", "a", Stored("a", 1), Time(1)),
            new FileDone("shots", "a", Version(1), LocalFate.Removed, Time(2)),
            new FileStored("shots", "a", Stored("a", 2), Time(3)));

        var found = await FindAsync("a");
        Assert.Equal((FileProgress.Stored, Version(2)), (found!.Progress, found.Fingerprint));
    }

    [Fact]
    public async Task A_commit_that_cannot_be_whole_leaves_nothing()
    {
        const string NoName = "\ud800";
        await Assert.ThrowsAnyAsync<ArgumentException>(() => CommitAsync(
            new FileStored("new route", "a", Stored("a", 1) with { Address = new ObjectAddress("new bucket", "k") }, Time(1)),
            new FileStored("new route", NoName, Stored("a", 1), Time(1))));
        Assert.Null((await ledger.LookUpAsync("new route", ["a"], default))[0]);

        await CommitAsync(new FileStored("new route", "b", Stored("b", 1) with { Address = new ObjectAddress("new bucket", "k") }, Time(1)));
        Assert.Equal(["b"], (await ListAsync(new FileQuery())).Select(entry => entry.Path));
        Assert.Equal("b", (await ledger.LookUpOriginsAsync(Store, [new ObjectAddress("new bucket", "k")], default))[0]!.Path);
    }

    [Fact]
    public async Task Origins_tell_which_file_wrote_an_object_last()
    {
        var address = new ObjectAddress("bucket", "same");
        StoredVersion To(int version) => Stored("x", version) with { Address = address, At = Time(version) };
        await CommitAsync(new FileStored("shots", "late", To(9), Time(9)), new FileStored("logs", "early", To(3), Time(10)));

        var found = await ledger.LookUpOriginsAsync(Store, [new ObjectAddress("other", "same"), address, new ObjectAddress("bucket", "sam"), address], default);
        var origin = new ObjectOrigin("shots", "late", To(9));
        Assert.Equal([null, origin, null, origin], found);
        Assert.Equal([null], await ledger.LookUpOriginsAsync("another store", [address], default));
    }

    [Fact]
    public async Task An_origin_outlives_the_failure_of_a_later_version_but_not_a_new_address()
    {
        await CommitAsync(new FileStored("shots", "a", Stored("old key", 1), Time(1)), Failed("a", 2));
        Assert.Equal(new ObjectOrigin("shots", "a", Stored("old key", 1)), (await ledger.LookUpOriginsAsync(Store, [Stored("old key", 1).Address], default))[0]);

        await CommitAsync(new FileStored("shots", "a", Stored("new key", 2), Time(2)));
        var found = await ledger.LookUpOriginsAsync(Store, [Stored("old key", 1).Address, Stored("new key", 1).Address], default);
        Assert.Equal([null, new ObjectOrigin("shots", "a", Stored("new key", 2))], found);
    }

    [Fact]
    public async Task A_folder_as_target_has_the_empty_bucket()
    {
        var stored = Stored("k", 1) with { Store = "file:///backup", Address = new ObjectAddress(string.Empty, "k") };
        await CommitAsync(new FileStored("shots", "a", stored, Time(1)));

        Assert.Equal(stored, (await FindAsync("a"))!.Stored);
        Assert.Equal("a", (await ledger.LookUpOriginsAsync("file:///backup", [stored.Address], default))[0]!.Path);
    }

    [Fact]
    public async Task Parts_of_an_upload_are_found_by_its_file_in_the_order_of_their_numbers()
    {
        await CommitAsync(new MultipartBegun(Upload("big", "u1"), Time(1)));
        await CommitAsync(new PartStored("u1", Part(3), Time(2)), new PartStored("u1", Part(1), Time(2)), new PartStored("another", Part(2), Time(2)));
        await CommitAsync(new PartStored("u1", Part(3) with { ETag = "again" }, Time(2)));

        var found = await ledger.FindMultipartAsync("shots", "big", default);
        Assert.Equal([Part(1), Part(3) with { ETag = "again" }], found!.Parts);
        Assert.Equal(Upload("big", "u1") with { Parts = found.Parts }, found);
        Assert.Null(await ledger.FindMultipartAsync("logs", "big", default));
    }

    [Fact]
    public async Task A_new_upload_of_a_file_replaces_the_old_one_with_its_parts()
    {
        await CommitAsync(new MultipartBegun(Upload("big", "u1"), Time(1)), new PartStored("u1", Part(1), Time(2)));
        await CommitAsync(new MultipartBegun(Upload("big", "u2") with { Parts = [Part(7)] }, Time(3)), new PartStored("u1", Part(2), Time(4)));

        Assert.Equal([Part(7)], (await ledger.FindMultipartAsync("shots", "big", default))!.Parts);
        Assert.Equal(["u2"], (await ledger.OpenMultipartsAsync(default)).Select(upload => upload.UploadId));
    }

    [Fact]
    public async Task Open_uploads_are_listed_oldest_first_until_they_end()
    {
        await CommitAsync(
            new MultipartBegun(Upload("b", "u2") with { BegunAt = Time(2), Parts = [Part(1)] }, Time(2)),
            new MultipartBegun(Upload("a", "u3") with { BegunAt = Time(3) }, Time(3)),
            new MultipartBegun(Upload("c", "u1") with { BegunAt = Time(1) }, Time(1)));
        Assert.Equal(["u1", "u2", "u3"], (await ledger.OpenMultipartsAsync(default)).Select(upload => upload.UploadId));
        Assert.All(await ledger.OpenMultipartsAsync(default), upload => Assert.Empty(upload.Parts));

        await CommitAsync(new MultipartEnded("u2", Time(4)), new MultipartEnded("unknown", Time(4)));
        Assert.Equal(["u1", "u3"], (await ledger.OpenMultipartsAsync(default)).Select(upload => upload.UploadId));
        Assert.Null(await ledger.FindMultipartAsync("shots", "b", default));
    }

    [Fact]
    public async Task A_blockage_is_kept_until_it_is_cleared()
    {
        var bucket = new Blockage(FailureScope.Bucket, "photos", new Trouble(1, Time(9), SomeFailure), Time(1));
        var store = new Blockage(FailureScope.Store, "photos", new Trouble(4, Time(8), SomeFailure), Time(2));
        await CommitAsync(new BlockageSeen(bucket, Time(1)), new BlockageSeen(store, Time(2)));
        await CommitAsync(new BlockageSeen(bucket with { Trouble = new Trouble(2, Time(20), SomeFailure) }, Time(3)));
        Assert.Equal([bucket with { Trouble = new Trouble(2, Time(20), SomeFailure) }, store], await ledger.BlockagesAsync(default));

        await CommitAsync(new BlockageCleared(FailureScope.Bucket, "photos", Time(4)), new BlockageCleared(FailureScope.Bucket, "unknown", Time(4)));
        Assert.Equal([store], await ledger.BlockagesAsync(default));
    }

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

    [Theory]
    [InlineData(null, null, new[] { "logs a", "shots a", "shots b" })]
    [InlineData("shots", null, new[] { "shots a", "shots b" })]
    [InlineData("shots", "a", new[] { "shots a" })]
    [InlineData(null, "a", new[] { "logs a", "shots a" })]
    [InlineData("unknown", null, new string[0])]
    [InlineData("shots", "unknown", new string[0])]
    public async Task A_retry_makes_failing_and_set_aside_files_and_all_blockages_due_now(string? route, string? path, string[] expected)
    {
        await CommitAsync(
            Failed("a", 1, attempts: 3),
            Failed("b", 1, attempts: 9) with { SetAside = true },
            Failed("a", 1) with { Route = "logs" },
            new FileStored("shots", "fine", Stored("fine", 1), Time(1)),
            new BlockageSeen(new Blockage(FailureScope.Store, "s3", new Trouble(5, Time(500), SomeFailure), Time(1)), Time(1)));

        Assert.Equal(expected.Length + 1, await ledger.RequestRetryAsync(route, path, Time(50), default));

        var entries = await ListAsync(new FileQuery());
        Assert.Equal(expected, entries.Where(entry => entry.Trouble?.NextAttemptAt == Time(50)).Select(entry => $"{entry.Route} {entry.Path}"));
        Assert.All(entries.Where(entry => entry.Trouble?.NextAttemptAt == Time(50)), entry => Assert.Equal((FileProgress.Failing, 0, SomeFailure), (entry.Progress, entry.Trouble!.Attempts, entry.Trouble.Failure)));
        Assert.Equal(new Trouble(0, Time(50), SomeFailure), Assert.Single(await ledger.BlockagesAsync(default)).Trouble);
        Assert.Equal(FileProgress.Stored, (await FindAsync("fine"))!.Progress);
    }

    [Fact]
    public async Task The_retry_generation_grows_with_every_request()
    {
        var first = await ledger.RetryGenerationAsync(default);
        await ledger.RequestRetryAsync(null, null, Time(1), default);
        var second = await ledger.RetryGenerationAsync(default);
        await ledger.RequestRetryAsync("unknown", null, Time(1), default);
        Assert.True(first < second);
        Assert.True(second < await ledger.RetryGenerationAsync(default));
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
