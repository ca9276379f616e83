namespace Akka.Pipeline.Storage.Tests.Folders;

using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Folders;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>The contract on a folder as target. It refuses keys that no file system holds under that name.</summary>
public sealed class FolderStoreTests : ObjectStoreContract
{
    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-folder-").FullName;

    protected override IEnumerable<string> OddKeys => base.OddKeys.Where(key =>
        key.Split('/').All(component => component is not ("" or "." or "..") && System.Text.Encoding.UTF8.GetByteCount(component) <= 255));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    protected override Task<IObjectStore> OpenAsync() => Task.FromResult<IObjectStore>(new FolderStore(folder, TimeProvider.System));

    protected override Task<string> NewBucketAsync() => Task.FromResult("bucket");

    protected override async Task<byte[]?> ReadAsync(ObjectAddress address)
    {
        var file = Path.Combine(folder, address.Bucket, address.Key);
        return File.Exists(file) ? await File.ReadAllBytesAsync(file) : null;
    }
}
