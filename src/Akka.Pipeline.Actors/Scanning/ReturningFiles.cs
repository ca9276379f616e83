namespace Akka.Pipeline.Actors.Scanning;

/// <summary>
/// Files that come back later, and when. A few are remembered by name; when they are many, the next walk finds the others as well and costs no memory.
/// </summary>
/// <param name="longest">No honest time is further away: a later one comes from a clock that was stepped back, and is due.</param>
internal sealed class ReturningFiles(TimeSpan longest)
{
    private const int MostNames = 10_000;

    private readonly PriorityQueue<string, DateTimeOffset> order = new();
    private readonly Dictionary<string, DateTimeOffset> planned = new(StringComparer.Ordinal);
    private DateTimeOffset? walkAt;

    /// <summary>When the first of them comes back, by name or by a walk.</summary>
    public DateTimeOffset? Next =>
        order.TryPeek(out _, out var first) ? (walkAt < first ? walkAt : first) : walkAt;

    /// <summary>A file comes back at that time, or at the earlier one that is planned already.</summary>
    public void Add(string path, DateTimeOffset at)
    {
        if (planned.TryGetValue(path, out var before) && before <= at)
        {
            return;
        }

        if (order.Count < MostNames)
        {
            planned[path] = at;
            order.Enqueue(path, at);
        }
        else
        {
            walkAt = walkAt < at ? walkAt : at;
        }
    }

    /// <summary>Takes the files whose time has come.</summary>
    public List<string> TakeDue(DateTimeOffset now, int most)
    {
        var paths = new List<string>();
        while (paths.Count < most && order.TryPeek(out var path, out var at) && IsDue(at, now))
        {
            order.Dequeue();
            if (planned.TryGetValue(path, out var planTime) && planTime == at)
            {
                planned.Remove(path);
                paths.Add(path);
            }
        }

        return paths;
    }

    /// <summary>Whether files that are not remembered by name are due.</summary>
    public bool NeedsWalk(DateTimeOffset now) => walkAt is { } at && IsDue(at, now);

    private bool IsDue(DateTimeOffset at, DateTimeOffset now) => at <= now || at - now > longest;

    /// <summary>A walk begins: it finds those that are not remembered by name.</summary>
    public void WalkBegins() => walkAt = null;

    /// <summary>A walk finds all of them now.</summary>
    public void Clear()
    {
        order.Clear();
        planned.Clear();
        walkAt = null;
    }
}
