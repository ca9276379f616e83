namespace Akka.Pipeline.Storage.S3;

/// <summary>Ends a request that makes no progress for a time, or whose caller gives up.</summary>
internal sealed class StallClock : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly TimeSpan limit;

    public StallClock(TimeSpan limit, CancellationToken caller)
    {
        this.limit = limit;
        source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        source.CancelAfter(limit);
    }

    public CancellationToken Token => source.Token;

    /// <summary>There was progress: the time starts anew.</summary>
    public void Touch() => source.CancelAfter(limit);

    /// <summary>Until the next <see cref="Touch"/> it is not the store that is waited for.</summary>
    public void Pause() => source.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => source.Dispose();
}

/// <summary>A request body that tells a <see cref="StallClock"/> whenever bytes of it are taken.</summary>
internal sealed class WatchedStream(Stream inner, StallClock clock) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        clock.Touch();
        return inner.Read(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        clock.Touch();
        return inner.ReadAsync(buffer, cancellationToken);
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
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
