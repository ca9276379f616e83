namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Insight;

/// <summary>How a node leaves its fleet: what is under way has the time that is left, then everything is free for the others at once.</summary>
public sealed partial class FleetActor
{
    private static readonly TimeSpan AfterCutOff = TimeSpan.FromMilliseconds(300);

    private void ReceiveLeaving()
    {
        Receive<DrainNode>(OnDrain);
        Receive<HastenDrain>(sooner =>
        {
            pipeline.Tell(sooner, Self);
            LeaveAfter(sooner.CutOffAt);
        });
        Receive<NodeDrained>(_ => Leave());
        Receive<Left>(_ => Answer());
        Receive<LeaveNow>(_ => Leave());
    }

    // What remains on a shared volume the others do.
    private void Answer() => drainAsker?.Tell(new NodeDrained(RemainingFiles.None));

    private void OnDrain(DrainNode request)
    {
        drainAsker = Sender;
        if (session is { } current && !pipeline.IsNobody())
        {
            // That others need not wait for the news is worth a request, but no delay.
            access!.Fleet.DrainAsync(current.Session.Id, stopping.Token).ContinueWith(done => _ = done.Exception, TaskScheduler.Default);
            pipeline.Tell(request with { SavesFiles = false }, Self);
            LeaveAfter(request.CutOffAt);
        }
        else if (pipeline.IsNobody())
        {
            Answer();
        }
    }

    // Whatever is still under way then: for a session that was left the others need not wait.
    private void LeaveAfter(TimeSpan cutOffAt)
    {
        var left = cutOffAt - node.MonotonicNow();
        Timers.StartSingleTimer("leave", new LeaveNow(), (left > TimeSpan.Zero ? left : TimeSpan.Zero) + AfterCutOff);
    }

    private void Leave()
    {
        if (session is not { } current || leaving)
        {
            return;
        }

        leaving = true;
        current.Session.End();
        access!.Fleet.LeaveAsync(current.Session.Id, stopping.Token).PipeTo(Self, success: () => new Left(), failure: _ => new Left());
    }

    private sealed record Left;

    private sealed record LeaveNow;
}
