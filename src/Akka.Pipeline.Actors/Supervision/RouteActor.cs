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
public sealed class RouteActor : MessageActor, IWithTimers
{
    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly IActorRef uploaders;
    private readonly IActorRef ledger;
    private readonly StageGroup stages;
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
        stages = new StageGroup($"Route {route.Name}", Context.GetLogger());

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
        Receive<Terminated>(_ =>
        {
            stages.GaveUp(Context);
            Timers.StartSingleTimer("rest", new StartStages(), StageGroup.Rest);
        });
        Receive<StartStages>(_ => CreateStages());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, IActorRef uploaders, IActorRef ledger) =>
        Actor.Props.Create<RouteActor>(route, node, uploaders, ledger);

    protected override SupervisorStrategy SupervisorStrategy() => stages.Strategy;

    protected override void PreStart() => CreateStages();

    private void CreateStages()
    {
        cleanup = Context.ActorOf(CleanupActor.Props(route, node, ledger), "cleanup");
        dedupe = Context.ActorOf(DedupeActor.Props(route, node, uploaders, ledger), "dedupe");
        stability = Context.ActorOf(StabilityActor.Props(route, node, dedupe), "stability");
        scanner = Context.ActorOf(ScannerActor.Props(route, node, stability, ledger), "scanner");
        stages.Watch(Context, scanner, stability, dedupe, cleanup);
    }

    private sealed record StartStages;
}
