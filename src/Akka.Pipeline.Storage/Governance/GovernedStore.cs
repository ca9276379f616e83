namespace Akka.Pipeline.Storage.Governance;

using System.Runtime.CompilerServices;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// A store behind a governor. A request is repeated only where the port says that this is safe: a write carries its condition, so a repetition of one
/// that was carried out after all is refused and resolved by the caller. The beginning of a multipart upload is not repeated when its outcome is unknown.
/// </summary>
public sealed class GovernedStore(IObjectStore inner, RequestGovernor governor) : IObjectStore
{
    public StoreTraits Traits => inner.Traits;

    public int RequestsAtOnce => governor.CurrentLimit;

    public Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation) =>
        governor.RunAsync(stop => inner.HeadAsync(address, stop), repeatsUnknown: true, cancellation);

    public Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation) =>
        governor.RunAsync(stop => inner.PutAsync(request, stop), repeatsUnknown: true, cancellation, request.Body.LengthBytes);

    public Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation) =>
        governor.RunAsync(stop => inner.CreateMultipartAsync(request, stop), repeatsUnknown: false, cancellation);

    public Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation) =>
        governor.RunAsync(stop => inner.UploadPartAsync(request, stop), repeatsUnknown: true, cancellation, request.Body.LengthBytes);

    public Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) =>
        governor.RunAsync(stop => inner.ListPartsAsync(address, uploadId, stop), repeatsUnknown: true, cancellation);

    public Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation) =>
        governor.RunAsync(stop => inner.CompleteMultipartAsync(request, stop), repeatsUnknown: false, cancellation);

    public Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) =>
        governor.RunAsync(
            async stop =>
            {
                await inner.AbortMultipartAsync(address, uploadId, stop);
                return true;
            },
            repeatsUnknown: true,
            cancellation);

    public async IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Whole, so that it counts, waits its turn and is repeated like any other request; only uploads of one key are ever asked for.
        var uploads = await governor.RunAsync(
            async stop =>
            {
                var found = new List<OpenMultipart>();
                await foreach (var upload in inner.ListMultipartsAsync(bucket, keyPrefix, stop))
                {
                    found.Add(upload);
                }

                return found;
            },
            repeatsUnknown: true,
            cancellation);
        foreach (var upload in uploads)
        {
            yield return upload;
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
