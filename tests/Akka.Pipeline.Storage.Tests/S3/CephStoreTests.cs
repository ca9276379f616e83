namespace Akka.Pipeline.Storage.Tests.S3;

using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>The contract on a Ceph gateway: MD5, ETags, conditions of Ceph's own kind.</summary>
public class CephStoreTests : MultipartStoreContract
{
    private CephCluster cluster = null!;
    private S3Looker looker = null!;

    protected override bool CompletesAgain => true;

    protected virtual DataPlane Plane => DataPlane.Direct;

    public override async Task DisposeAsync()
    {
        looker?.Dispose();
        await base.DisposeAsync();
    }

    protected override async Task<IObjectStore> OpenAsync()
    {
        cluster = await CephCluster.GetAsync();
        looker = new S3Looker(cluster.Endpoint, cluster.AccessKey, cluster.SecretKey);
        return new S3ObjectStore(new S3StoreSettings { Endpoint = cluster.Endpoint, DataPlane = Plane }, S3Access.WithKeys(cluster.AccessKey, cluster.SecretKey, "us-east-1"));
    }

    protected override Task<string> NewBucketAsync() => looker.NewBucketAsync();

    private protected S3Looker Looker => looker;

    protected override Task<byte[]?> ReadAsync(ObjectAddress address) => looker.ReadAsync(address);
}

/// <summary>The same, where the AWS SDK sends the bytes too.</summary>
public sealed class CephStoreThroughTheSdkTests : CephStoreTests
{
    protected override DataPlane Plane => DataPlane.Sdk;
}

/// <summary>
/// The same in a bucket that keeps versions. There Ceph 16 refuses every If-Match, even the right one, and lets all writers through that come at the
/// same instant with If-None-Match; each leaves a version, so nothing is lost (2026-11).
/// </summary>
public sealed class CephStoreWithVersionsTests : CephStoreTests
{
    protected override bool RefereesRaces => false;

    protected override async Task<string> NewBucketAsync()
    {
        var bucket = await base.NewBucketAsync();
        await Looker.KeepVersionsAsync(bucket);
        return bucket;
    }
}
