namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Stores;

/// <summary>What one route has handed to the uploaders and they have not begun.</summary>
internal sealed class UploadQueue(RouteContext route, IActorRef replies, IActorRef dedupe, Func<UploadPlan, bool> isLarge)
{
    private readonly LinkedList<UploadPlan> plans = new();
    private int large;

    public RouteContext Route { get; } = route;

    /// <summary>The route's actor.</summary>
    public IActorRef Replies { get; } = replies;

    /// <summary>Where more work comes from.</summary>
    public IActorRef Dedupe { get; } = dedupe;

    /// <summary>Files asked for and not yet received.</summary>
    public int AskedFor { get; set; }

    public int Count => plans.Count;

    /// <summary>Whether files wait that go in one request.</summary>
    public bool HasSmall => plans.Count > large;

    /// <summary>From now on the smallest is the oldest.</summary>
    public bool SmallestFirst { get; private set; }

    /// <summary>Length of the shortest file that waits, or null.</summary>
    public long? ShortestBytes => plans.Count == 0 ? null : plans.Min(plan => plan.Fingerprint.SizeBytes);

    public void OrderBySize()
    {
        SmallestFirst = true;
        Add([]);
    }

    public void Add(IReadOnlyList<UploadPlan> more)
    {
        if (SmallestFirst)
        {
            more = [.. plans.Concat(more).OrderBy(plan => plan.Fingerprint.SizeBytes)];
            plans.Clear();
            large = 0;
        }

        foreach (var plan in more)
        {
            plans.AddLast(plan);
            large += isLarge(plan) ? 1 : 0;
        }
    }

    /// <summary>Takes all plans that fit, as seen from the oldest on, and takes them out.</summary>
    public List<UploadPlan> TakeWhere(Func<UploadPlan, bool> fits)
    {
        var taken = new List<UploadPlan>();
        for (var node = plans.First; node is not null;)
        {
            var next = node.Next;
            if (fits(node.Value))
            {
                taken.Add(node.Value);
                Remove(node);
            }

            node = next;
        }

        return taken;
    }

    /// <summary>
    /// Takes the next batch: from the oldest plan on that may go, small files together, a large one alone.
    /// </summary>
    /// <param name="mayGo">Its key is not being written, and nothing that it needs is blocked.</param>
    /// <param name="most">Files at most.</param>
    /// <param name="mostBytes">Bytes at most, unless the first alone has more.</param>
    public List<UploadPlan> TakeBatch(Func<UploadPlan, bool> mayGo, int most, long mostBytes)
    {
        var batch = new List<UploadPlan>();
        var keys = new HashSet<ObjectAddress>();
        long bytes = 0;
        for (var node = plans.First; node is not null && batch.Count < most;)
        {
            var next = node.Next;
            var size = node.Value.Fingerprint.SizeBytes;
            if (mayGo(node.Value) && !keys.Contains(node.Value.Address))
            {
                if (batch.Count > 0 && bytes + size > mostBytes)
                {
                    break;
                }

                batch.Add(node.Value);
                keys.Add(node.Value.Address);
                bytes += size;
                Remove(node);
            }

            node = next;
        }

        return batch;
    }

    private void Remove(LinkedListNode<UploadPlan> node)
    {
        plans.Remove(node);
        large -= isLarge(node.Value) ? 1 : 0;
    }
}
