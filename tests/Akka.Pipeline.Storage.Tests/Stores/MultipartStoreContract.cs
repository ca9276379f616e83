namespace Akka.Pipeline.Storage.Tests.Stores;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;

/// <summary>What every store with multipart uploads and buckets does besides.</summary>
public abstract class MultipartStoreContract : ObjectStoreContract
{
    private const int PartSize = 5 << 20;

    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Completing an upload again is answered as if it were the first time.</summary>
    protected virtual bool CompletesAgain => false;

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_upload_in_parts_arrives_unchanged(int around)
    {
        var content = BodyOf.Bytes((2 * PartSize) + around, 10 + around);
        var id = await BeginAsync("large");
        var parts = await UploadAsync("large", id, content);
        var result = await CompleteAsync("large", id, parts, content, WriteCondition.IfAbsent);
        Assert.Equal(WriteOutcome.Stored, result.Outcome);
        Assert.Equal(content.Length, result.Object!.SizeBytes);
        Assert.NotEmpty(result.Object.ETag);
        Assert.Equal(content, await ReadAsync(At("large")));

        var facts = await Store.HeadAsync(At("large"), None);
        Assert.Equal((content.Length, result.Object.ETag), (facts!.SizeBytes, facts.ETag));
        if (Store.Traits.FullObjectChecksum)
        {
            Assert.True(facts.Digests.Agrees(AllDigests(content)));
        }
        else
        {
            Assert.NotEqual(false, facts.Digests.Agrees(AllDigests(content)));
        }
    }

    [Fact]
    public async Task An_object_far_longer_than_any_answer_is_asked_for_and_overwritten_like_others()
    {
        var content = BodyOf.Bytes(4 * PartSize, 30);
        var id = await BeginAsync("longer");
        var parts = await UploadAsync("longer", id, content);
        var stored = (await CompleteAsync("longer", id, parts, content, null)).Object!;
        var facts = await Store.HeadAsync(At("longer"), None);
        Assert.Equal((content.Length, stored.ETag), (facts!.SizeBytes, facts.ETag));
    }

    [Fact]
    public async Task Parts_may_come_in_any_order_and_again()
    {
        var content = BodyOf.Bytes(PartSize + 100, 20);
        var id = await BeginAsync("shuffled");
        await UploadPartAsync("shuffled", id, 2, "an earlier try"u8.ToArray());
        var second = await UploadPartAsync("shuffled", id, 2, content[PartSize..]);
        var first = await UploadPartAsync("shuffled", id, 1, content[..PartSize]);

        var listed = await Store.ListPartsAsync(At("shuffled"), id, None);
        Assert.Equal([1, 2], listed!.Select(p => p.PartNumber));
        Assert.Equal([PartSize, 100L], listed!.Select(p => p.SizeBytes));
        Assert.Equal([first.ETag, second.ETag], listed!.Select(p => p.ETag));
        Assert.True(listed![1].Digests.Agrees(second.Digests));

        Assert.Equal(WriteOutcome.Stored, (await CompleteAsync("shuffled", id, [second, first], content, null)).Outcome);
        Assert.Equal(content, await ReadAsync(At("shuffled")));
    }

    [Fact]
    public async Task An_upload_is_completed_from_what_the_store_lists()
    {
        var content = BodyOf.Bytes(PartSize + 7, 21);
        var id = await BeginAsync("resumed");
        await UploadAsync("resumed", id, content);
        var listed = await Store.ListPartsAsync(At("resumed"), id, None);
        var result = await Store.CompleteMultipartAsync(new CompleteMultipartRequest(At("resumed"), id, listed!, content.Length, DigestSet.Unknown, null), None);
        Assert.Equal(WriteOutcome.Stored, result.Outcome);
        Assert.Equal(content, await ReadAsync(At("resumed")));
    }

    [Fact]
    public async Task Completing_on_condition_of_absence_leaves_what_is_there()
    {
        await PutAsync("taken", "small"u8.ToArray(), null);
        var content = BodyOf.Bytes(PartSize + 1, 22);
        var id = await BeginAsync("taken");
        var parts = await UploadAsync("taken", id, content);
        Assert.Equal(WriteOutcome.ConditionFailed, (await CompleteAsync("taken", id, parts, content, WriteCondition.IfAbsent)).Outcome);
        Assert.Equal("small"u8.ToArray(), await ReadAsync(At("taken")));
        await Store.AbortMultipartAsync(At("taken"), id, None);
    }

    [Fact]
    public async Task Completing_twice_never_harms_the_object()
    {
        var content = BodyOf.Bytes(PartSize + 1, 23);
        var id = await BeginAsync("again");
        var parts = await UploadAsync("again", id, content);
        await CompleteAsync("again", id, parts, content, null);
        var second = await Record.ExceptionAsync(() => CompleteAsync("again", id, parts, content, null));
        if (second is not null || !CompletesAgain)
        {
            Assert.Equal("NoSuchUpload", Assert.IsType<StoreException>(second).Failure.Code);
        }

        Assert.Equal(content, await ReadAsync(At("again")));
    }

    [Fact]
    public async Task An_aborted_upload_is_gone_and_aborting_it_again_is_no_error()
    {
        var id = await BeginAsync("aborted");
        var part = await UploadPartAsync("aborted", id, 1, BodyOf.Bytes(100, 24));
        await Store.AbortMultipartAsync(At("aborted"), id, None);
        await Store.AbortMultipartAsync(At("aborted"), id, None);

        Assert.Null(await Store.ListPartsAsync(At("aborted"), id, None));
        Assert.Null(await Store.HeadAsync(At("aborted"), None));
        var upload = await Assert.ThrowsAsync<StoreException>(() => UploadPartAsync("aborted", id, 2, [1]));
        Assert.Equal("NoSuchUpload", upload.Failure.Code);
        var complete = await Assert.ThrowsAsync<StoreException>(() => CompleteAsync("aborted", id, [part], BodyOf.Bytes(100, 24), null));
        Assert.Equal("NoSuchUpload", complete.Failure.Code);
    }

    [Fact]
    public async Task A_part_that_is_not_what_its_digest_says_is_refused()
    {
        var id = await BeginAsync("wrong-part");
        var body = new BodyOf("true bytes"u8.ToArray(), Store.Traits) { Digests = BodyOf.DigestsOf("other bytes"u8.ToArray(), Store.Traits.PutDigests) };
        var error = await Assert.ThrowsAsync<StoreException>(() => Store.UploadPartAsync(new PartRequest(At("wrong-part"), id, 1, body), None));
        Assert.Equal((FailureScope.File, FailureNature.Passing), (error.Failure.Scope, error.Failure.Nature));
        Assert.Empty((await Store.ListPartsAsync(At("wrong-part"), id, None))!);
    }

    [Fact]
    public async Task A_part_too_small_in_the_middle_is_an_error_of_the_file()
    {
        var id = await BeginAsync("small-parts");
        var parts = new List<PartFacts> { await UploadPartAsync("small-parts", id, 1, [1, 2, 3]), await UploadPartAsync("small-parts", id, 2, [4]) };
        var error = await Assert.ThrowsAsync<StoreException>(() => CompleteAsync("small-parts", id, parts, [1, 2, 3, 4], null));
        Assert.Equal((FailureScope.File, "EntityTooSmall"), (error.Failure.Scope, error.Failure.Code));
    }

    [Fact]
    public async Task More_parts_than_fit_a_page_are_all_listed()
    {
        const int Count = 1003;
        var id = await BeginAsync("many");
        await Parallel.ForEachAsync(Enumerable.Range(1, Count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
            await UploadPartAsync("many", id, number, BitConverter.GetBytes(number)));
        var listed = await Store.ListPartsAsync(At("many"), id, None);
        Assert.Equal(Enumerable.Range(1, Count), listed!.Select(p => p.PartNumber));
        await Store.AbortMultipartAsync(At("many"), id, None);
    }

    [Fact]
    public async Task Open_uploads_are_found_by_prefix()
    {
        var keys = new[] { "ours/a", "ours/b c+d%", "ours/é\nline", "theirs/a" };
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            ids[key] = await BeginAsync(key);
        }

        var found = new List<OpenMultipart>();
        await foreach (var upload in Store.ListMultipartsAsync(Bucket, "ours/", None))
        {
            found.Add(upload);
        }

        Assert.Equal(keys[..3].Select(key => (key, ids[key])).Order(), found.Select(u => (u.Address.Key, u.UploadId)).Order());
        Assert.All(found, u => Assert.InRange(u.InitiatedAt, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10)));
    }

    [Fact]
    public async Task A_key_that_no_store_can_hold_is_an_error_of_the_file()
    {
        foreach (var (key, code) in new[] { (new string('k', 1025), "KeyTooLong"), ("/leading", "KeyBeginsWithSlash") })
        {
            var error = await Assert.ThrowsAsync<StoreException>(() => PutAsync(key, [1], WriteCondition.IfAbsent));
            Assert.Equal((FailureScope.File, FailureNature.Lasting, code), (error.Failure.Scope, error.Failure.Nature, error.Failure.Code));
        }
    }

    [Fact]
    public async Task An_unknown_bucket_is_a_failure_of_the_bucket()
    {
        var missing = new ObjectAddress(Bucket + "-missing", "key");
        foreach (var act in new Func<Task>[]
        {
            () => Store.HeadAsync(missing, None),
            () => Store.PutAsync(new PutRequest(missing, BodyOf.Text("x", Store.Traits), ObjectAttributes.None, WriteCondition.IfAbsent), None),
            () => Store.CreateMultipartAsync(new CreateMultipartRequest(missing, ObjectAttributes.None), None),
        })
        {
            var error = await Assert.ThrowsAsync<StoreException>(act);
            Assert.Equal((FailureScope.Bucket, FailureNature.Lasting, "NoSuchBucket"), (error.Failure.Scope, error.Failure.Nature, error.Failure.Code));
            Assert.Contains(missing.Bucket, error.Failure.Cause, StringComparison.Ordinal);
            Assert.Contains("bucket-names", error.Failure.Cure, StringComparison.Ordinal);
        }
    }

    protected Task<string> BeginAsync(string key) => Store.CreateMultipartAsync(new CreateMultipartRequest(At(key), ObjectAttributes.None), None);

    protected Task<PartFacts> UploadPartAsync(string key, string id, int number, byte[] content) =>
        Store.UploadPartAsync(new PartRequest(At(key), id, number, new BodyOf(content, Store.Traits)), None);

    protected async Task<List<PartFacts>> UploadAsync(string key, string id, byte[] content)
    {
        var parts = new List<PartFacts>();
        for (var at = 0; at < content.Length; at += PartSize)
        {
            parts.Add(await UploadPartAsync(key, id, parts.Count + 1, content[at..Math.Min(at + PartSize, content.Length)]));
        }

        return parts;
    }

    protected Task<WriteResult> CompleteAsync(string key, string id, IReadOnlyList<PartFacts> parts, byte[] content, WriteCondition? condition) =>
        Store.CompleteMultipartAsync(new CompleteMultipartRequest(At(key), id, parts, content.Length, AllDigests(content) with { Md5 = null, Sha256 = null }, condition), None);
}
