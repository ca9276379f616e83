namespace Akka.Pipeline.Storage.Tests.S3;

using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>The contract on a Ceph gateway: MD5, ETags, conditions of Ceph's own kind.</summary>
public sealed class CephStoreTests : MultipartStoreContract
{
    private CephCluster cluster = null!;
    private S3Looker looker = null!;

    protected override bool CompletesAgain => true;

    public override async Task DisposeAsync()
    {
        looker?.Dispose();
        await base.DisposeAsync();
    }

    protected override async Task<IObjectStore> OpenAsync()
    {
        cluster = await CephCluster.GetAsync();
        looker = new S3Looker(cluster.Endpoint, cluster.AccessKey, cluster.SecretKey);
        return new S3ObjectStore(new S3StoreSettings { Endpoint = cluster.Endpoint }, S3Access.WithKeys(cluster.AccessKey, cluster.SecretKey, "us-east-1"));
    }

    protected override Task<string> NewBucketAsync() => looker.NewBucketAsync();

    protected override Task<byte[]?> ReadAsync(ObjectAddress address) => looker.ReadAsync(address);
}
