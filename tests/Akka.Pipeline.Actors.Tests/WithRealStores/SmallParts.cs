namespace Akka.Pipeline.Actors.Tests.WithRealStores;

using Akka.Pipeline.Core.Stores;

/// <summary>A store whose parts may be small, so that files of many parts are small as well.</summary>
internal sealed class SmallParts(IObjectStore inner, MultipartLimits limits) : IObjectStore
{
    public StoreTraits Traits => inner.Traits with { Multipart = limits };

    public Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation) => inner.HeadAsync(address, cancellation);

    public Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation) => inner.PutAsync(request, cancellation);

    public Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation) => inner.CreateMultipartAsync(request, cancellation);

    public Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation) => inner.UploadPartAsync(request, cancellation);

    public Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) =>
        inner.ListPartsAsync(address, uploadId, cancellation);

    public Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation) => inner.CompleteMultipartAsync(request, cancellation);

    public Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) => inner.AbortMultipartAsync(address, uploadId, cancellation);

    public IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, CancellationToken cancellation) =>
        inner.ListMultipartsAsync(bucket, keyPrefix, cancellation);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
