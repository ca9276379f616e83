namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Spot;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Scanning;

/// <summary>
/// Where this node's work of a shared route comes from: claims batches as its uploads need them, looks at their files once more, and completes a batch
/// when all its files have left the pipeline. What became of a file that was not done the ledger knows, or the next walk finds.
/// </summary>
public sealed class ClaimsActor : MessageActor, IWithTimers
{
    /// <summary>A node claims what it can upload in about this time; the rest stays for others.</summary>
    private static readonly TimeSpan Foresight = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestHesitation = TimeSpan.FromMilliseconds(100);

    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly SessionContext session;
    private readonly IActorRef dedupe;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Claiming<Look> claiming;
    private readonly Queue<Candidate> ready = new();
    private readonly Dictionary<string, BatchTicket> ticketOf = new(StringComparer.Ordinal);
    private readonly Dictionary<BatchTicket, int> left = [];
    private readonly ClaimPace pace;
    private int demand;

    public ClaimsActor(RouteContext route, NodeContext node, SessionContext session, IActorRef dedupe, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.session = session;
        this.dedupe = dedupe;
        this.ledger = ledger;
        pace = new ClaimPace(session.Settings, Foresight);
        claiming = new Claiming<Look>("batch", route.Name, session, log);

        Receive<WorkRequested>(request =>
        {
            demand += request.Count;
            Advance();
        });
        Receive<FilesSettled>(OnSettled);
        Receive<FleetNewsHeard>(heard =>
        {
            // All nodes hear it at the same instant, and few of them find something.
            if (heard.News.HasFlag(FleetNews.Batches) && !Timers.IsTimerActive("news"))
            {
                Timers.StartSingleTimer("news", new Poll(), LongestHesitation * node.Chance());
            }
        });
        Receive<RebalanceRecommended>(recommended => claiming.Rest(recommended.IsRecommended));
        Receive<Poll>(_ => Advance());
        Receive<ClaimAnswer<Look>>(claiming.IsMine, OnAnswered);
        Receive<ClaimAnswer<Look>>(_ => { });
        Receive<StopScanning>(_ => claiming.Stop());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, SessionContext session, IActorRef dedupe, IActorRef ledger) =>
        Actor.Props.Create<ClaimsActor>(route, node, session, dedupe, ledger);

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FleetNewsHeard));
        Context.System.EventStream.Subscribe(Self, typeof(RebalanceRecommended));
        Timers.StartPeriodicTimer("poll", new Poll(), session.Settings.Poll);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Advance()
    {
        PassOn();
        var mostBytes = pace.BytesAhead(node.Meters.BytesSent, node.MonotonicNow());
        var mostBatches = Math.Max(1, demand / session.Settings.BatchFiles);
        claiming.Advance(
            hasRoom: demand > 0,
            Self,
            async () => await LookAsync((await session.Fleet.HoldingsAsync(session.Session.Id, CancellationToken.None)).Batches.Where(claim => claim.Ticket.Route == route.Name)),
            async () =>
            {
                var claimed = await session.Fleet.ClaimBatchesAsync(session.Session.Id, [route.Name], mostBatches, mostBytes, CancellationToken.None);
                return new Claimed<Look>(claimed.Alive, await LookAsync(claimed.Items));
            });
    }

    private async Task<IReadOnlyList<Look>> LookAsync(IEnumerable<BatchClaim> claims)
    {
        var looks = new List<Look>();
        foreach (var claim in claims)
        {
            looks.Add(new Look(claim.Ticket, await LookAsync(claim)));
        }

        return looks;
    }

    /// <summary>What is still to be done of a batch. Its files may be gone or stored: another node may have died over it.</summary>
    private async Task<IReadOnlyList<Candidate>> LookAsync(BatchClaim claim)
    {
        var files = claim.Files;
        IReadOnlyList<string> paths = [.. files.Select(file => file.Path)];
        var seen = route.Source.Observe(paths);
        var known = await node.Ledger.LookUpAsync(route.Name, paths, CancellationToken.None);
        var now = node.Now();
        var candidates = new List<Candidate>(files.Count);
        for (var i = 0; i < files.Count; i++)
        {
            if (seen[i] is { Sighting: { } sighting, Writer: not WriterState.Open }
                && sighting.Fingerprint == files[i].Fingerprint
                && Sifting.Judge(sighting, known[i], route.Settings.AfterUpload, now, node.Settings.FileRetry.MaximumDelay) == SiftVerdict.Candidate)
            {
                candidates.Add(new Candidate(sighting, known[i]) { WasHeldBefore = claim.Ticket.Claim > 1 });
            }
        }

        return candidates;
    }

    private void OnAnswered(ClaimAnswer<Look> answer)
    {
        if (claiming.Take(answer) is not { } batches)
        {
            return;
        }

        var completed = new List<LedgerChange>();
        foreach (var (ticket, candidates) in batches)
        {
            if (left.ContainsKey(ticket))
            {
                continue;
            }

            IReadOnlyList<Candidate> fresh = [.. candidates.Where(candidate => ticketOf.TryAdd(candidate.Seen.Path, ticket))];
            node.Meters.Found(fresh.Count, fresh.Sum(candidate => candidate.Seen.Fingerprint.SizeBytes));
            if (fresh.Count == 0)
            {
                completed.Add(new BatchCompleted(ticket, node.Now()));
                continue;
            }

            left.Add(ticket, fresh.Count);
            foreach (var candidate in fresh)
            {
                ready.Enqueue(candidate);
            }
        }

        Complete(completed);
        PassOn();
        if (batches.Count > 0 || answer.WasRecovery)
        {
            Advance();
        }
    }

    private void PassOn()
    {
        if (demand == 0 || ready.Count == 0)
        {
            return;
        }

        var files = new List<Candidate>(Math.Min(demand, ready.Count));
        while (files.Count < demand && ready.TryDequeue(out var candidate))
        {
            files.Add(candidate);
        }

        demand -= files.Count;
        dedupe.Tell(new FilesStabilized(files), Self);
    }

    private void OnSettled(FilesSettled settled)
    {
        var completed = new List<LedgerChange>();
        foreach (var file in settled.Files)
        {
            if (ticketOf.Remove(file.Path, out var ticket) && --left[ticket] == 0)
            {
                left.Remove(ticket);
                completed.Add(new BatchCompleted(ticket, node.Now()));
            }
        }

        // While the node stops, files come back that nobody has tried: their batches stay claimed until the session ends, and others get them at once.
        if (!claiming.IsStopped)
        {
            Complete(completed);
        }

        Advance();
    }

    // What was recorded of the files was sent to the ledger before, so it is committed before, or together with this.
    private void Complete(List<LedgerChange> completed)
    {
        if (completed.Count > 0)
        {
            ledger.Tell(new CommitChanges(completed, null));
        }
    }

    private sealed record Poll;

    private sealed record Look(BatchTicket Ticket, IReadOnlyList<Candidate> Candidates);
}
