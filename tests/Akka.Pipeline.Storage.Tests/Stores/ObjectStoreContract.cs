namespace Akka.Pipeline.Storage.Tests.Stores;

using System.Text;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;

/// <summary>What every store does. A subclass gives the store, a place in it, and another way to look at what it holds.</summary>
public abstract class ObjectStoreContract : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected IObjectStore Store { get; private set; } = null!;

    /// <summary>A bucket of this test's own.</summary>
    protected string Bucket { get; private set; } = null!;

    /// <summary>Keys that a program may come up with; a store that cannot hold one leaves it out.</summary>
    protected virtual IEnumerable<string> OddKeys =>
    [
        "with space/and  two", "percent%41%/100%", "plus+plus", "hash#tag", "question?mark=1&b=2", "line\nbreak", "emoji-😀/🦄.png", "nfd-e\u0301", "nfc-\u00e9",
        "double//slash", "a/../b", "a/./b", "..", "trailing/", "quotes'\"`", "back\\slash", "semi;colon:@$,=!*()[]{}|^~<>&", "tab\tbed", "Ünïcödé/日本語",
        new string('k', 900), string.Concat(Enumerable.Repeat("é", 512)),
    ];

    /// <summary>Whether the store itself sees to it that of writers at the same instant only one creates the object.</summary>
    protected virtual bool RefereesRaces => true;

    public async Task InitializeAsync()
    {
        Store = await OpenAsync();
        Bucket = await NewBucketAsync();
    }

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task What_was_put_is_there_with_size_and_digest()
    {
        var content = BodyOf.Bytes(4097, 1);
        var put = await PutAsync("folder/file.bin", content, WriteCondition.IfAbsent);
        Assert.Equal(WriteOutcome.Stored, put.Outcome);
        Assert.Equal(content.Length, put.Object!.SizeBytes);

        var facts = await Store.HeadAsync(At("folder/file.bin"), None);
        Assert.Equal(content.Length, facts!.SizeBytes);
        Assert.Equal(put.Object.ETag, facts.ETag);
        Assert.True(facts.Digests.Agrees(AllDigests(content)));
        Assert.Equal(content, await ReadAsync(At("folder/file.bin")));
    }

    [Fact]
    public async Task What_was_never_put_is_not_there() => Assert.Null(await Store.HeadAsync(At("nothing/here"), None));

    [Fact]
    public async Task An_empty_body_is_an_object()
    {
        Assert.Equal(WriteOutcome.Stored, (await PutAsync("empty", [], WriteCondition.IfAbsent)).Outcome);
        Assert.Equal(0, (await Store.HeadAsync(At("empty"), None))!.SizeBytes);
        Assert.Empty((await ReadAsync(At("empty")))!);
    }

    [Theory]
    [InlineData((1 << 16) - 1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 22) + 1)]
    public async Task Bodies_of_any_size_arrive_unchanged(int length)
    {
        var content = BodyOf.Bytes(length, length);
        Assert.Equal(WriteOutcome.Stored, (await PutAsync("sized", content, WriteCondition.IfAbsent)).Outcome);
        Assert.Equal(content, await ReadAsync(At("sized")));
    }

    [Fact]
    public async Task A_second_write_on_condition_of_absence_changes_nothing()
    {
        await PutAsync("once", "first"u8.ToArray(), WriteCondition.IfAbsent);
        var second = await PutAsync("once", "second"u8.ToArray(), WriteCondition.IfAbsent);
        Assert.Equal(WriteOutcome.ConditionFailed, second.Outcome);
        Assert.Null(second.Object);
        Assert.Equal("first"u8.ToArray(), await ReadAsync(At("once")));
    }

    [Fact]
    public async Task An_unconditional_write_replaces()
    {
        await PutAsync("twice", "first"u8.ToArray(), null);
        Assert.Equal(WriteOutcome.Stored, (await PutAsync("twice", "second one"u8.ToArray(), null)).Outcome);
        Assert.Equal("second one"u8.ToArray(), await ReadAsync(At("twice")));
    }

    [Fact]
    public async Task An_overwrite_depends_on_the_version_that_was_seen()
    {
        var first = (await PutAsync("seen", "first"u8.ToArray(), WriteCondition.IfAbsent)).Object!;
        var second = await PutAsync("seen", "second"u8.ToArray(), WriteCondition.IfMatches(first.ETag));
        Assert.Equal(WriteOutcome.Stored, second.Outcome);
        var stale = await PutAsync("seen", "third"u8.ToArray(), WriteCondition.IfMatches(first.ETag));
        Assert.Equal(WriteOutcome.ConditionFailed, stale.Outcome);
        Assert.Equal("second"u8.ToArray(), await ReadAsync(At("seen")));
    }

    [Fact]
    public async Task An_overwrite_of_what_is_gone_does_not_happen()
    {
        var result = await PutAsync("gone", "x"u8.ToArray(), WriteCondition.IfMatches("0123456789abcdef0123456789abcdef"));
        Assert.Equal(WriteOutcome.ConditionFailed, result.Outcome);
        Assert.Null(await ReadAsync(At("gone")));
    }

    [Fact]
    public async Task A_body_that_is_not_what_its_digest_says_is_refused()
    {
        var body = new BodyOf("true bytes"u8.ToArray(), Store.Traits) { Digests = BodyOf.DigestsOf("other bytes"u8.ToArray(), Store.Traits.PutDigests) };
        var error = await Assert.ThrowsAsync<StoreException>(() => Store.PutAsync(new PutRequest(At("wrong"), body, ObjectAttributes.None, WriteCondition.IfAbsent), None));
        Assert.Equal(FailureScope.File, error.Failure.Scope);
        Assert.Null(await ReadAsync(At("wrong")));
    }

    [Fact]
    public async Task Odd_keys_are_kept_as_they_are()
    {
        var content = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in OddKeys)
        {
            content[key] = Encoding.UTF8.GetBytes("at " + key);
            var outcome = "";
            try
            {
                outcome = (await PutAsync(key, content[key], WriteCondition.IfAbsent)).Outcome.ToString();
            }
            catch (StoreException e)
            {
                outcome = $"{e.Failure.Code}: {e.Failure.Cause}";
            }

            Assert.True(outcome == nameof(WriteOutcome.Stored), $"{key}: {outcome}");
        }

        foreach (var (key, expected) in content)
        {
            Assert.True((await Store.HeadAsync(At(key), None))?.SizeBytes == expected.Length, key);
            Assert.Equal(expected, await ReadAsync(At(key)));
        }
    }

    [Fact]
    public async Task Of_many_writers_at_once_exactly_one_creates_the_object()
    {
        var contents = Enumerable.Range(0, 24).Select(i => Encoding.UTF8.GetBytes($"writer {i}")).ToList();
        var outcomes = await Task.WhenAll(contents.Select(async content =>
        {
            try
            {
                return (await PutAsync("race", content, WriteCondition.IfAbsent)).Outcome;
            }
            catch (StoreException e) when (e.Failure is { Nature: FailureNature.Passing, Code: "ConditionalRequestConflict" })
            {
                return WriteOutcome.ConditionFailed; // AWS says so to writers that come while another is at it.
            }
        }));
        var winners = Enumerable.Range(0, outcomes.Length).Where(i => outcomes[i] == WriteOutcome.Stored).ToList();
        if (RefereesRaces)
        {
            Assert.Single(winners);
        }

        var there = await ReadAsync(At("race"));
        Assert.Contains(winners, winner => contents[winner].AsSpan().SequenceEqual(there));
    }

    [Fact]
    public async Task A_cancelled_request_ends_as_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.HeadAsync(At("x"), cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.PutAsync(new PutRequest(At("x"), BodyOf.Text("x", Store.Traits), ObjectAttributes.None, null), cancelled.Token));
    }

    protected abstract Task<IObjectStore> OpenAsync();

    protected abstract Task<string> NewBucketAsync();

    /// <summary>The bytes that the store holds, seen by another way than the store under test; null when there is no object.</summary>
    protected abstract Task<byte[]?> ReadAsync(ObjectAddress address);

    protected ObjectAddress At(string key) => new(Bucket, key);

    protected Task<WriteResult> PutAsync(string key, byte[] content, WriteCondition? condition) =>
        Store.PutAsync(new PutRequest(At(key), new BodyOf(content, Store.Traits), ObjectAttributes.None, condition), None);

    protected static DigestSet AllDigests(byte[] content) => BodyOf.DigestsOf(content, DigestKinds.Md5 | DigestKinds.Crc32C | DigestKinds.Sha256);
}
