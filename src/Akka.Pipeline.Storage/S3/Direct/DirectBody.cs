namespace Akka.Pipeline.Storage.S3.Direct;

using System.Buffers;
using System.Net;
using System.Net.Http;
using Akka.Pipeline.Core.Stores;

/// <summary>A body on its way: straight from memory where it lies there, else in large blocks, each of which is progress.</summary>
internal sealed class DirectBody(IUploadBody body, StallClock clock) : HttpContent
{
    // On a line of 1 Mbit/s that 30 uploads share, one block takes 30 s.
    private const int BlockBytes = 128 << 10;

    protected override bool TryComputeLength(out long length)
    {
        length = body.LengthBytes;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var memory = body.Memory;
        return memory.Length != body.LengthBytes ? CopyAsync(stream, cancellationToken)
            : memory.Length <= BlockBytes ? stream.WriteAsync(memory, cancellationToken).AsTask()
            : WriteAsync(memory, stream, cancellationToken);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> memory, Stream stream, CancellationToken cancellation)
    {
        for (var at = 0; at < memory.Length; at += BlockBytes)
        {
            clock.Touch();
            await stream.WriteAsync(memory.Slice(at, Math.Min(BlockBytes, memory.Length - at)), cancellation);
        }

        clock.Touch();
    }

    private async Task CopyAsync(Stream stream, CancellationToken cancellation)
    {
        await using var from = body.OpenRead();
        var block = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(body.LengthBytes, 1, BlockBytes));
        try
        {
            while (true)
            {
                // What the bandwidth limit holds back is not the store's delay.
                clock.Pause();
                var read = await from.ReadAsync(block.AsMemory(0, Math.Min(block.Length, BlockBytes)), cancellation);
                clock.Touch();
                if (read == 0)
                {
                    return;
                }

                await stream.WriteAsync(block.AsMemory(0, read), cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
