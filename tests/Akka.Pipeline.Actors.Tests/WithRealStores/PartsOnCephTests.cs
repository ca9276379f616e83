namespace Akka.Pipeline.Actors.Tests.WithRealStores;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.S3;

/// <summary>Files in parts, and what is left of them, on a real S3 server with its own limits.</summary>
public sealed class PartsOnCephTests : RealStoreTest
{
    private const int PartSize = 5 << 20;
    private CephCluster ceph = null!;
    private string bucket = null!;
    private S3ObjectStore store = null!;
    private S3Looker looker = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        ceph = await CephCluster.GetAsync();
        looker = new S3Looker(ceph.Endpoint, ceph.AccessKey, ceph.SecretKey);
        bucket = await looker.NewBucketAsync();
        store = new S3ObjectStore(Settings, Access);
        Uploads = Uploads with { PartSizeBytes = PartSize, MultipartFromBytes = PartSize };
    }

    public override async Task DisposeAsync()
    {
        await (store?.DisposeAsync() ?? ValueTask.CompletedTask);
        looker?.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Files_around_the_smallest_part_arrive_byte_for_byte()
    {
        int[] sizes = [0, PartSize - 1, PartSize, PartSize + 1, (2 * PartSize) + 1];
        foreach (var size in sizes)
        {
            Write($"of-{size}", Content(size, size));
        }

        Assert.True((await RunAsync(Settings, Access, null, bucket)).IsEmpty);
        foreach (var size in sizes)
        {
            var arrived = await looker.ReadAsync(new ObjectAddress(bucket, $"of-{size}"));
            Assert.True(Content(size, size).AsSpan().SequenceEqual(arrived), $"of-{size} holds other bytes.");
        }

        Assert.Empty(await OpenUploadsAsync());
    }

    [Fact]
    public async Task What_was_begun_without_a_record_is_ended_and_an_upload_of_others_is_not()
    {
        var theirs = await BeginAsync("large-as-well");
        var name = store.Traits.Name;
        var at = DateTimeOffset.UtcNow;
        await Ledger.CommitAsync([new MultipartIntended(new MultipartIntent("shots", "large", name, new ObjectAddress(bucket, "large"), at))], default);
        await BeginAsync("large");
        var gone = await BeginAsync("gone");
        var upload = new MultipartProgress(
            "shots", "gone", new Core.Files.Fingerprint(1, 1, 1, 1), name, new ObjectAddress(bucket, "gone"), ObjectAttributes.None.Summary, gone, PartSize, [], at);
        await Ledger.CommitAsync([new MultipartBegun(upload, at)], default);

        Assert.True((await RunAsync(Settings, Access, null, bucket)).IsEmpty);
        Assert.Equal([theirs], await OpenUploadsAsync());
        Assert.Empty(await Ledger.OpenMultipartsAsync(default));
    }

    [Fact]
    public async Task An_upload_that_was_aborted_by_somebody_begins_anew_without_a_failure()
    {
        Write("large", Content(PartSize + 1));
        var id = await BeginAsync("large");
        var upload = new MultipartProgress(
            "shots", "large", VersionOf("large"), store.Traits.Name, new ObjectAddress(bucket, "large"), ObjectAttributes.None.Summary, id, PartSize, [], DateTimeOffset.UtcNow);
        await Ledger.CommitAsync([new MultipartBegun(upload, DateTimeOffset.UtcNow)], default);
        await store.AbortMultipartAsync(upload.Address, id, default);

        Assert.True((await RunAsync(Settings, Access, null, bucket)).IsEmpty);
        Assert.Equal(0, Meters.FilesFailed);
        Assert.Equal(Content(PartSize + 1), await looker.ReadAsync(upload.Address));
        Assert.Empty(await Ledger.OpenMultipartsAsync(default));
    }

    private S3StoreSettings Settings => new() { Endpoint = ceph.Endpoint };

    private S3Access Access => S3Access.WithKeys(ceph.AccessKey, ceph.SecretKey, "us-east-1");

    private Task<string> BeginAsync(string key) => store.CreateMultipartAsync(new CreateMultipartRequest(new ObjectAddress(bucket, key), ObjectAttributes.None), default);

    private async Task<List<string>> OpenUploadsAsync()
    {
        var open = new List<string>();
        await foreach (var upload in store.ListMultipartsAsync(bucket, "", default))
        {
            open.Add(upload.UploadId);
        }

        return open;
    }
}
