namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;

/// <summary>How the uploaders end: saving what they can while the machine may be lost, and draining.</summary>
public sealed partial class UploadersActor
{
    private void OnSave(SaveFiles save)
    {
        saving.Begin(save.Until);
        queues.ForEach(queue => queue.OrderBySize());
        Timers.StartPeriodicTimer("saving", new JudgeSaving(), SavingOrder.Interval);
        Dispatch();
    }

    private void OnJudge()
    {
        saving.Measure();
        Tell(saving.Hopeless(busy.Select(b => (b.Key, b.Value.Batch)), queues.Min(queue => queue.ShortestBytes)), new BreakOff());
        Dispatch();
    }

    private void OnDrain(Drain drain)
    {
        draining = true;
        drainAsker = Sender;
        Timers.Cancel("saving");
        if (drain.CutOffAt is { } cutOffAt)
        {
            var left = cutOffAt - node.MonotonicNow();
            Timers.StartSingleTimer("cut-off", new CutOff(), left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
        }

        Tell(busy.Keys, new FinishCurrent());
        Dispatch();
    }

    private void GiveBackAll()
    {
        foreach (var queue in queues)
        {
            Settle(queue.Replies, [.. queue.TakeWhere(_ => true).Select(plan => new SettledFile(plan.Path, Settlement.Changed))]);
        }

        if (drainAsker is not null && busy.Count == 0 && unrecorded == 0)
        {
            drainAsker.Tell(new Drained());
            drainAsker = null;
        }
    }

    private sealed record JudgeSaving;

    private sealed record CutOff;
}
