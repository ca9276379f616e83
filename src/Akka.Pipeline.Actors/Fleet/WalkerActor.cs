namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Cleanup;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Spot;
using Akka.Pipeline.Actors.Scanning;
using Akka.Pipeline.Actors.Stability;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;

/// <summary>Walks a shared route while this node has the lease for it, and only then: scanner, stability and publisher live under it.</summary>
public sealed class WalkerActor : MessageActor, IWithTimers
{
    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly SessionContext session;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly StageGroup stages;
    private readonly CancellationTokenSource stopping = new();
    private IActorRef scanner = ActorRefs.Nobody;
    private IActorRef stability = ActorRefs.Nobody;
    private IActorRef publisher = ActorRefs.Nobody;
    private ScanLease? lease;
    private bool asking;
    private bool stopped;
    private bool resting;
    private bool isWorn;
    private bool sweeping;
    private bool sweepAgain;

    public WalkerActor(RouteContext route, NodeContext node, SessionContext session, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.session = session;
        this.ledger = ledger;
        stages = new StageGroup($"The walk of route {route.Name}", log);

        Receive<WorkRequested>(request => (Sender.Equals(publisher) ? stability : scanner).Forward(request));
        Receive<FilesSettled>(settled => scanner.Forward(settled));
        Receive<SourceEmptied>(emptied => Context.Parent.Forward(emptied));
        Receive<Poll>(_ => Ask());
        Receive<FleetNewsHeard>(heard =>
        {
            if (heard.News.HasFlag(FleetNews.Sessions))
            {
                Ask();
                Sweep();
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
        Receive<Swept>(_ =>
        {
            sweeping = false;
            if (sweepAgain)
            {
                Sweep();
            }
        });
        Receive<Rested>(_ =>
        {
            isWorn = false;
            Ask();
        });
        Receive<StopScanning>(_ =>
        {
            stopped = true;
            GiveBack();
        });
        Receive<Terminated>(_ =>
        {
            // Another node may fare better with it.
            stages.GaveUp(Context);
            isWorn = true;
            Timers.StartSingleTimer("rest", new Rested(), StageGroup.Rest);
            GiveBack();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, SessionContext session, IActorRef ledger) =>
        Actor.Props.Create<WalkerActor>(route, node, session, ledger);

    protected override SupervisorStrategy SupervisorStrategy() => stages.Strategy;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FleetNewsHeard));
        Context.System.EventStream.Subscribe(Self, typeof(RebalanceRecommended));
        Timers.StartPeriodicTimer("poll", new Poll(), session.Settings.Poll);
        Ask();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        stopping.Cancel();
        stopping.Dispose();
    }

    private void Ask()
    {
        if (asking || stopped || resting || isWorn || lease is not null)
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
            if (stopped || resting || isWorn)
            {
                GiveBack();
                return;
            }

            log.Info("Route {0}: this node walks it now.", route.Name);
            publisher = Context.ActorOf(PublisherActor.Props(route, session));
            stability = Context.ActorOf(StabilityActor.Props(route, node, publisher));
            scanner = Context.ActorOf(ScannerActor.Props(route, node, stability, ledger));
            stages.Watch(Context, scanner, stability, publisher);
            Sweep();
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
        stages.Stop(Context);
        scanner = stability = publisher = ActorRefs.Nobody;
    }

    // A node that died between a removal and its record left an entry that no walk meets again. In the background, and however it ends: it costs nothing but a wrong word in a listing.
    private void Sweep()
    {
        sweepAgain = sweeping;
        if (sweeping || lease is null)
        {
            return;
        }

        sweeping = true;
        var stop = stopping.Token;
        Task.Run(() => UnrecordedRemovals.FindAsync(route, node, changes => ledger.Tell(new CommitChanges(changes, null), ActorRefs.NoSender), stop), stop)
            .PipeTo(Self, success: () => new Swept(), failure: _ => new Swept());
    }

    private sealed record Poll;

    private sealed record Rested;

    private sealed record Swept : IDeadLetterSuppression;

    private sealed record Answered(ScanAnswer? Answer, Exception? Cause) : IDeadLetterSuppression;
}
