namespace Akka.Pipeline.Actors.Tests.WithRealStores;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>Files in parts through the real store, ledger and file system, against the sandbox. A part has 16 bytes here, and files of 32 and more go in parts.</summary>
public sealed class PartsOnTheSandboxTests : RealStoreTest
{
    private static readonly MultipartLimits Small = new(16, 1 << 20, 10_000, 1 << 20);
    private readonly List<SandboxServer> servers = [];

    public override async Task DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    [Theory]
    [InlineData(ChecksumMode.Crc32C)]
    [InlineData(ChecksumMode.Md5)]
    [InlineData(ChecksumMode.Sha256)]
    public async Task Files_of_every_size_around_every_limit_arrive_byte_for_byte(ChecksumMode checksum)
    {
        int[] sizes = [0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 49, (16 * 100) - 1, 16 * 100, (16 * 100) + 1];
        foreach (var size in sizes)
        {
            Write($"of-{size}", Content(size, size));
        }

        var server = await StartAsync();
        Assert.True((await RunAsync(server, checksum)).IsEmpty);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Source));
        foreach (var size in sizes)
        {
            Assert.Equal(Content(size, size), Stored($"of-{size}"));
        }

        Assert.Equal(sizes.Count(size => size < 32), server.Statistics.Count(S3Operation.PutObject));
        Assert.Equal(sizes.Where(size => size >= 32).Sum(size => (size + 15) / 16), server.Statistics.Count(S3Operation.UploadPart));
    }

    [Fact]
    public async Task Ten_thousand_parts_arrive_as_one_object_and_one_byte_more_makes_the_parts_longer()
    {
        Write("just", Content(160_000));
        Write("more", Content(160_001));
        var server = await StartAsync(nullMode: true);
        Assert.True((await RunAsync(server)).IsEmpty);
        Assert.Equal(10_001, server.Statistics.Count(S3Operation.UploadPart));
        Assert.Equal(2, server.Statistics.Count(S3Operation.CompleteMultipartUpload));
        Assert.Empty(await Ledger.OpenMultipartsAsync(default));
    }

    [Theory]
    [InlineData(S3Operation.UploadPart)]
    [InlineData(S3Operation.CompleteMultipartUpload)]
    public async Task An_upload_that_has_expired_begins_anew_without_a_failure(S3Operation at)
    {
        Write("large", Content(100));
        var server = await StartAsync();
        server.Faults.Add(new FaultRule { Fault = FaultKind.Error, Operations = [at], Status = 404, Code = "NoSuchUpload", Times = 1 });
        Assert.True((await RunAsync(server)).IsEmpty);
        Assert.Equal(Content(100), Stored("large"));
        Assert.Equal(0, Meters.FilesFailed);
        Assert.Equal(2, server.Statistics.Count(S3Operation.CreateMultipartUpload));

        // The sandbox only says so: the first is there, and has to be ended all the same.
        await NothingIsLeftAsync(server);
    }

    [Theory]
    [InlineData(FaultKind.CommitThenError)]
    [InlineData(FaultKind.CommitThenReset)]
    public async Task A_beginning_whose_answer_was_lost_leaves_nothing(FaultKind fault)
    {
        Write("large", Content(100));
        var server = await StartAsync();
        server.Faults.Add(new FaultRule { Fault = fault, Operations = [S3Operation.CreateMultipartUpload], Times = 1 });
        Assert.True((await RunAsync(server)).IsEmpty);
        Assert.Equal(Content(100), Stored("large"));
        await NothingIsLeftAsync(server);
    }

    [Theory]
    [InlineData(FaultKind.CommitThenError)]
    [InlineData(FaultKind.CommitThenReset)]
    [InlineData(FaultKind.ErrorInside200)]
    public async Task A_completion_whose_answer_was_lost_is_found_done(FaultKind fault)
    {
        Write("large", Content(100));
        var server = await StartAsync();
        server.Faults.Add(new FaultRule { Fault = fault, Operations = [S3Operation.CompleteMultipartUpload], Times = 1 });
        Assert.True((await RunAsync(server)).IsEmpty);
        Assert.Equal(Content(100), Stored("large"));
        Assert.Equal(7, server.Statistics.Count(S3Operation.UploadPart));
        await NothingIsLeftAsync(server);
    }

    [Theory]
    [InlineData(FaultKind.CommitThenError)]
    [InlineData(FaultKind.CommitThenReset)]
    public async Task A_replacement_that_is_repeated_after_a_lost_answer_is_found_done(FaultKind fault)
    {
        var server = await StartAsync();
        Write("small", Content(20, 1));
        Assert.True((await RunAsync(server)).IsEmpty);
        Write("small", Content(20, 2));
        server.Faults.Add(new FaultRule { Fault = fault, Operations = [S3Operation.PutObject], Times = 1 });
        Assert.True((await RunAsync(server)).IsEmpty);
        Assert.Equal(Content(20, 2), Stored("small"));
        Assert.Equal((0L, 1L), (Meters.FilesFailed, Meters.FilesStored));
    }

    [Theory]
    [InlineData(ConditionSupport.Native)]
    [InlineData(ConditionSupport.Emulated)]
    public async Task An_object_that_appears_while_parts_are_sent_is_looked_at_before_it_is_replaced(ConditionSupport support)
    {
        Write("large", Content(100));
        var server = await StartAsync();
        server.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.UploadPart], PartNumber = 3, Before = TimeSpan.FromMilliseconds(500), Times = 1 });
        var run = RunAsync(server, support: support);
        await AwaitConditionAsync(() => Task.FromResult(server.Statistics.Count(S3Operation.UploadPart) > 0), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(10));

        // Another node of ours stores another file at this key, as the ledger learns.
        await using (var other = new S3ObjectStore(SettingsOf(server), AccessTo(server)))
        {
            var facts = await other.PutAsync(new PutRequest(new ObjectAddress(Bucket, "large"), new BodyOf("another file's"u8.ToArray(), other.Traits), ObjectAttributes.None, null), default);
            await Ledger.CommitAsync(
                [
                    new FileStored(
                        "shots",
                        "another",
                        new StoredVersion(new Core.Files.Fingerprint(1, 1, 1, 1), other.Traits.Name, new ObjectAddress(Bucket, "large"), facts.Object!.ETag, facts.Object.Digests, null, DateTimeOffset.UtcNow),
                        DateTimeOffset.UtcNow),
                ],
                default);
        }

        Assert.Equal(1, (await run).SetAside);
        Assert.Equal("another file's"u8.ToArray(), Stored("large"));
        Assert.True(File.Exists(Path.Combine(Source, "large")));
    }

    [Fact]
    public async Task After_a_crash_before_the_record_the_next_run_ends_what_it_began_and_nothing_else()
    {
        var server = await StartAsync();
        await using var store = new S3ObjectStore(SettingsOf(server), AccessTo(server));
        await StoreAsync(store, "makes the bucket");
        var theirs = await store.CreateMultipartAsync(new CreateMultipartRequest(new ObjectAddress(Bucket, "large-as-well"), ObjectAttributes.None), default);
        await Ledger.CommitAsync(
            [new MultipartIntended(new MultipartIntent("shots", "large", store.Traits.Name, new ObjectAddress(Bucket, "large"), DateTimeOffset.UtcNow))], default);
        await store.CreateMultipartAsync(new CreateMultipartRequest(new ObjectAddress(Bucket, "large"), ObjectAttributes.None), default);

        Assert.True((await RunAsync(server)).IsEmpty);
        Assert.Equal([theirs], await OpenUploadsAsync(store));
    }

    [Fact]
    public async Task The_parts_of_a_file_that_is_gone_are_ended()
    {
        var server = await StartAsync();
        await using var store = new S3ObjectStore(SettingsOf(server), AccessTo(server));
        await StoreAsync(store, "makes the bucket");
        Write("large", Content(100));
        var address = new ObjectAddress(Bucket, "large");
        var id = await store.CreateMultipartAsync(new CreateMultipartRequest(address, ObjectAttributes.None), default);
        var upload = new MultipartProgress("shots", "large", VersionOf("large"), store.Traits.Name, address, ObjectAttributes.None.Summary, id, 16, [], DateTimeOffset.UtcNow);
        await Ledger.CommitAsync([new MultipartBegun(upload, DateTimeOffset.UtcNow)], default);
        File.Delete(Path.Combine(Source, "large"));

        Assert.True((await RunAsync(server)).IsEmpty);
        await NothingIsLeftAsync(server);
    }

    [Fact]
    public async Task A_run_without_large_files_makes_no_request_about_uploads()
    {
        Write("small", Content(10));
        var server = await StartAsync();
        Assert.True((await RunAsync(server)).IsEmpty);
        Assert.Equal(1, server.Statistics.Total);
    }

    private static S3StoreSettings SettingsOf(SandboxServer server, ChecksumMode checksum = ChecksumMode.Crc32C, ConditionSupport support = ConditionSupport.Native) =>
        new() { Endpoint = server.Endpoint, Checksum = checksum, ConditionalPut = support, ConditionalComplete = support };

    private static S3Access AccessTo(SandboxServer server)
    {
        var options = new SandboxOptions();
        return S3Access.WithKeys(options.AccessKey, options.SecretKey, options.Region);
    }

    private static async Task StoreAsync(S3ObjectStore store, string key) =>
        await store.PutAsync(new PutRequest(new ObjectAddress(Bucket, key), new BodyOf("x"u8.ToArray(), store.Traits), ObjectAttributes.None, null), default);

    private static async Task<List<string>> OpenUploadsAsync(S3ObjectStore store)
    {
        var open = new List<string>();
        await foreach (var upload in store.ListMultipartsAsync(Bucket, "", default))
        {
            open.Add(upload.UploadId);
        }

        return open;
    }

    private Task<Flow.RouteRemainder> RunAsync(SandboxServer server, ChecksumMode checksum = ChecksumMode.Crc32C, ConditionSupport support = ConditionSupport.Native) =>
        RunAsync(SettingsOf(server, checksum, support), AccessTo(server), Small);

    private async Task<SandboxServer> StartAsync(bool nullMode = false)
    {
        var server = await SandboxServer.StartAsync(
            new SandboxOptions { RootFolder = ServerFolder, CreateBucketsOnDemand = true, MinPartSizeBytes = 1, NullMode = nullMode });
        servers.Add(server);
        return server;
    }

    private byte[] Stored(string key) => File.ReadAllBytes(Path.Combine(ServerFolder, Bucket, key));

    private async Task NothingIsLeftAsync(SandboxServer server)
    {
        Assert.Empty(await Ledger.OpenMultipartsAsync(default));
        await using var store = new S3ObjectStore(SettingsOf(server), AccessTo(server));
        Assert.Empty(await OpenUploadsAsync(store));
    }
}
