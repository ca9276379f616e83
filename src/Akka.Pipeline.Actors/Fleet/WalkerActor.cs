namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Spot;
using Akka.Pipeline.Actors.Scanning;
using Akka.Pipeline.Actors.Stability;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;

/// <summary>Walks a shared route while this node has the lease for it, and only then: scanner, stability and publisher live under it.</summary>
public sealed class WalkerActor : ReceiveActor, IWithTimers
{
    private const int MostRestarts = 10;
    private static readonly TimeSpan RestartWindow = TimeSpan.FromMinutes(1);

    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly SessionContext session;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private IActorRef scanner = ActorRefs.Nobody;
    private IActorRef stability = ActorRefs.Nobody;
    private IActorRef publisher = ActorRefs.Nobody;
    private ScanLease? lease;
    private bool asking;
    private bool stopped;
    private bool resting;

    public WalkerActor(RouteContext route, NodeContext node, SessionContext session, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.session = session;
        this.ledger = ledger;

        Receive<WorkRequested>(request => (Sender.Equals(publisher) ? stability : scanner).Forward(request));
        Receive<FilesSettled>(settled => scanner.Forward(settled));
        Receive<SourceEmptied>(emptied => Context.Parent.Forward(emptied));
        Receive<Poll>(_ => Ask());
        Receive<FleetNewsHeard>(heard =>
        {
            if (heard.News.HasFlag(FleetNews.Sessions))
            {
                Ask();
            }
        });
        Receive<RebalanceRecommended>(recommended =>
        {
            resting = recommended.IsRecommended;
            if (resting)
            {
                GiveBack();
            }
        });
        Receive<Answered>(OnAnswered);
        Receive<LeaseLost>(_ => Stop());
        Receive<StopScanning>(_ =>
        {
            stopped = true;
            GiveBack();
        });
        Receive<Terminated>(_ => Stop());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, SessionContext session, IActorRef ledger) =>
        Actor.Props.Create(() => new WalkerActor(route, node, session, ledger));

    protected override SupervisorStrategy SupervisorStrategy() =>
        new AllForOneStrategy(MostRestarts, RestartWindow, cause =>
        {
            log.Error(cause, "Route {0}: a stage of the walk failed; the walk starts afresh.", route.Name);
            return Directive.Restart;
        });

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FleetNewsHeard));
        Context.System.EventStream.Subscribe(Self, typeof(RebalanceRecommended));
        Timers.StartPeriodicTimer("poll", new Poll(), session.Settings.Poll);
        Ask();
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Ask()
    {
        if (asking || stopped || resting || lease is not null)
        {
            return;
        }

        asking = true;
        session.Fleet.TakeScanLeaseAsync(session.Session.Id, route.Name, CancellationToken.None)
            .PipeTo(Self, success: answer => new Answered(answer, null), failure: cause => new Answered(null, cause));
    }

    private void OnAnswered(Answered answered)
    {
        asking = false;
        if (answered.Cause is { } cause and not LedgerException)
        {
            throw cause;
        }

        if (answered.Answer is not { } answer)
        {
            return;
        }

        if (answer.Outcome == FleetOutcome.SessionEnded)
        {
            session.Refused();
        }
        else if (answer.Lease is { } taken)
        {
            lease = taken;
            if (stopped || resting)
            {
                GiveBack();
                return;
            }

            log.Info("Route {0}: this node walks it now.", route.Name);
            publisher = Context.ActorOf(PublisherActor.Props(route, session));
            stability = Context.ActorOf(StabilityActor.Props(route, node, publisher));
            scanner = Context.ActorOf(ScannerActor.Props(route, node, stability, ledger));
            Context.Watch(scanner);
        }
    }

    // What was published stays published; another node's walk finds the rest.
    private void GiveBack()
    {
        if (lease is { } held)
        {
            // A lease that cannot be returned ends with the session.
            session.Fleet.ReturnScanLeaseAsync(session.Session.Id, held, CancellationToken.None).ContinueWith(done => _ = done.Exception, TaskScheduler.Default);
        }

        Stop();
    }

    private void Stop()
    {
        lease = null;
        foreach (var stage in new[] { scanner, stability, publisher })
        {
            Context.Unwatch(stage);
            Context.Stop(stage);
        }

        scanner = stability = publisher = ActorRefs.Nobody;
    }

    private sealed record Poll;

    private sealed record Answered(ScanAnswer? Answer, Exception? Cause) : IDeadLetterSuppression;
}
