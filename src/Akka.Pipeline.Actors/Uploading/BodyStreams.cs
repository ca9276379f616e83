namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Core.Files;

/// <summary>Reads a stretch of an open file; refuses to hand out the last bytes when the file has changed since it was opened.</summary>
internal sealed class StretchStream(ISourceFile file, long offsetBytes, long lengthBytes, Action<Exception> broke) : ReadOnlyStream(lengthBytes)
{
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return ReadChecked(buffer);
        }
        catch (Exception cause)
        {
            broke(cause);
            throw;
        }
    }

    private int ReadChecked(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, Length - Position);
        if (wanted == 0)
        {
            return 0;
        }

        var read = file.Read(buffer[..wanted], offsetBytes + Position);
        if (read == 0 || (Position + read == Length && file.Check().Fingerprint != file.OpenedAs))
        {
            throw new FileChangedException();
        }

        Position += read;
        return read;
    }
}

/// <summary>Lets bytes through at the pace that the bandwidth limit allows.</summary>
internal sealed class PacedStream(Stream inner, TransferResources resources) : ReadOnlyStream(inner.Length)
{
    private const int BlockBytes = 64 << 10;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer.Length > BlockBytes ? buffer[..BlockBytes] : buffer);
        resources.FlowAsync(read, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = inner.Read(buffer.Span[..Math.Min(buffer.Length, BlockBytes)]);
        await resources.FlowAsync(read, cancellationToken);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>What every stream over a body has in common: it can be read and sought, and its length is known.</summary>
internal abstract class ReadOnlyStream(long lengthBytes) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; } = lengthBytes;

    public override long Position { get; set; }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
