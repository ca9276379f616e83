namespace Akka.Pipeline.Sandbox.Bodies;

using System.Buffers;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Faults;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>A body that was received, checked, and written to a temporary file.</summary>
/// <param name="Md5">Of what the entity tag is to be made.</param>
internal sealed record ReceivedBody(TemporaryFile File, long SizeBytes, byte[] Md5, Checksum Checksum) : IDisposable
{
    public string ETag { get; } = Convert.ToHexStringLower(Md5);

    public void Dispose() => File.Dispose();
}

/// <summary>Reads bodies to their end and holds them against what was said of them.</summary>
internal static class BodyIntake
{
    private const int BufferBytes = 64 * 1024;
    private const int MaxDocumentBytes = 4 << 20;

    /// <param name="fallback">Algorithm for a body about which nothing is said.</param>
    public static async Task<ReceivedBody> ReceiveAsync(
        S3Request request, ChecksumClaim claim, ChecksumAlgorithm fallback, TemporaryFiles files, CancellationToken cancellation)
    {
        if (request.BelievesClient)
        {
            return await BelievedBody.ReceiveAsync(request, claim, fallback, files, cancellation);
        }

        var file = files.Create();
        try
        {
            var algorithm = claim.Algorithm ?? fallback;
            using var received = new BodyDigests(algorithm);
            using var stored = request.Faults.Corruption is Corruption.Honest ? new BodyDigests(algorithm) : null;
            var corrupts = request.Faults.Corruption is not null;
            var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(request.Body.LengthBytes, 1024, BufferBytes));
            try
            {
                int count;
                while ((count = await request.Body.ReadAsync(buffer, cancellation)) > 0)
                {
                    received.Append(buffer.AsSpan(0, count));
                    if (corrupts)
                    {
                        buffer[0] ^= 1;
                        corrupts = false;
                    }

                    stored?.Append(buffer.AsSpan(0, count));
                    file.Append(buffer.AsSpan(0, count));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            received.Finish();
            claim.Check(request.Body, received);
            stored?.Finish();
            file.Finish();
            var shown = stored ?? received;
            return new(file, shown.SizeBytes, shown.Md5, new Checksum(algorithm, ChecksumType.FullObject, shown.ChecksumValue));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a body that is a document.</summary>
    public static async Task<byte[]> ReadDocumentAsync(S3Request request, CancellationToken cancellation, bool checksumIsOfObject = false)
    {
        if (request.Body.LengthBytes > MaxDocumentBytes)
        {
            throw new S3Exception(400, "MaxMessageLengthExceeded", "Your request was too big.");
        }

        // The checksum headers of CompleteMultipartUpload speak of the object, not of the document.
        var claim = checksumIsOfObject ? new ChecksumClaim(null, null, null) : ChecksumClaim.From(request);
        using var digests = new BodyDigests(claim.Algorithm ?? ChecksumAlgorithm.Crc32);
        var document = new byte[request.Body.LengthBytes];
        var filled = 0;
        var rest = new byte[1];
        int count;
        while ((count = await request.Body.ReadAsync(filled < document.Length ? document.AsMemory(filled) : rest, cancellation)) > 0)
        {
            digests.Append(document.AsSpan(filled, count));
            filled += count;
        }

        digests.Finish();
        claim.Check(request.Body, digests);
        return document;
    }
}
