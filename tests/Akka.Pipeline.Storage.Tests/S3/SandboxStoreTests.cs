namespace Akka.Pipeline.Storage.Tests.S3;

using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>The contract on the sandbox, which stands in for AWS: CRC-32C, whole-object checksums, conditions everywhere.</summary>
public class SandboxStoreTests : MultipartStoreContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-sandbox-").FullName;
    private SandboxServer server = null!;
    private S3Looker looker = null!;

    protected override bool CompletesAgain => true;

    protected virtual DataPlane Plane => DataPlane.Direct;

    public override async Task DisposeAsync()
    {
        looker?.Dispose();
        await base.DisposeAsync();
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    protected override async Task<IObjectStore> OpenAsync()
    {
        var options = new SandboxOptions { RootFolder = folder };
        server = await SandboxServer.StartAsync(options);
        looker = new S3Looker(server.Endpoint, options.AccessKey, options.SecretKey);
        return new S3ObjectStore(
            new S3StoreSettings { Endpoint = server.Endpoint, Checksum = ChecksumMode.Crc32C, ConditionalPut = ConditionSupport.Native, ConditionalComplete = ConditionSupport.Native, DataPlane = Plane },
            S3Access.WithKeys(options.AccessKey, options.SecretKey, options.Region));
    }

    protected override Task<string> NewBucketAsync() => looker.NewBucketAsync();

    protected override Task<byte[]?> ReadAsync(ObjectAddress address) => looker.ReadAsync(address);
}

/// <summary>The same, where the AWS SDK sends the bytes too.</summary>
public sealed class SandboxStoreThroughTheSdkTests : SandboxStoreTests
{
    protected override DataPlane Plane => DataPlane.Sdk;
}
