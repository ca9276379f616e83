namespace Akka.Pipeline.Actors.Uploading;

using System.Runtime.ExceptionServices;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;

/// <summary>Brings single parts of an open file into its store.</summary>
/// <param name="route">The file's route.</param>
/// <param name="resources">What uploads share.</param>
/// <param name="file">The file.</param>
/// <param name="changedUnixNs">Its ctime, where it tells anything.</param>
internal sealed class PartSender(RouteContext route, TransferResources resources, ISourceFile file, long? changedUnixNs)
{
    private readonly NodeContext node = resources.Node;

    /// <summary>Reads, hashes and sends one part.</summary>
    /// <exception cref="FileChangedException">The file is another version by now.</exception>
    /// <exception cref="StoreException">The store did not take it.</exception>
    public async Task<PartFacts> SendAsync(PartPlan parts, MultipartProgress upload, int number, CancellationToken cancellation)
    {
        var length = parts.LengthBytes(number);
        var offset = parts.OffsetBytes(number);
        var digests = route.Store.Traits.PutDigests;

        // Without memory for it a part is read twice, from the page cache the second time; that costs less than waiting for the other parts.
        using var buffered = length <= FileTransfer.BufferLimit(node.Settings.Uploads) ? MemoryBody.TryRead(file, offset, (int)length, digests, resources) : null;
        return await UploadAsync(buffered ?? (IUploadBody)new FileBody(file, offset, length, FileBody.Digest(file, offset, length, digests, cancellation), resources));

        async Task<PartFacts> UploadAsync(IUploadBody body)
        {
            // A part of another version must not stand beside parts of this one.
            if (!file.Check().IsStill(upload.Fingerprint, changedUnixNs))
            {
                throw new FileChangedException();
            }

            try
            {
                var facts = await route.Store.UploadPartAsync(new PartRequest(upload.Address, upload.UploadId, number, body), cancellation);
                node.Meters.Sent(body.LengthBytes);
                return facts;
            }
            catch (StoreException) when (body is FileBody { Broken: { } broken })
            {
                ExceptionDispatchInfo.Throw(broken);
                throw;
            }
        }
    }
}
