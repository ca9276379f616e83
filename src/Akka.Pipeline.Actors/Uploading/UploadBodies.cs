namespace Akka.Pipeline.Actors.Uploading;

using System.Buffers;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Stores;

/// <summary>The file changed while its bytes were on their way.</summary>
internal sealed class FileChangedException : Exception
{
    public FileChangedException()
        : base("The file changed while it was read.")
    {
    }
}

/// <summary>A stretch of a file, read once into memory: what was hashed is what is sent.</summary>
internal sealed class MemoryBody : IUploadBody, IDisposable
{
    private readonly TransferResources resources;
    private readonly ByteBudget.Share share;
    private readonly byte[] buffer;

    private MemoryBody(TransferResources resources, ByteBudget.Share share, byte[] buffer, int length, DigestSet digests)
    {
        this.resources = resources;
        this.share = share;
        this.buffer = buffer;
        LengthBytes = length;
        Digests = digests;
    }

    public long LengthBytes { get; }

    public DigestSet Digests { get; }

    public ReadOnlyMemory<byte> Memory => resources.LimitsBandwidth ? default : Content;

    private ReadOnlyMemory<byte> Content => buffer.AsMemory(0, (int)LengthBytes);

    /// <summary>Reads and hashes.</summary>
    /// <exception cref="FileChangedException">The file ends before the stretch does.</exception>
    public static async Task<MemoryBody> ReadAsync(
        ISourceFile file, long offsetBytes, int lengthBytes, DigestKinds digests, TransferResources resources, CancellationToken cancellation)
    {
        return Read(file, offsetBytes, lengthBytes, digests, resources, await resources.Buffers.TakeAsync(lengthBytes, cancellation));
    }

    /// <summary>Reads and hashes if there is memory for it at once; otherwise null.</summary>
    /// <exception cref="FileChangedException">The file ends before the stretch does.</exception>
    public static MemoryBody? TryRead(ISourceFile file, long offsetBytes, int lengthBytes, DigestKinds digests, TransferResources resources) =>
        resources.Buffers.TryTake(lengthBytes) is { } share ? Read(file, offsetBytes, lengthBytes, digests, resources, share) : null;

    private static MemoryBody Read(ISourceFile file, long offsetBytes, int lengthBytes, DigestKinds digests, TransferResources resources, ByteBudget.Share share)
    {
        var buffer = resources.Memory.Rent(lengthBytes);
        try
        {
            using var hasher = new ContentHasher(digests);
            for (var filled = 0; filled < lengthBytes;)
            {
                var read = file.Read(buffer.AsSpan(filled, Math.Min(lengthBytes - filled, FileBody.HashBlockBytes)), offsetBytes + filled);
                if (read == 0)
                {
                    throw new FileChangedException();
                }

                hasher.Append(buffer.AsSpan(filled, read));
                filled += read;
            }

            return new MemoryBody(resources, share, buffer, lengthBytes, hasher.Finish());
        }
        catch
        {
            resources.Memory.Return(buffer);
            share.Dispose();
            throw;
        }
    }

    public Stream OpenRead()
    {
        var stream = new MemoryStream(buffer, 0, (int)LengthBytes, writable: false);
        return resources.LimitsBandwidth ? new PacedStream(stream, resources) : stream;
    }

    /// <summary>Digests of the same bytes that were not computed in the first pass.</summary>
    public DigestSet Digest(DigestKinds kinds)
    {
        using var hasher = new ContentHasher(kinds);
        hasher.Append(Content.Span);
        return hasher.Finish();
    }

    public void Dispose()
    {
        resources.Memory.Return(buffer);
        share.Dispose();
    }
}

/// <summary>
/// A stretch of a file that is too long for memory: hashed in one pass, sent in a second. If the file changes in between, the last bytes are never
/// handed out, so the request cannot be completed with a mixture.
/// </summary>
internal sealed class FileBody(ISourceFile file, long offsetBytes, long lengthBytes, DigestSet digests, TransferResources resources) : IUploadBody
{
    /// <summary>What is hashed right after it was read is still in the processor's cache.</summary>
    internal const int HashBlockBytes = 256 << 10;

    public long LengthBytes { get; } = lengthBytes;

    public DigestSet Digests { get; } = digests;

    public ReadOnlyMemory<byte> Memory => default;

    /// <summary>Why the file could not be handed out to its end. A store cannot tell that from a broken connection.</summary>
    public Exception? Broken { get; private set; }

    /// <summary>Hashes a stretch of a file.</summary>
    /// <exception cref="FileChangedException">The file ends before the stretch does.</exception>
    public static DigestSet Digest(ISourceFile file, long offsetBytes, long lengthBytes, DigestKinds kinds, CancellationToken cancellation)
    {
        if (kinds == DigestKinds.None)
        {
            return DigestSet.Unknown;
        }

        var block = ArrayPool<byte>.Shared.Rent(HashBlockBytes);
        try
        {
            using var hasher = new ContentHasher(kinds);
            for (long done = 0; done < lengthBytes;)
            {
                cancellation.ThrowIfCancellationRequested();
                var read = file.Read(block.AsSpan(0, (int)Math.Min(HashBlockBytes, lengthBytes - done)), offsetBytes + done);
                if (read == 0)
                {
                    throw new FileChangedException();
                }

                hasher.Append(block.AsSpan(0, read));
                done += read;
            }

            return hasher.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    public Stream OpenRead()
    {
        Broken = null;
        var stream = new StretchStream(file, offsetBytes, LengthBytes, cause => Broken = cause);
        return resources.LimitsBandwidth ? new PacedStream(stream, resources) : stream;
    }
}
