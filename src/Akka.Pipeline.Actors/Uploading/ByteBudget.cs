namespace Akka.Pipeline.Actors.Uploading;

/// <summary>
/// A bound on memory: takers wait, in order, until enough of it is free. One taker may take more than the whole budget, but only alone, so
/// that nothing waits for ever. A taker holds one share at a time.
/// </summary>
public sealed class ByteBudget(long totalBytes)
{
    private readonly Lock gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> waiting = new();
    private long freeBytes = totalBytes;

    /// <summary>The whole budget in bytes.</summary>
    public long TotalBytes { get; } = totalBytes;

    /// <summary>Takes a share; dispose of the result to give it back.</summary>
    public async ValueTask<Share> TakeAsync(long bytes, CancellationToken cancellation)
    {
        var share = Math.Min(bytes, TotalBytes);
        LinkedListNode<(long, TaskCompletionSource Granted)> place;
        lock (gate)
        {
            if (waiting.Count == 0 && freeBytes >= share)
            {
                freeBytes -= share;
                return new Share(this, share);
            }

            place = waiting.AddLast((share, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        await using (cancellation.Register(() => Withdraw(place, cancellation)))
        {
            await place.Value.Granted.Task;
        }

        return new Share(this, share);
    }

    /// <summary>Takes a share if it can be had at once; otherwise null.</summary>
    public Share? TryTake(long bytes)
    {
        lock (gate)
        {
            if (waiting.Count > 0 || freeBytes < bytes)
            {
                return null;
            }

            freeBytes -= bytes;
            return new Share(this, bytes);
        }
    }

    private void Withdraw(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> place, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (place.List is null)
            {
                return;
            }

            waiting.Remove(place);
            Grant();
        }

        place.Value.Granted.TrySetCanceled(cancellation);
    }

    private void GiveBack(long bytes)
    {
        lock (gate)
        {
            freeBytes += bytes;
            Grant();
        }
    }

    private void Grant()
    {
        while (waiting.First is { } first && first.Value.Bytes <= freeBytes)
        {
            freeBytes -= first.Value.Bytes;
            waiting.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }

    /// <summary>A share of the budget.</summary>
    public sealed class Share(ByteBudget budget, long bytes) : IDisposable
    {
        private ByteBudget? owner = budget;

        public void Dispose() => Interlocked.Exchange(ref owner, null)?.GiveBack(bytes);
    }
}
