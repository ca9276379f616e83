namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;

/// <summary>Stands for a store in a dry run, which asks no store for anything: opening the real one may need credentials, or make a folder.</summary>
/// <param name="name">Of the store it stands for.</param>
internal sealed class UnaskedStore(string name) : IObjectStore
{
    public StoreTraits Traits { get; } = new(name, DigestKinds.None, FullObjectChecksum: false, Multipart: null, ConditionalWrites: false, ConditionalComplete: false);

    public Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation) => throw Asked();

    public Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation) => throw Asked();

    public Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation) => throw Asked();

    public Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation) => throw Asked();

    public Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) => throw Asked();

    public Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation) => throw Asked();

    public Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) => throw Asked();

    public IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, CancellationToken cancellation) => throw Asked();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static InvalidOperationException Asked() => new("A dry run has asked a store.");
}
