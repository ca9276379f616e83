namespace Akka.Pipeline.Actors.Uploading;

using System.Collections.Concurrent;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Ledger;

/// <summary>What the uploads of a pipeline share: memory for bodies, bandwidth, and the way to the ledger.</summary>
public sealed class TransferResources(NodeContext node, Func<LedgerChange, CancellationToken, Task> record)
{
    public NodeContext Node { get; } = node;

    /// <summary>Ends multipart uploads that nobody goes on with.</summary>
    internal LeftoverUploads Leftovers { get; } = new(node.Ledger, record, node.Now);

    /// <summary>Unfinished uploads whose parts this process has read itself.</summary>
    internal ConcurrentDictionary<string, bool> ReadHere { get; } = new(StringComparer.Ordinal);

    /// <summary>Of files that go in parts now: bytes of finished parts, by route and path.</summary>
    internal ConcurrentDictionary<(string Route, string Path), long> FinishedBytes { get; } = new();

    private readonly ConcurrentDictionary<string, FirstLooks> firstLooks = new(StringComparer.Ordinal);

    /// <summary>Of a route.</summary>
    internal FirstLooks FirstLooksOf(RouteContext route) => firstLooks.GetOrAdd(route.Name, _ => new FirstLooks(route, Node.Ledger));

    /// <summary>Memory for bodies under way.</summary>
    public ByteBudget Buffers => Node.Limits.Buffers;

    internal BodyMemory Memory => Node.Limits.Memory;

    public bool LimitsBandwidth => Node.Limits.LimitsBandwidth;

    /// <summary>Commits a change, and returns once it is durable.</summary>
    public Task RecordAsync(LedgerChange change, CancellationToken cancellation) => record(change, cancellation);

    /// <summary>Waits until that many bytes may flow.</summary>
    public ValueTask FlowAsync(int bytes, CancellationToken cancellation) => Node.Limits.FlowAsync(bytes, cancellation);
}
