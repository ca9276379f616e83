namespace Akka.Pipeline.Actors.Supervision;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Uploading;

/// <summary>
/// Supervises the ledger, the uploaders, the janitor and the routes of a node. A child that fails starts afresh; its siblings notice nothing. In a run that
/// ends, tells when everything is done; on request drains: takes nothing new, finishes what runs, makes it durable.
/// </summary>
public sealed class PipelineActor : ReceiveActor
{
    private readonly IReadOnlyList<RouteContext> routes;
    private readonly NodeContext node;
    private readonly Action<RunEnded> ended;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Dictionary<string, RouteRemainder> remainders = new(StringComparer.Ordinal);
    private readonly List<IActorRef> routeActors = [];
    private IActorRef ledger = ActorRefs.Nobody;
    private IActorRef uploaders = ActorRefs.Nobody;
    private IActorRef janitor = ActorRefs.Nobody;
    private IActorRef? drainAsker;
    private int cleanupsToDrain;
    private bool told;

    /// <param name="routes">The routes to run.</param>
    /// <param name="node">What all actors share.</param>
    /// <param name="ended">
    /// Told, from an actor's thread, at most once that the run has come to its end by itself; before that, at most once for each start of the
    /// uploaders, that the store refuses our credentials. The host decides whether that is the end: the pipeline goes on and tries again.
    /// </param>
    public PipelineActor(IReadOnlyList<RouteContext> routes, NodeContext node, Action<RunEnded> ended)
    {
        this.routes = routes;
        this.node = node;
        this.ended = ended;

        Receive<SourceEmptied>(emptied =>
        {
            remainders[emptied.Route] = emptied.Remainder;
            if (remainders.Count == routes.Count)
            {
                janitor.Tell(new TidyUploads(), Self);
            }
        });
        Receive<UploadsTidied>(_ =>
        {
            // While draining, the flush has its own time.
            if (drainAsker is null)
            {
                ledger.Tell(new FlushLedger(), Self);
            }
        });
        Receive<CredentialsRefused>(refused => ended(new RunEnded(remainders, refused.Failure, null)));
        Receive<LedgerGaveUp>(gaveUp => End(new RunEnded(remainders, null, gaveUp.Failure)));
        Receive<Drain>(_ => OnDrain());
        Receive<Drained>(_ => OnDrained());
        Receive<LedgerFlushed>(_ => OnFlushed());
    }

    public static Props Props(IReadOnlyList<RouteContext> routes, NodeContext node, Action<RunEnded> ended) =>
        Actor.Props.Create(() => new PipelineActor(routes, node, ended));

    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(cause =>
        {
            log.Error(cause, "A part of the pipeline failed and starts afresh.");
            return Directive.Restart;
        });

    protected override void PreStart()
    {
        ledger = Context.ActorOf(LedgerActor.Props(node), "ledger");
        uploaders = Context.ActorOf(UploadersActor.Props(node, ledger), "uploaders");
        janitor = Context.ActorOf(JanitorActor.Props(routes, node, uploaders, ledger), "janitor");
        foreach (var route in routes)
        {
            routeActors.Add(Context.ActorOf(RouteActor.Props(route, node, uploaders, ledger), $"route-{route.Name}"));
        }
    }

    private void End(RunEnded result)
    {
        if (!told)
        {
            told = true;
            ended(result);
        }
    }

    // First the uploads, then what they recorded, then the removals that follow from it, then their record.
    private void OnDrain()
    {
        drainAsker = Sender;
        cleanupsToDrain = -1;
        uploaders.Tell(new Drain(), Self);
        foreach (var route in routeActors)
        {
            route.Tell(new StopScanning(), Self);
        }
    }

    private void OnDrained()
    {
        if (Sender.Equals(uploaders))
        {
            ledger.Tell(new FlushLedger(), Self);
        }
        else if (cleanupsToDrain > 0 && --cleanupsToDrain == 0)
        {
            ledger.Tell(new FlushLedger(), Self);
        }
    }

    private void OnFlushed()
    {
        if (drainAsker is null)
        {
            if (remainders.Count == routes.Count)
            {
                End(new RunEnded(remainders, null, null));
            }
        }
        else if (cleanupsToDrain < 0)
        {
            cleanupsToDrain = routeActors.Count;
            foreach (var route in routeActors)
            {
                route.Tell(new Drain(), Self);
            }
        }
        else if (cleanupsToDrain == 0)
        {
            drainAsker.Tell(new Drained());
        }
    }
}
