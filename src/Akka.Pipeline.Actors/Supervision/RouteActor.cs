namespace Akka.Pipeline.Actors.Supervision;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Cleanup;
using Akka.Pipeline.Actors.Deduplication;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Scanning;
using Akka.Pipeline.Actors.Stability;
using Akka.Pipeline.Core.Insight;

/// <summary>
/// One route: its stages and the paths between them. The stages share what is on its way, so when one of them fails all four start afresh
/// together; the next walk finds every file again.
/// </summary>
public sealed class RouteActor : ReceiveActor, IWithTimers
{
    private const int MostRestarts = 10;
    private static readonly TimeSpan RestartWindow = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RestDelay = TimeSpan.FromSeconds(30);

    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly IActorRef uploaders;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private IActorRef scanner = ActorRefs.Nobody;
    private IActorRef stability = ActorRefs.Nobody;
    private IActorRef dedupe = ActorRefs.Nobody;
    private IActorRef cleanup = ActorRefs.Nobody;

    public RouteActor(RouteContext route, NodeContext node, IActorRef uploaders, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.uploaders = uploaders;
        this.ledger = ledger;

        Receive<WorkRequested>(request => (Sender.Equals(dedupe) ? stability : scanner).Forward(request));
        Receive<FilesSettled>(settled => scanner.Forward(settled));
        Receive<FilesRecorded>(recorded => cleanup.Forward(recorded));
        Receive<SourceEmptied>(emptied => Context.Parent.Forward(emptied));
        Receive<StopScanning>(stop => scanner.Forward(stop));
        Receive<EmptySource>(empty => scanner.Forward(empty));
        Receive<CountRemaining>(count => Task.Run(() => SourceCount.CountAsync(route, node, count.Until))
            .PipeTo(
                Sender,
                Self,
                success: remaining => new RouteCounted(route.Name, remaining),
                failure: _ => new RouteCounted(route.Name, RemainingFiles.None with { IsComplete = false })));
        Receive<Drain>(drain => cleanup.Forward(drain));
        Receive<Terminated>(OnStageStopped);
        Receive<StartStages>(_ => CreateStages());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, IActorRef uploaders, IActorRef ledger) =>
        Actor.Props.Create(() => new RouteActor(route, node, uploaders, ledger));

    protected override SupervisorStrategy SupervisorStrategy() =>
        new AllForOneStrategy(MostRestarts, RestartWindow, cause =>
        {
            log.Error(cause, "Route {0}: a stage failed; the route's stages start afresh.", route.Name);
            return Directive.Restart;
        });

    protected override void PreStart() => CreateStages();

    private void CreateStages()
    {
        cleanup = Context.ActorOf(CleanupActor.Props(route, node, ledger), "cleanup");
        dedupe = Context.ActorOf(DedupeActor.Props(route, node, uploaders, ledger), "dedupe");
        stability = Context.ActorOf(StabilityActor.Props(route, node, dedupe), "stability");
        scanner = Context.ActorOf(ScannerActor.Props(route, node, stability, ledger), "scanner");
        Context.Watch(scanner);
    }

    // Too many restarts in a row have stopped the stages. A route rests then; it never gives up, and never takes others with it.
    private void OnStageStopped(Terminated terminated)
    {
        log.Error("Route {0} failed too often in a row and rests for {1} s.", route.Name, (int)RestDelay.TotalSeconds);
        foreach (var stage in new[] { stability, dedupe, cleanup })
        {
            Context.Stop(stage);
        }

        Timers.StartSingleTimer("rest", new StartStages(), RestDelay);
    }

    private sealed record StartStages;
}
