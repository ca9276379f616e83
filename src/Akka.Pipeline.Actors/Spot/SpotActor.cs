namespace Akka.Pipeline.Actors.Spot;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Spot;

/// <summary>
/// Watches what the cloud announces for this machine (see <see cref="SpotWatch"/> for the decisions). Where there is no such service it asks ever more rarely, and says nothing.
/// </summary>
public sealed class SpotActor : MessageActor, IWithTimers
{
    private readonly SpotWatching watching;
    private readonly NodeContext node;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly CancellationTokenSource stopped = new();
    private SpotWatch watch = SpotWatch.Start;

    public SpotActor(SpotWatching watching, NodeContext node)
    {
        this.watching = watching;
        this.node = node;
        var cancellation = stopped.Token;
        Receive<Look>(_ => Task.Run(() => watching.Notices.LookAsync(cancellation))
            .PipeTo(Self, success: look => new Looked(look), failure: _ => new Looked(InstanceLook.Unreachable)));
        Receive<Looked>(looked => OnLooked(looked.What));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(SpotWatching watching, NodeContext node) => Actor.Props.Create<SpotActor>(watching, node);

    protected override void PreStart() => Self.Tell(new Look());

    protected override void PostStop()
    {
        stopped.Cancel();
        stopped.Dispose();
    }

    private void OnLooked(InstanceLook look)
    {
        (watch, var news) = watch.After(look, node.Now());
        if (news.FirstAnswer)
        {
            log.Info("Interruptions of this instance are watched for at {0}.", watching.Notices.Address);
        }

        if (news.FellSilent)
        {
            log.Warning("{0} does not answer any more; an interruption of this instance would not be noticed.", watching.Notices.Address);
        }

        if (news.SpokeAgain)
        {
            log.Info("{0} answers again.", watching.Notices.Address);
        }

        if (news.Rebalance is { } recommended)
        {
            log.Info(recommended
                ? "A rebalance is recommended: this instance is likely to be taken soon. No new work of the fleet is begun."
                : "The rebalance recommendation is gone.");
            Context.System.EventStream.Publish(new RebalanceRecommended(recommended));
        }

        if (news.Interruption is { } interruption)
        {
            watching.Interrupted(interruption);
        }

        if (watch.Phase != SpotPhase.Interrupted)
        {
            Timers.StartSingleTimer("look", new Look(), watch.Pause());
        }
    }

    private sealed record Look;

    private sealed record Looked(InstanceLook What) : IDeadLetterSuppression;
}
