namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Cleanup;
using Akka.Pipeline.Actors.Deduplication;
using Akka.Pipeline.Actors.Flow;

/// <summary>
/// One shared route on this node: its work comes from claims, and goes through the same stages as that of a node's own route. Beside them the walk, if
/// this node has the lease.
/// </summary>
public sealed class FleetRouteActor : MessageActor
{
    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly SessionContext session;
    private readonly SharedParts sharing;
    private readonly IActorRef uploaders;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private IActorRef claims = ActorRefs.Nobody;
    private IActorRef cleanup = ActorRefs.Nobody;
    private IActorRef parts = ActorRefs.Nobody;
    private IActorRef walker = ActorRefs.Nobody;
    private IActorRef? drainAsker;
    private int stagesToDrain;

    public FleetRouteActor(RouteContext route, NodeContext node, SessionContext session, SharedParts sharing, IActorRef uploaders, IActorRef ledger)
    {
        this.sharing = sharing;
        this.route = route;
        this.node = node;
        this.session = session;
        this.uploaders = uploaders;
        this.ledger = ledger;

        Receive<WorkRequested>(request => claims.Forward(request));
        Receive<FilesSettled>(settled => claims.Forward(settled));
        Receive<FilesRecorded>(recorded => cleanup.Forward(recorded));
        Receive<SourceEmptied>(emptied => Context.Parent.Forward(emptied));
        Receive<StopScanning>(stop =>
        {
            walker.Forward(stop);
            claims.Forward(stop);
            parts.Forward(stop);
        });
        Receive<Drain>(drain =>
        {
            (drainAsker, stagesToDrain) = (Sender, 2);
            cleanup.Tell(drain, Self);
            parts.Tell(drain, Self);
        });
        Receive<Drained>(_ =>
        {
            if (--stagesToDrain == 0)
            {
                drainAsker?.Tell(new Drained());
            }
        });
    }

    public static Props Props(RouteContext route, NodeContext node, SessionContext session, SharedParts sharing, IActorRef uploaders, IActorRef ledger) =>
        Actor.Props.Create<FleetRouteActor>(route, node, session, sharing, uploaders, ledger);

    protected override SupervisorStrategy SupervisorStrategy() =>
        new AllForOneStrategy(cause =>
        {
            log.Error(cause, "Route {0}: a stage failed; the route's stages start afresh.", route.Name);
            return Directive.Restart;
        });

    protected override void PreStart()
    {
        cleanup = Context.ActorOf(CleanupActor.Props(route, node, ledger), "cleanup");
        var dedupe = Context.ActorOf(DedupeActor.Props(route, node, uploaders, ledger), "dedupe");
        claims = Context.ActorOf(ClaimsActor.Props(route, node, session, dedupe, ledger), "claims");
        parts = Context.ActorOf(PartsActor.Props(route, node, session, sharing, ledger), "parts");
        walker = Context.ActorOf(WalkerActor.Props(route, node, session, ledger), "walker");
    }
}
