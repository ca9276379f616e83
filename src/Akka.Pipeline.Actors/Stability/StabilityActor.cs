namespace Akka.Pipeline.Actors.Stability;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Stability;

/// <summary>Holds files back until nobody writes them. See <see cref="StabilityRule"/> for the decision.</summary>
public sealed class StabilityActor : MessageActor, IWithTimers
{
    /// <summary>Files asked of the scanner ahead of the demand, so that looks and uploads overlap.</summary>
    private const int Ahead = 512;

    private const int LookBatch = 512;

    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly IActorRef dedupe;
    private readonly StabilityRule rule;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly object incarnation = new();
    private readonly Dictionary<string, HeldFile> held = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, TimeSpan> dueOrder = new();
    private readonly Queue<Candidate> ready = new();
    private readonly Queue<Candidate> unseen = new();
    private int demand;
    private int askedFor;
    private bool looking;
    private TimeSpan? waitingForWritersSince;

    public StabilityActor(RouteContext route, NodeContext node, IActorRef dedupe)
    {
        this.route = route;
        this.node = node;
        this.dedupe = dedupe;
        rule = new StabilityRule(route.Settings.StableAfter, TrustsChangeTime: !route.Source.Traits.IsNetwork);

        Receive<WorkRequested>(request =>
        {
            demand += request.Count;
            Advance();
        });
        Receive<CandidatesFound>(found =>
        {
            askedFor = Math.Max(0, askedFor - found.Files.Count);
            var now = UnixNs(node.Now());
            foreach (var file in found.Files)
            {
                (IsLookedAtLater(file, now) ? ready : unseen).Enqueue(file);
            }

            Advance();
        });
        Receive<FilesHinted>(OnHinted);
        Receive<Looked>(looked => ReferenceEquals(looked.Incarnation, incarnation), OnLooked);
        Receive<Looked>(_ => { });
        Receive<LookFailed>(failed => ReferenceEquals(failed.Incarnation, incarnation), OnLookFailed);
        Receive<LookFailed>(_ => { });
        Receive<LookAgain>(_ => Advance());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, IActorRef dedupe) =>
        Actor.Props.Create<StabilityActor>(route, node, dedupe);

    protected override void PreStart() => Advance();

    // Who uploads it asks for writers as well, right before and after he reads it: one look is enough where the walk has seen that it was quiet for long. Should
    // somebody have it open it comes back, not fresh any more, and is held here. On a shared route others upload it, and a dry run has nobody who would ask.
    private bool IsLookedAtLater(Candidate file, long nowUnixNs) =>
        file.IsFresh && !route.IsShared && node.Planned is null && rule.IsQuietByChangeTime(file.Seen, nowUnixNs);

    private static long UnixNs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private void Advance()
    {
        PassOn();
        Look();
        var wanted = Ahead - askedFor - ready.Count - unseen.Count;
        if (wanted >= Ahead / 2)
        {
            askedFor += wanted;
            Context.Parent.Tell(new WorkRequested(wanted));
        }
    }

    private void PassOn()
    {
        var count = Math.Min(demand, ready.Count);
        if (count == 0)
        {
            return;
        }

        var batch = new List<Candidate>(count);
        while (batch.Count < count)
        {
            batch.Add(ready.Dequeue());
        }

        demand -= count;
        dedupe.Tell(new FilesStabilized(batch), Self);
    }

    private void Look()
    {
        // Looks go no further ahead than the demand needs: a file that waits long after its look may be open again.
        if (looking || ready.Count >= Ahead)
        {
            return;
        }

        var batch = new List<HeldFile>(LookBatch);
        var now = node.MonotonicNow();
        while (batch.Count < LookBatch && dueOrder.TryPeek(out var path, out var due) && due <= now)
        {
            dueOrder.Dequeue();
            if (held.TryGetValue(path, out var file) && file.DueAt == due)
            {
                batch.Add(file);
            }
        }

        while (batch.Count < LookBatch && unseen.TryDequeue(out var candidate))
        {
            batch.Add(new HeldFile(candidate, null, now, now));
        }

        if (batch.Count == 0)
        {
            if (dueOrder.TryPeek(out _, out var next))
            {
                var wait = next - now;
                Timers.StartSingleTimer("look", new LookAgain(), wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
            }

            return;
        }

        looking = true;
        var paths = batch.Select(file => file.Candidate.Seen.Path).ToList();
        var (current, wallNow) = (incarnation, node.Now());
        Task.Run(() => route.Source.Observe(paths))
            .PipeTo(Self, success: seen => new Looked(current, batch, seen, now, wallNow), failure: cause => new LookFailed(current, cause));
    }

    private void OnLooked(Looked looked)
    {
        // Judged by the time at which the look began: nobody knows what happened to a file between its look and this message.
        looking = false;
        var now = looked.Began;
        var wallNs = UnixNs(looked.BeganAt);
        List<SettledFile>? settled = null;
        for (var i = 0; i < looked.Files.Count; i++)
        {
            var file = looked.Files[i];
            var path = file.Candidate.Seen.Path;
            var seen = looked.Seen[i];
            switch (rule.Judge(seen, file.State, wallNs, now))
            {
                case StabilityVerdict.Ready:
                    held.Remove(path);
                    ready.Enqueue(file.Candidate with { Seen = seen.Sighting! });
                    break;
                case StabilityVerdict.Gone:
                    held.Remove(path);
                    (settled ??= []).Add(new SettledFile(path, Settlement.Done));
                    break;
                case StabilityVerdict.Hold hold:
                    var known = held.TryGetValue(path, out var kept);
                    var since = known ? kept!.Since : now;
                    if (Settle(hold, path, now, since) is { } end)
                    {
                        held.Remove(path);
                        (settled ??= []).Add(end);
                        break;
                    }

                    // A hint that came while the look was under way asks for one more.
                    var due = known && kept!.Hinted ? now : hold.LookAgainAt;
                    held[path] = new HeldFile(file.Candidate, hold.State, due, since);
                    dueOrder.Enqueue(path, due);
                    break;
            }
        }

        if (held.Count == 0)
        {
            waitingForWritersSince = null;
        }

        if (settled is not null)
        {
            Context.Parent.Tell(new FilesSettled(settled));
        }

        Advance();
    }

    private SettledFile? Settle(StabilityVerdict.Hold hold, string path, TimeSpan now, TimeSpan since)
    {
        if (held.Count >= node.Settings.HeldFiles && !held.ContainsKey(path))
        {
            return new SettledFile(path, Settlement.Retry, node.Now() + route.Settings.StableAfter);
        }

        if (!node.Settings.Once)
        {
            return null;
        }

        if (!hold.BeingWritten)
        {
            // Nobody has it open at our looks, and yet it changes all the time: it is opened, written and closed again and again.
            return now - since >= node.Settings.OnceWriterWait + route.Settings.StableAfter ? new SettledFile(path, Settlement.BeingWritten) : null;
        }

        if (waitingForWritersSince is null)
        {
            waitingForWritersSince = now;
            log.Info("Route {0}: waiting up to {1} s for files that are still being written, such as '{2}'.", route.Name, (int)node.Settings.OnceWriterWait.TotalSeconds, SourcePath.ForDisplay(path));
        }

        return now - waitingForWritersSince >= node.Settings.OnceWriterWait ? new SettledFile(path, Settlement.BeingWritten) : null;
    }

    // The supervisor logs it and starts the route's stages afresh.
    private static void OnLookFailed(LookFailed failed) => throw failed.Cause;

    private void OnHinted(FilesHinted hinted)
    {
        var now = node.MonotonicNow();
        foreach (var path in hinted.Paths)
        {
            if (!held.TryGetValue(path, out var file))
            {
                continue;
            }

            if (file.DueAt > now)
            {
                held[path] = file with { DueAt = now };
                dueOrder.Enqueue(path, now);
            }
            else
            {
                held[path] = file with { Hinted = true };
            }
        }

        Advance();
    }

    private sealed record HeldFile(Candidate Candidate, Quiet? State, TimeSpan DueAt, TimeSpan Since, bool Hinted = false);

    private sealed record Looked(object Incarnation, IReadOnlyList<HeldFile> Files, IReadOnlyList<FileObservation> Seen, TimeSpan Began, DateTimeOffset BeganAt) : IDeadLetterSuppression;

    private sealed record LookFailed(object Incarnation, Exception Cause) : IDeadLetterSuppression;

    private sealed record LookAgain;
}
