namespace Akka.Pipeline.Storage.S3;

using System.Collections.Concurrent;

/// <summary>Ends a request that makes no progress for a time, or whose caller gives up.</summary>
internal sealed class StallClock : IDisposable
{
    // One for each request under way: they and their timers are used again.
    private static readonly ConcurrentQueue<CancellationTokenSource> Spare = new();

    private readonly Lock gate = new();
    private readonly CancellationTokenRegistration caller;
    private readonly TimeSpan limit;
    private CancellationTokenSource? source;

    public StallClock(TimeSpan limit, CancellationToken caller)
    {
        this.limit = limit;
        source = Spare.TryDequeue(out var spare) ? spare : new CancellationTokenSource();
        Token = source.Token;
        this.caller = caller.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
        source.CancelAfter(limit);
    }

    public CancellationToken Token { get; }

    /// <summary>There was progress: the time starts anew.</summary>
    public void Touch() => Set(limit);

    /// <summary>Until the next <see cref="Touch"/> it is not the store that is waited for.</summary>
    public void Pause() => Set(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        CancellationTokenSource? mine;
        lock (gate)
        {
            mine = source;
            source = null;
        }

        if (mine is null)
        {
            return;
        }

        caller.Dispose();
        if (mine.TryReset())
        {
            Spare.Enqueue(mine);
        }
        else
        {
            mine.Dispose();
        }
    }

    // A body that is still being taken after the request has ended must not set the clock of another one.
    private void Set(TimeSpan time)
    {
        lock (gate)
        {
            source?.CancelAfter(time);
        }
    }
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
