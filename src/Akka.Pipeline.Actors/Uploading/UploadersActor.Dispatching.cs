namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;

/// <summary>Which batch goes next, and who shares the requests.</summary>
public sealed partial class UploadersActor
{
    private void Dispatch()
    {
        if (draining)
        {
            GiveBackAll();
            return;
        }

        var dispatchedAt = node.Now();
        PutOffBlocked();
        for (var tried = 0; busy.Count < node.Settings.Uploads.Slots && tried < queues.Count;)
        {
            turn %= queues.Count;
            tried = StartBatch(queues[turn]) ? 0 : tried + 1;
            turn++;
        }

        TellWhoShares();
        foreach (var queue in queues)
        {
            Ask(queue);
        }

        // A gate whose time has come and that nothing waits before needs no timer: the next file to arrive finds it so.
        if (gates.NextAttemptAfter(dispatchedAt) is { } next)
        {
            var wait = next - node.Now();
            Timers.StartSingleTimer("gates", new GatesDue(), wait > TimeSpan.FromMilliseconds(10) ? wait : TimeSpan.FromMilliseconds(10));
        }
    }

    // Files of a blocked bucket make room for the others and come back later. When the whole store is blocked, the queue waits, and the walk with it.
    private void PutOffBlocked()
    {
        if (gates.AllOpen)
        {
            return;
        }

        foreach (var queue in queues)
        {
            var put = new List<SettledFile>();
            queue.TakeWhere(plan =>
            {
                if (gates.Closed(queue.Route, plan.Address.Bucket, out var scope) is not { } gate)
                {
                    return false;
                }

                var givenUp = gates.IsGivenUp(gate);
                if (!givenUp && (scope != FailureScope.Bucket || gates.Admits(queue.Route, plan.Address.Bucket)))
                {
                    return false;
                }

                put.Add(givenUp
                    ? new SettledFile(plan.Path, Settlement.GivenUp, default, gate.Failure)
                    : new SettledFile(plan.Path, Settlement.Blocked, gate.Probing ? node.Now() + node.Settings.BlockageRetry.FirstDelay : gate.NextAttemptAt, gate.Failure));
                return true;
            });
            Settle(queue.Replies, put);
        }
    }

    private bool StartBatch(UploadQueue queue)
    {
        if (queue.Count == 0)
        {
            return false;
        }

        var store = queue.Route.Store;
        var underWay = UnderWayTo(store);
        var slots = resources.Share.Slots(store.RequestsAtOnce);
        if (underWay.Count >= slots)
        {
            return false;
        }

        // A long queue is dealt out in full batches, a short one evenly, so that the last files do not wait behind one another.
        var settings = node.Settings.Uploads;
        var most = gates.AllOpen ? Math.Clamp(queue.Count / slots, 1, settings.BatchFiles) : 1;
        var roomForLarge = resources.Share.HasRoomForLarge(underWay, SmallOnesWait, store.RequestsAtOnce);
        var plans = queue.TakeBatch(
            plan => (roomForLarge || !resources.Share.IsLarge(plan)) && gates.Admits(queue.Route, plan.Address.Bucket) && !IsTaken((store.Traits.Name, plan.Address)) && saving.MayStart(plan, busy.Values.Select(b => b.Batch)),
            most,
            settings.BatchBytes);
        if (plans.Count == 0)
        {
            return false;
        }

        var isProbe = gates.Admitted(queue.Route, plans[0].Address.Bucket);
        foreach (var plan in plans)
        {
            beingWritten.Add((store.Traits.Name, plan.Address));
        }

        var batch = new UploadBatch(queue.Route, plans, isProbe);
        var slot = idle.TryPop(out var free) ? free : Context.ActorOf(UploaderActor.Props(resources), $"uploader-{busy.Count + 1}");
        busy.Add(slot, (queue, batch));
        largeUnderWay += resources.Share.IsLarge(plans[0]) ? 1 : 0;
        slot.Tell(batch, Self);
        return true;
    }

    private bool SmallOnesWait => queues.Exists(q => q.HasSmall);

    private List<UploadBatch> UnderWayTo(IObjectStore store) => [.. busy.Values.Where(b => ReferenceEquals(b.Queue.Route.Store, store)).Select(b => b.Batch)];

    private void TellWhoShares()
    {
        if (largeUnderWay == 0)
        {
            return;
        }

        foreach (var store in queues.Select(queue => queue.Route.Store).Distinct())
        {
            resources.Shared(store, resources.Share.CountLarge(UnderWayTo(store)), SmallOnesWait);
        }
    }

    private bool IsTaken((string Store, ObjectAddress Address) key) => beingWritten.Contains(key) || heldByJanitor.Contains(key);

    private void Ask(UploadQueue queue)
    {
        if (gates.Closed(queue.Route, "", out var scope) is { } gate && scope is FailureScope.Store or FailureScope.Node && !gates.IsGivenUp(gate) && queue.Count > 0)
        {
            return;
        }

        var ahead = Math.Max(64, resources.Share.Slots(queue.Route.Store.RequestsAtOnce) * node.Settings.Uploads.BatchFiles);
        var wanted = ahead - queue.Count - queue.AskedFor;
        if (wanted >= ahead / 4)
        {
            queue.AskedFor += wanted;
            queue.Dedupe.Tell(new WorkRequested(wanted), Self);
        }
    }
}
