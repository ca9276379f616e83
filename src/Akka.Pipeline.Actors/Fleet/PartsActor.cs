namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Spot;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>Sends parts of large files of a shared route, its own node's and others', a few at once.</summary>
public sealed class PartsActor : MessageActor, IWithTimers
{
    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly SessionContext session;
    private readonly IActorRef ledger;
    private readonly SharedParts waiting;
    private readonly TransferResources resources;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly CancellationTokenSource breaking = new();
    private readonly object incarnation = new();
    private readonly Claiming<PartClaim> claiming;
    private readonly HashSet<PartTicket> underWay = [];
    private int failures;
    private IActorRef? drainAsker;

    public PartsActor(RouteContext route, NodeContext node, SessionContext session, SharedParts waiting, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.session = session;
        this.waiting = waiting;
        this.ledger = ledger;
        claiming = new Claiming<PartClaim>("part", route.Name, session, log);
        resources = new TransferResources(node, (_, _) => Task.CompletedTask);

        Receive<FleetNewsHeard>(heard =>
        {
            if (heard.News.HasFlag(FleetNews.Parts))
            {
                waiting.Wake();
                Claim();
            }
        });
        Receive<RebalanceRecommended>(recommended => claiming.Rest(recommended.IsRecommended));
        Receive<Poll>(_ => Claim());
        Receive<ClaimAnswer<PartClaim>>(claiming.IsMine, OnAnswered);
        Receive<ClaimAnswer<PartClaim>>(_ => { });
        Receive<Sent>(IsCurrent, OnSent);
        Receive<Recorded>(IsCurrent, recorded =>
        {
            waiting.Wake();
            Ended(recorded.Ticket);
        });
        Receive<Own>(_ => { });
        Receive<Drain>(OnDrain);
        Receive<CutOff>(_ => breaking.Cancel());
        Receive<StopScanning>(_ =>
        {
            claiming.Stop();
            waiting.Leave();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, SessionContext session, SharedParts waiting, IActorRef ledger) =>
        Actor.Props.Create<PartsActor>(route, node, session, waiting, ledger);

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FleetNewsHeard));
        Context.System.EventStream.Subscribe(Self, typeof(RebalanceRecommended));
        Timers.StartPeriodicTimer("poll", new Poll(), session.Settings.Poll);
        Claim();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        breaking.Cancel();
        breaking.Dispose();
    }

    private void Claim()
    {
        var room = node.Settings.Uploads.PartsAtOnce - underWay.Count;
        claiming.Advance(
            hasRoom: room > 0,
            Self,
            async () => [.. (await session.Fleet.HoldingsAsync(session.Session.Id, CancellationToken.None)).Parts.Where(part => string.Equals(part.Upload.Route, route.Name, StringComparison.Ordinal))],
            () => session.Fleet.ClaimPartsAsync(session.Session.Id, [route.Name], room, CancellationToken.None));
    }

    private void OnAnswered(ClaimAnswer<PartClaim> answer)
    {
        var parts = claiming.Take(answer);
        if (claiming.IsStopped)
        {
            // What this claim has brought goes back with the session.
            AnswerDrain();
            return;
        }

        foreach (var claim in parts ?? [])
        {
            if (underWay.Add(claim.Ticket))
            {
                Send(claim);
            }
        }

        if (parts is not null && answer.WasRecovery)
        {
            Claim();
        }
    }

    private void Send(PartClaim claim)
    {
        var (current, stop) = (incarnation, breaking.Token);
        Task.Run(async () =>
        {
            using var file = route.Source.Open(claim.Upload.Path);
            var parts = new PartPlan(claim.Upload.Fingerprint.SizeBytes, claim.Upload.PartSizeBytes);
            return new Sent(claim, await new PartSender(route, resources, file, file.Check().ChangedUnixNs).SendAsync(parts, claim.Upload, claim.Ticket.PartNumber, stop), null);
        }).PipeTo(Self, success: sent => sent with { Incarnation = current }, failure: cause => new Sent(claim, null, cause) { Incarnation = current });
    }

    private void OnSent(Sent sent)
    {
        var now = node.Now();
        LedgerChange change;
        if (sent.Part is { } part)
        {
            failures = 0;
            change = new PartFinished(new PartFinish(sent.Claim.Ticket, part), now);
        }
        else
        {
            failures++;
            var failure = FailureOf(sent.Cause!);
            if (failures == 1 && failure is not null)
            {
                log.Warning("Route {0}: part {1} of '{2}': {3} Trying again.", route.Name, sent.Claim.Ticket.PartNumber, SourcePath.ForDisplay(sent.Claim.Upload.Path), failure.Explanation);
            }

            change = new PartHandedBack(new PartReturn(sent.Claim.Ticket, node.Settings.FileRetry.DelayAfter(failures, node.Chance(), failure?.RetryAfter)), now);
        }

        ledger.Tell(new CommitChanges([change], new Recorded(sent.Claim.Ticket) { Incarnation = incarnation }));
    }

    private void Ended(PartTicket ticket)
    {
        underWay.Remove(ticket);
        Claim();
        AnswerDrain();
    }

    // What is half sent is worth the time that is left: others would send it from its beginning.
    private void OnDrain(Drain drain)
    {
        claiming.Stop();
        drainAsker = Sender;
        if (drain.CutOffAt is { } cutOffAt)
        {
            var left = cutOffAt - node.MonotonicNow();
            Timers.StartSingleTimer("cut-off", new CutOff(), left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
        }

        AnswerDrain();
    }

    private void AnswerDrain()
    {
        if (drainAsker is not null && underWay.Count == 0 && !claiming.IsUnderWay)
        {
            drainAsker.Tell(new Drained());
            drainAsker = null;
        }
    }

    private static Failure? FailureOf(Exception cause) => cause switch
    {
        StoreException store => store.Failure,
        SourceException source => source.Failure,
        _ => null,
    };

    private bool IsCurrent(Own message) => ReferenceEquals(message.Incarnation, incarnation);

    private abstract record Own : IDeadLetterSuppression
    {
        public object? Incarnation { get; init; }
    }

    private sealed record Poll;

    private sealed record CutOff;

    private sealed record Sent(PartClaim Claim, PartFacts? Part, Exception? Cause) : Own;

    private sealed record Recorded(PartTicket Ticket) : Own;
}
