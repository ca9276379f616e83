namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static LedgerFacts;

/// <content>Unfinished uploads, blockages and retries.</content>
public abstract partial class LedgerContract
{
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
    public async Task A_new_upload_of_a_file_comes_before_the_old_one_which_stays_open_until_it_ends()
    {
        await CommitAsync(new MultipartBegun(Upload("big", "u1"), Time(1)), new PartStored("u1", Part(1), Time(2)));
        await CommitAsync(new MultipartBegun(Upload("big", "u2") with { BegunAt = Time(3), Parts = [Part(7)] }, Time(3)), new PartStored("u1", Part(2), Time(4)));

        Assert.Equal([Part(7)], (await ledger.FindMultipartAsync("shots", "big", default))!.Parts);
        Assert.Equal(["u1", "u2"], (await ledger.OpenMultipartsAsync(default)).Select(upload => upload.UploadId));

        await CommitAsync(new MultipartEnded("u2", Time(5)));
        Assert.Equal([Part(1), Part(2)], (await ledger.FindMultipartAsync("shots", "big", default))!.Parts);
    }

    [Fact]
    public async Task An_upload_of_the_same_object_in_another_store_is_another_upload()
    {
        await CommitAsync(new MultipartBegun(Upload("big", "u1") with { Store = "https://other", Attributes = "[\"text/plain\"]" }, Time(1)));
        var found = await ledger.FindMultipartAsync("shots", "big", default);
        Assert.Equal(("https://other", "[\"text/plain\"]"), (found!.Store, found.Attributes));
    }

    [Fact]
    public async Task An_intent_is_open_until_its_upload_begins_or_it_is_resolved()
    {
        await CommitAsync(new MultipartIntended(Intent("b", 2)), new MultipartIntended(Intent("a", 3)), new MultipartIntended(Intent("a", 1)), new MultipartIntended(Intent("a", 1)));
        Assert.Equal([Intent("a", 1), Intent("b", 2), Intent("a", 3)], await ledger.OpenIntentsAsync(default));

        await CommitAsync(new MultipartBegun(Upload("a", "u1") with { BegunAt = Time(3) }, Time(4)));
        Assert.Equal([Intent("a", 1), Intent("b", 2)], await ledger.OpenIntentsAsync(default));

        await CommitAsync(new MultipartIntentResolved(Intent("a", 1), Time(5)), new MultipartIntentResolved(Intent("a", 9), Time(5)));
        Assert.Equal([Intent("b", 2)], await ledger.OpenIntentsAsync(default));

        await CommitAsync(
            new MultipartBegun(Upload("b", "u2") with { BegunAt = Time(2), Store = "https://other" }, Time(6)),
            new MultipartBegun(Upload("b", "u3") with { BegunAt = Time(2), Address = new ObjectAddress("bucket", "another key") }, Time(6)));
        Assert.Equal([Intent("b", 2)], await ledger.OpenIntentsAsync(default));
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
}
