namespace Akka.Pipeline.Actors.Uploading;

using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;

/// <summary>The gates of a node: what is blocked, since when, and when it is tried again.</summary>
internal sealed class GateKeeper(NodeContext node, ILoggingAdapter log)
{
    private readonly Dictionary<(FailureScope Scope, string Name), Gate> gates = [];

    public bool AllOpen => gates.Count == 0;

    /// <summary>When the next closed gate lets an attempt through, of those that did not at the given time.</summary>
    public DateTimeOffset? NextAttemptAfter(DateTimeOffset time) =>
        gates.Values.Where(g => !g.Probing && g.NextAttemptAt > time).Select(g => (DateTimeOffset?)g.NextAttemptAt).Min();

    /// <summary>The gates in the way of a file, widest first.</summary>
    public static (FailureScope Scope, string Name)[] InTheWay(RouteContext route, string bucket) =>
    [
        (FailureScope.Node, "node"),
        (FailureScope.Store, route.Store.Traits.Name),
        (FailureScope.Bucket, BucketGate(route, bucket)),
    ];

    /// <summary>The closed gate in the way of a file that is widest, if any.</summary>
    public Gate? Closed(RouteContext route, string bucket, out FailureScope scope)
    {
        foreach (var key in InTheWay(route, bucket))
        {
            if (gates.TryGetValue(key, out var gate))
            {
                scope = key.Scope;
                return gate;
            }
        }

        scope = FailureScope.File;
        return null;
    }

    /// <summary>Whether a file may go: all its gates are open, or those that are closed let an attempt through now.</summary>
    public bool Admits(RouteContext route, string bucket)
    {
        if (gates.Count == 0)
        {
            return true;
        }

        var now = node.Now();
        return InTheWay(route, bucket).All(key => !gates.TryGetValue(key, out var gate) || gate.Admits(now));
    }

    /// <summary>A file goes; true when it is the one attempt at a closed gate.</summary>
    public bool Admitted(RouteContext route, string bucket)
    {
        var isProbe = false;
        foreach (var key in InTheWay(route, bucket))
        {
            if (gates.TryGetValue(key, out var gate))
            {
                gates[key] = gate.Admitted();
                isProbe = true;
            }
        }

        return isProbe;
    }

    /// <summary>This run tries a gate no more.</summary>
    public bool IsGivenUp(Gate gate) => node.Settings.Once && node.Settings.BlockageRetry.IsExhausted(gate.Attempts);

    /// <summary>The store answered for this bucket: everything on the way there is open.</summary>
    public IEnumerable<LedgerChange> Opened(RouteContext route, string bucket)
    {
        if (gates.Count == 0)
        {
            yield break;
        }

        foreach (var key in InTheWay(route, bucket))
        {
            if (gates.Remove(key))
            {
                log.Info("{0} '{1}' works again.", key.Scope, key.Name);
                yield return new BlockageCleared(key.Scope, key.Name, node.Now());
            }
        }
    }

    /// <summary>An attempt failed for a reason that others share.</summary>
    public LedgerChange Failed(RouteContext route, string bucket, Failure failure, bool wasProbe)
    {
        var key = InTheWay(route, bucket).Single(k => k.Scope == failure.Scope);
        var before = gates.GetValueOrDefault(key, Gate.Open);
        var now = node.Now();
        var gate = before.Failed(failure, wasProbe, now, node.Settings.BlockageRetry, node.Chance());
        gates[key] = gate;
        if (before.IsOpen)
        {
            log.Error("{0} Trying again in {1:0.0} s and then ever more rarely; everything else goes on.", failure.Explanation, (gate.NextAttemptAt - now).TotalSeconds);
        }
        else if (!ReferenceEquals(gate, before) && node.Settings.BlockageRetry.MaximumAttempts == gate.Attempts)
        {
            log.Warning("Still blocked after {0} attempts: {1}", gate.Attempts, failure.Explanation);
        }

        return new BlockageSeen(new Blockage(key.Scope, key.Name, new Trouble(gate.Attempts, gate.NextAttemptAt, failure), gate.ClosedAt), now);
    }

    /// <summary>The one attempt at the gates in the way of a file ended.</summary>
    public void ProbeEnded(RouteContext route, string bucket)
    {
        if (gates.Count == 0)
        {
            return;
        }

        foreach (var key in InTheWay(route, bucket))
        {
            if (gates.TryGetValue(key, out var gate))
            {
                gates[key] = gate.ProbeWasted();
            }
        }
    }

    /// <summary>An operator asked to try everything now.</summary>
    public void TryNow()
    {
        foreach (var key in gates.Keys.ToList())
        {
            gates[key] = gates[key].TryNow();
        }
    }

    private static string BucketGate(RouteContext route, string bucket) => bucket.Length == 0 ? route.Store.Traits.Name : $"s3://{bucket}";
}
