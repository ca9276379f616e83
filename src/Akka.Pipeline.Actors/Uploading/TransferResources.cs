namespace Akka.Pipeline.Actors.Uploading;

using System.Collections.Concurrent;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

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

    /// <summary>Of each store: large files under way to it, and whether small ones wait.</summary>
    private readonly ConcurrentDictionary<string, (int Large, bool SmallOnesWait)> sharing = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, FirstLooks> firstLooks = new(StringComparer.Ordinal);

    /// <summary>Of a route.</summary>
    internal FirstLooks FirstLooksOf(RouteContext route) => firstLooks.GetOrAdd(route.Name, _ => new FirstLooks(route, Node.Ledger));

    /// <summary>How the slots are shared.</summary>
    internal SlotShare Share { get; } = new(node.Settings.Uploads);

    /// <summary>Notes who shares the requests to a store now.</summary>
    internal void Shared(IObjectStore store, int largeUnderWay, bool smallOnesWait) => sharing[store.Traits.Name] = (largeUnderWay, smallOnesWait);

    /// <summary>How many parts of one file may be under way to a store now.</summary>
    internal int PartsEach(IObjectStore store)
    {
        var (large, smallOnesWait) = sharing.GetValueOrDefault(store.Traits.Name);
        return Share.PartsEach(large, smallOnesWait, store.RequestsAtOnce);
    }

    /// <summary>Memory for bodies under way.</summary>
    public ByteBudget Buffers => Node.Limits.Buffers;

    internal BodyMemory Memory => Node.Limits.Memory;

    public bool LimitsBandwidth => Node.Limits.LimitsBandwidth;

    /// <summary>Commits a change, and returns once it is durable.</summary>
    public Task RecordAsync(LedgerChange change, CancellationToken cancellation) => record(change, cancellation);

    /// <summary>Waits until that many bytes may flow.</summary>
    public ValueTask FlowAsync(int bytes, CancellationToken cancellation) => Node.Limits.FlowAsync(bytes, cancellation);
}
