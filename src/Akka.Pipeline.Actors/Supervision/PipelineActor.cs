namespace Akka.Pipeline.Actors.Supervision;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Insight;

/// <summary>
/// Supervises the ledger, the uploaders, the janitor and the routes of a node. A child that fails starts afresh; its siblings notice nothing. In a run that
/// ends, tells when everything is done; on request drains: takes nothing new, finishes what runs, makes it durable.
/// </summary>
public sealed class PipelineActor : MessageActor, IWithTimers
{
    private readonly IReadOnlyList<RouteContext> routes;
    private readonly NodeContext node;
    private readonly Action<RunEnded> ended;
    private readonly RouteProps routeProps;
    private readonly TimeSpan leftoversFrom;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Dictionary<string, RouteRemainder> remainders = new(StringComparer.Ordinal);
    private readonly List<IActorRef> routeActors = [];
    private IActorRef ledger = ActorRefs.Nobody;
    private IActorRef uploaders = ActorRefs.Nobody;
    private IActorRef janitor = ActorRefs.Nobody;
    private readonly HashSet<string> sourcesToEmpty = new(StringComparer.Ordinal);
    private IActorRef? drainAsker;
    private DrainNode? drain;
    private bool uploadsDrained;
    private int cleanupsToDrain;
    private int countsToCome;
    private RemainingFiles remaining = RemainingFiles.None;
    private bool told;

    /// <param name="routes">The routes to run.</param>
    /// <param name="node">What all actors share.</param>
    /// <param name="ended">
    /// Told, from an actor's thread, at most once that the run has come to its end by itself; before that, at most once for each start of the
    /// uploaders, that the store refuses our credentials. The host decides whether that is the end: the pipeline goes on and tries again.
    /// </param>
    /// <param name="routeProps">Makes the actor of a route.</param>
    /// <param name="leftoversFrom">From which age on an unfinished upload that nobody here goes on with is ended; other nodes may be at younger ones.</param>
    public PipelineActor(IReadOnlyList<RouteContext> routes, NodeContext node, Action<RunEnded> ended, RouteProps routeProps, TimeSpan leftoversFrom)
    {
        this.routeProps = routeProps;
        this.leftoversFrom = leftoversFrom;
        this.routes = routes;
        this.node = node;
        this.ended = ended;

        Receive<SourceEmptied>(OnEmptied);
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
        Receive<DrainNode>(OnDrain);
        Receive<HastenDrain>(OnHasten);
        Receive<SavingEnds>(_ => EndSaving());
        Receive<Drained>(_ => OnDrained());
        Receive<RouteCounted>(OnCounted);
        Receive<LedgerFlushed>(_ => OnFlushed());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IReadOnlyList<RouteContext> routes, NodeContext node, Action<RunEnded> ended) =>
        Props(routes, node, ended, RouteActor.Props, TimeSpan.Zero);

    public static Props Props(IReadOnlyList<RouteContext> routes, NodeContext node, Action<RunEnded> ended, RouteProps routeProps, TimeSpan leftoversFrom) =>
        Actor.Props.Create<PipelineActor>(routes, node, ended, routeProps, leftoversFrom);

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
        janitor = Context.ActorOf(JanitorActor.Props(routes, node, uploaders, ledger, leftoversFrom), "janitor");
        foreach (var route in routes)
        {
            routeActors.Add(Context.ActorOf(routeProps(route, node, uploaders, ledger), $"route-{route.Name}"));
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

    private void OnEmptied(SourceEmptied emptied)
    {
        if (sourcesToEmpty.Remove(emptied.Route))
        {
            if (sourcesToEmpty.Count == 0)
            {
                EndSaving();
            }
        }
        else if (drain is null)
        {
            remainders[emptied.Route] = emptied.Remainder;
            if (remainders.Count == routes.Count)
            {
                janitor.Tell(new TidyUploads(), Self);
            }
        }
    }

    // First what may be lost with this machine, then the uploads under way, then what they recorded, then the removals that follow from it, then their record.
    private void OnDrain(DrainNode request)
    {
        drainAsker = Sender;
        drain = request;
        cleanupsToDrain = -1;
        foreach (var (route, stages) in routes.Zip(routeActors))
        {
            var isSaved = request.SavesFiles && !route.IsShared;
            stages.Tell(isSaved ? new EmptySource(request.CutOffAt) : new StopScanning(), Self);
            if (isSaved)
            {
                sourcesToEmpty.Add(route.Name);
            }
        }

        if (sourcesToEmpty.Count > 0)
        {
            Save();
        }
        else
        {
            uploaders.Tell(new Drain(drain.CutOffAt), Self);
        }
    }

    private void OnHasten(HastenDrain sooner)
    {
        if (drain is null || sooner.CutOffAt >= drain.CutOffAt)
        {
            return;
        }

        drain = drain with { CutOffAt = sooner.CutOffAt };
        if (sourcesToEmpty.Count > 0)
        {
            Save();
        }
        else if (!uploadsDrained)
        {
            uploaders.Tell(new Drain(sooner.CutOffAt), Self);
        }
    }

    private void Save()
    {
        uploaders.Tell(new SaveFiles(drain!.CutOffAt), Self);
        var left = drain.CutOffAt - node.MonotonicNow();
        Timers.StartSingleTimer("saving", new SavingEnds(), left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
    }

    private void EndSaving()
    {
        sourcesToEmpty.Clear();
        Timers.Cancel("saving");
        foreach (var route in routeActors)
        {
            route.Tell(new StopScanning(), Self);
        }

        uploaders.Tell(new Drain(drain!.CutOffAt), Self);
    }

    private void OnDrained()
    {
        if (Sender.Equals(uploaders))
        {
            uploadsDrained = true;
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
        else if (cleanupsToDrain < 0 && uploadsDrained)
        {
            cleanupsToDrain = routeActors.Count;
            foreach (var route in routeActors)
            {
                route.Tell(new Drain(drain!.CutOffAt), Self);
            }
        }
        else if (cleanupsToDrain == 0)
        {
            Count();
        }
    }

    private void Count()
    {
        remaining = RemainingFiles.None;
        countsToCome = routes.Count(route => !route.IsShared);
        foreach (var (_, stages) in routes.Zip(routeActors).Where(route => !route.First.IsShared))
        {
            stages.Tell(new CountRemaining(node.MonotonicNow() + drain!.CountFor), Self);
        }

        if (countsToCome == 0)
        {
            drainAsker!.Tell(new NodeDrained(remaining));
        }
    }

    private void OnCounted(RouteCounted counted)
    {
        remaining = remaining.Plus(counted.Remaining);
        if (--countsToCome == 0)
        {
            drainAsker!.Tell(new NodeDrained(remaining));
        }
    }

    private sealed record SavingEnds;
}
