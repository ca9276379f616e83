namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static LedgerFacts;

/// <content>What is known of files, by their paths and by their objects.</content>
public abstract partial class LedgerContract
{
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
}
