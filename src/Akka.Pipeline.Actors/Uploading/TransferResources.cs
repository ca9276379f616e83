namespace Akka.Pipeline.Actors.Uploading;

using System.Collections.Concurrent;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Uploading;

/// <summary>What the uploads of a node share: memory for bodies, bandwidth, and the way to the ledger.</summary>
public sealed class TransferResources(NodeContext node, Func<LedgerChange, CancellationToken, Task> record)
{
    private readonly Lock bandwidthGate = new();
    private readonly TokenBucket? bandwidth = node.Settings.Uploads.BandwidthBytesPerSecond is { } rate ? new TokenBucket(rate, node.MonotonicNow()) : null;

    public NodeContext Node { get; } = node;

    /// <summary>Ends multipart uploads that nobody goes on with.</summary>
    internal LeftoverUploads Leftovers { get; } = new(node.Ledger, record, node.Now);

    /// <summary>Unfinished uploads whose parts this process has read itself.</summary>
    internal ConcurrentDictionary<string, bool> ReadHere { get; } = new(StringComparer.Ordinal);

    /// <summary>Memory for bodies under way.</summary>
    public ByteBudget Buffers { get; } = new(node.Settings.Uploads.BufferBytes);

    public bool LimitsBandwidth => bandwidth is not null;

    /// <summary>Commits a change, and returns once it is durable.</summary>
    public Task RecordAsync(LedgerChange change, CancellationToken cancellation) => record(change, cancellation);

    /// <summary>Waits until that many bytes may flow.</summary>
    public ValueTask FlowAsync(int bytes, CancellationToken cancellation)
    {
        if (bandwidth is null)
        {
            return ValueTask.CompletedTask;
        }

        TimeSpan wait;
        lock (bandwidthGate)
        {
            wait = bandwidth.Take(bytes, Node.MonotonicNow());
        }

        return wait > TimeSpan.Zero ? new ValueTask(Task.Delay(wait, Node.Time, cancellation)) : ValueTask.CompletedTask;
    }
}
