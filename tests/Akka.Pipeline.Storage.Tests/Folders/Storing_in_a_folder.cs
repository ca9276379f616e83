namespace Akka.Pipeline.Storage.Tests.Folders;

using System.Security.Cryptography;
using System.Text;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Folders;
using Akka.Pipeline.Storage.Tests.Sources;

public sealed class Storing_in_a_folder : IAsyncLifetime
{
    private readonly ScratchFolder scratch = new();
    private FolderStore store = null!;

    private string Target => Path.Combine(scratch.Path, "target");

    public Task InitializeAsync()
    {
        store = new FolderStore(Target, TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await store.DisposeAsync();
        scratch.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_is_stored_and_its_head_vouches_for_its_content(bool inMemory)
    {
        var address = new ObjectAddress("", "a/b/ü 🎉.bin");

        var result = await Put(address, "hello", null, inMemory);
        var head = await store.HeadAsync(address, default);

        Assert.Equal(WriteOutcome.Stored, result.Outcome);
        Assert.Equal(result.Object, head);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("hello"u8)), head!.Digests.Sha256);
        Assert.Equal("hello", File.ReadAllText(Path.Combine(Target, "a/b/ü 🎉.bin")));
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(Target, "a/b")));
    }

    [Fact]
    public async Task A_bucket_is_a_sub_folder_and_what_is_not_there_is_null()
    {
        await Put(new ObjectAddress("bucket", "key"), "x");

        Assert.True(File.Exists(Path.Combine(Target, "bucket/key")));
        Assert.Null(await store.HeadAsync(new ObjectAddress("bucket", "other"), default));
        Assert.Null(await store.HeadAsync(new ObjectAddress("nowhere", "a/b/c"), default));
    }

    [Fact]
    public async Task Conditions_are_honoured()
    {
        var address = new ObjectAddress("", "key");
        var first = await Put(address, "one", WriteCondition.IfAbsent);
        Assert.Equal(WriteOutcome.Stored, first.Outcome);
        Assert.Equal(WriteResult.ConditionFailed, await Put(address, "two", WriteCondition.IfAbsent));
        Assert.Equal(WriteResult.ConditionFailed, await Put(address, "two", WriteCondition.IfMatches("other")));
        Assert.Equal("one", File.ReadAllText(Path.Combine(Target, "key")));

        Assert.Equal(WriteOutcome.Stored, (await Put(address, "two", WriteCondition.IfMatches(first.Object!.ETag))).Outcome);
        Assert.Equal(WriteResult.ConditionFailed, await Put(new ObjectAddress("", "none"), "x", WriteCondition.IfMatches(first.Object.ETag)));
        Assert.Equal(WriteOutcome.Stored, (await Put(address, "three")).Outcome);
        Assert.Equal(["key"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Of_many_writers_who_want_to_be_first_one_is()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Put(new ObjectAddress("", "race"), $"{i}", WriteCondition.IfAbsent)));

        var winner = Assert.Single(results.Index(), r => r.Item.Outcome == WriteOutcome.Stored);
        Assert.Equal($"{winner.Index}", File.ReadAllText(Path.Combine(Target, "race")));
        Assert.Single(Directory.GetFileSystemEntries(Target));
    }

    [Theory]
    [InlineData("a/../../escape")]
    [InlineData("../escape")]
    [InlineData("/absolute")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData(".")]
    [InlineData("nul\0l")]
    [InlineData(".pipeline-partial-1")]
    [InlineData(".pipeline-holding/x")]
    public async Task A_key_that_is_no_path_of_a_file_is_refused(string key)
    {
        var refused = await Assert.ThrowsAsync<StoreException>(() => Put(new ObjectAddress("", key), "x"));

        Assert.Equal((FailureScope.File, FailureNature.Lasting, "InvalidKey"), (refused.Failure.Scope, refused.Failure.Nature, refused.Failure.Code));
        Assert.Empty(Directory.GetFileSystemEntries(Target));
        await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(new ObjectAddress("", key), default));
    }

    [Fact]
    public async Task A_component_may_have_255_bytes_and_no_more()
    {
        Assert.Equal(WriteOutcome.Stored, (await Put(new ObjectAddress("", new string('é', 127) + "e"), "x")).Outcome);
        Assert.Equal("InvalidKey", (await Assert.ThrowsAsync<StoreException>(() => Put(new ObjectAddress("", new string('é', 128)), "x"))).Failure.Code);
    }

    [Fact]
    public async Task Links_in_the_target_are_not_followed_out_of_it()
    {
        var outside = Directory.CreateDirectory(Path.Combine(scratch.Path, "outside")).FullName;
        File.WriteAllText(Path.Combine(outside, "file"), "untouched");
        Directory.CreateSymbolicLink(Path.Combine(Target, "folder"), outside);
        File.CreateSymbolicLink(Path.Combine(Target, "link"), Path.Combine(outside, "file"));

        foreach (var key in new[] { "folder/file", "folder/new", "folder/deep/new" })
        {
            var refused = await Assert.ThrowsAsync<StoreException>(() => Put(new ObjectAddress("", key), "x"));
            Assert.Equal("ELOOP", refused.Failure.Code);
        }

        Assert.Equal("ELOOP", (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(new ObjectAddress("", "link"), default))).Failure.Code);
        await Put(new ObjectAddress("", "link"), "x");
        Assert.Equal("untouched", File.ReadAllText(Path.Combine(outside, "file")));
        Assert.Equal(["file"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_key_whose_folder_is_a_file_is_explained()
    {
        await Put(new ObjectAddress("", "a"), "x");
        var below = await Assert.ThrowsAsync<StoreException>(() => Put(new ObjectAddress("", "a/b"), "x"));
        Assert.Contains("exclude each other", below.Failure.Cause, StringComparison.Ordinal);

        await Put(new ObjectAddress("", "c/d"), "x");
        var above = await Assert.ThrowsAsync<StoreException>(() => Put(new ObjectAddress("", "c"), "x"));
        Assert.Contains("exclude each other", above.Failure.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other", 5)]
    [InlineData("hello", 6)]
    public async Task A_body_that_contradicts_its_digests_or_length_leaves_nothing(string promised, long length)
    {
        var body = new Body("hello"u8.ToArray(), Digests(promised), length, inMemory: false);

        var refused = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(new PutRequest(new ObjectAddress("", "key"), body, ObjectAttributes.None, null), default));

        Assert.Equal("BadDigest", refused.Failure.Code);
        Assert.Empty(Directory.GetFileSystemEntries(Target));
    }

    [Fact]
    public async Task A_cancelled_or_failing_body_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PutAsync(new PutRequest(new ObjectAddress("", "key"), Body.Of("x", false), ObjectAttributes.None, null), cancel.Token));
        Assert.Empty(Directory.GetFileSystemEntries(Target));
    }

    [FactWithMounts]
    public async Task A_full_disk_is_a_failure_of_the_node_and_leaves_nothing()
    {
        var small = Directory.CreateDirectory(Path.Combine(scratch.Path, "small")).FullName;
        ScratchFolder.Bash($"mount -t tmpfs -o size=1m none '{small}'").WaitForEnd().Dispose();
        try
        {
            await using var full = new FolderStore(small, TimeProvider.System);
            var bytes = new byte[4 << 20];
            var failed = await Assert.ThrowsAsync<StoreException>(
                () => full.PutAsync(new PutRequest(new ObjectAddress("", "key"), new Body(bytes, Digests(bytes), bytes.Length, inMemory: false), ObjectAttributes.None, null), default));

            Assert.Equal((FailureScope.Node, FailureNature.Passing, "ENOSPC"), (failed.Failure.Scope, failed.Failure.Nature, failed.Failure.Code));
            Assert.Empty(Directory.GetFileSystemEntries(small));

            ScratchFolder.Bash($"umount '{small}'").WaitForEnd().Dispose();
            var moved = await Assert.ThrowsAsync<StoreException>(() => full.HeadAsync(new ObjectAddress("", "key"), default));
            Assert.Equal((FailureScope.Store, "TargetMoved"), (moved.Failure.Scope, moved.Failure.Code));
        }
        finally
        {
            ScratchFolder.Bash($"umount '{small}' 2>/dev/null").WaitForEnd().Dispose();
        }
    }

    [Fact]
    public async Task Unfinished_files_of_ours_go_when_they_are_a_day_old()
    {
        Directory.CreateDirectory(Path.Combine(Target, "sub"));
        File.WriteAllText(Path.Combine(Target, "sub/.pipeline-partial-0123"), "stale");
        File.WriteAllText(Path.Combine(Target, "sub/kept"), "object");
        await using (var soon = new FolderStore(Target, TimeProvider.System))
        {
            await soon.Cleaning;
            Assert.Equal(2, Directory.GetFiles(Path.Combine(Target, "sub")).Length);
        }

        await using (var later = new FolderStore(Target, new Later(TimeSpan.FromHours(25))))
        {
            await later.Cleaning;
            Assert.Equal(["kept"], Directory.GetFiles(Path.Combine(Target, "sub")).Select(Path.GetFileName));
        }
    }

    [Fact]
    public async Task A_target_that_vanished_is_a_failure_of_the_store()
    {
        Directory.Delete(Target);
        var failed = await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(new ObjectAddress("", "key"), default));
        Assert.Equal((FailureScope.Store, FailureNature.Lasting), (failed.Failure.Scope, failed.Failure.Nature));
        Directory.CreateDirectory(Target);
        Assert.Null(await store.HeadAsync(new ObjectAddress("", "key"), default));
    }

    private static DigestSet Digests(string content) => Digests(Encoding.UTF8.GetBytes(content));

    private static DigestSet Digests(byte[] content) => new(Sha256: Convert.ToHexStringLower(SHA256.HashData(content)));

    private Task<WriteResult> Put(ObjectAddress address, string content, WriteCondition? condition = null, bool inMemory = true) =>
        store.PutAsync(new PutRequest(address, Body.Of(content, inMemory), ObjectAttributes.None, condition), default);

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    private sealed class Body(byte[] bytes, DigestSet digests, long length, bool inMemory) : IUploadBody
    {
        public static Body Of(string content, bool inMemory)
        {
            var bytes = Encoding.UTF8.GetBytes(content);
            return new Body(bytes, Storing_in_a_folder.Digests(bytes), bytes.Length, inMemory);
        }

        public long LengthBytes => length;

        public DigestSet Digests { get; } = digests;

        public ReadOnlyMemory<byte> Memory => inMemory ? bytes : default;

        public Stream OpenRead() => new MemoryStream(bytes, writable: false);
    }
}
