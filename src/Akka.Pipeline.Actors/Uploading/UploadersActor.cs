namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>
/// The node's upload slots, shared by all routes in turn. Asks the routes for as much work as the slots need, never lets two uploads of one
/// key run at once, and stops before what is blocked.
/// </summary>
public sealed partial class UploadersActor : MessageActor, IWithTimers
{
    private readonly NodeContext node;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly GateKeeper gates;
    private readonly BatchConclusion conclusion;
    private readonly TransferResources resources;
    private readonly SavingOrder saving;
    private readonly SlotShare share;
    private readonly List<UploadQueue> queues = [];
    private readonly Stack<IActorRef> idle = new();
    private readonly Dictionary<IActorRef, (UploadQueue Queue, UploadBatch Batch)> busy = [];
    private readonly HashSet<(string Store, ObjectAddress Address)> beingWritten = [];
    private readonly HashSet<(string Store, ObjectAddress Address)> heldByJanitor = [];
    private readonly object incarnation = new();
    private int turn;
    private int unrecorded;
    private bool draining;
    private IActorRef? drainAsker;

    public UploadersActor(NodeContext node, IActorRef ledger)
    {
        this.node = node;
        this.ledger = ledger;
        gates = new GateKeeper(node, log);
        conclusion = new BatchConclusion(node, gates, log);
        resources = new TransferResources(node, (change, cancellation) => ledger.Ask<Recorded>(new CommitChanges([change], new Recorded()), Timeout.InfiniteTimeSpan, cancellation));
        saving = new SavingOrder(resources);
        share = new SlotShare(node.Settings.Uploads);

        Receive<RegisterRoute>(OnRegister);
        Receive<UploadFiles>(OnUploadFiles);
        Receive<BatchFinished>(OnFinished);
        Receive<BatchRecorded>(OnRecorded);
        Receive<GatesDue>(_ => Dispatch());
        Receive<RetryRequested>(_ =>
        {
            gates.TryNow();
            Dispatch();
        });
        Receive<HoldKey>(hold => Sender.Tell(new KeyHeld(!beingWritten.Contains((hold.Store, hold.Address)) && heldByJanitor.Add((hold.Store, hold.Address)))));
        Receive<ReleaseKey>(release =>
        {
            heldByJanitor.Remove((release.Store, release.Address));
            Dispatch();
        });
        Receive<SaveFiles>(OnSave);
        Receive<JudgeSaving>(_ => OnJudge());
        Receive<Drain>(OnDrain);
        Receive<CutOff>(_ => Tell(busy.Keys, new BreakOff()));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeContext node, IActorRef ledger) => Actor.Props.Create<UploadersActor>(node, ledger);

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(RetryRequested));

    // A restart forgets the queues and ends the slots. The files start afresh; what was sent of them is found in the store or the ledger.
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var queue in queues)
        {
            var underWay = busy.Values.Where(b => b.Queue == queue).SelectMany(b => b.Batch.Plans);
            Settle(queue, [.. queue.TakeWhere(_ => true).Concat(underWay).Select(plan => new SettledFile(plan.Path, Settlement.Changed))]);
            Self.Tell(new RegisterRoute(queue.Route, queue.Replies), queue.Dedupe);
        }

        base.PreRestart(reason, message);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnRegister(RegisterRoute register)
    {
        queues.RemoveAll(old => string.Equals(old.Route.Name, register.Route.Name, StringComparison.Ordinal));
        var queue = new UploadQueue(register.Route, register.Replies, Sender, share.IsLarge);
        if (saving.HasBegun)
        {
            queue.OrderBySize();
        }

        queues.Add(queue);
        Dispatch();
    }

    private void OnUploadFiles(UploadFiles files)
    {
        var route = files.Plans[0].Route;
        if (queues.Find(q => string.Equals(q.Route.Name, route, StringComparison.Ordinal)) is not { } queue)
        {
            Sender.Tell(new FilesSettled([.. files.Plans.Select(plan => new SettledFile(plan.Path, Settlement.Changed))]));
            return;
        }

        queue.AskedFor = Math.Max(0, queue.AskedFor - files.Plans.Count);
        queue.Add(files.Plans);
        Dispatch();
    }

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
            Settle(queue, put);
        }
    }

    private bool StartBatch(UploadQueue queue)
    {
        if (queue.Count == 0)
        {
            return false;
        }

        var store = queue.Route.Store;
        var underWay = busy.Values.Where(b => ReferenceEquals(b.Queue.Route.Store, store)).Select(b => b.Batch).ToList();
        var slots = share.Slots(store.RequestsAtOnce);
        if (underWay.Count >= slots)
        {
            return false;
        }

        // A long queue is dealt out in full batches, a short one evenly, so that the last files do not wait behind one another.
        var settings = node.Settings.Uploads;
        var most = gates.AllOpen ? Math.Clamp(queue.Count / slots, 1, settings.BatchFiles) : 1;
        var roomForLarge = share.HasRoomForLarge(underWay, queues.Exists(q => q.HasSmall), store.RequestsAtOnce);
        var plans = queue.TakeBatch(
            plan => (roomForLarge || !share.IsLarge(plan)) && gates.Admits(queue.Route, plan.Address.Bucket) && !IsTaken((store.Traits.Name, plan.Address)) && saving.MayStart(plan, busy.Values.Select(b => b.Batch)),
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
        slot.Tell(batch, Self);
        return true;
    }

    private bool IsTaken((string Store, ObjectAddress Address) key) => beingWritten.Contains(key) || heldByJanitor.Contains(key);

    private void Ask(UploadQueue queue)
    {
        if (gates.Closed(queue.Route, "", out var scope) is { } gate && scope is FailureScope.Store or FailureScope.Node && !gates.IsGivenUp(gate) && queue.Count > 0)
        {
            return;
        }

        var ahead = Math.Max(64, share.Slots(queue.Route.Store.RequestsAtOnce) * node.Settings.Uploads.BatchFiles);
        var wanted = ahead - queue.Count - queue.AskedFor;
        if (wanted >= ahead / 4)
        {
            queue.AskedFor += wanted;
            queue.Dedupe.Tell(new WorkRequested(wanted), Self);
        }
    }

    private void OnFinished(BatchFinished finished)
    {
        if (!busy.TryGetValue(Sender, out var entry))
        {
            return;
        }

        var queue = entry.Queue;
        var written = new List<(string Store, ObjectAddress Address)>();
        foreach (var result in finished.Results)
        {
            resources.FinishedBytes.TryRemove((queue.Route.Name, result.Plan.Path), out _);

            // A key stays taken until the ledger knows whose it is, so that another file of the same key finds out.
            var key = (queue.Route.Store.Traits.Name, result.Plan.Address);
            if (result.Stored is null)
            {
                beingWritten.Remove(key);
            }
            else
            {
                written.Add(key);
            }
        }

        var concluded = conclusion.Of(queue.Route, finished);

        // Not before: should concluding fail, the restart finds the batch among what was under way.
        busy.Remove(Sender);
        idle.Push(Sender);
        if (concluded.Changes.Count > 0)
        {
            var files = concluded.Stored.Count > 0 ? new FilesRecorded(concluded.Stored) : null;
            FaultPoint.Reached(files is null ? "failed" : "stored");
            EarlyConfirmation.Tell(queue.Replies, files);
            unrecorded += written.Count;
            ledger.Tell(new CommitChanges(concluded.Changes, files is null ? null : new BatchRecorded(incarnation, queue.Replies, files, written)), Self);
        }

        if (concluded.Refused is { } refused)
        {
            Context.Parent.Tell(new CredentialsRefused(refused));
        }

        if (busy.Count == 0)
        {
            conclusion.FlushLog();
        }

        Settle(queue, concluded.Settled);
        Dispatch();
    }

    private void OnRecorded(BatchRecorded batch)
    {
        batch.Replies.Tell(batch.Files);
        if (ReferenceEquals(batch.Incarnation, incarnation))
        {
            unrecorded -= batch.Written.Count;
            beingWritten.ExceptWith(batch.Written);
            Dispatch();
        }
    }

    private static void Settle(UploadQueue queue, IReadOnlyList<SettledFile> settled)
    {
        if (settled.Count > 0)
        {
            queue.Replies.Tell(new FilesSettled(settled));
        }
    }

    private static void Tell(IEnumerable<IActorRef> slots, object message)
    {
        foreach (var slot in slots)
        {
            slot.Tell(message);
        }
    }

    private sealed record GatesDue;

    private sealed record Recorded;

    private sealed record BatchRecorded(
        object Incarnation, IActorRef Replies, FilesRecorded Files, IReadOnlyList<(string Store, ObjectAddress Address)> Written) : IDeadLetterSuppression;
}
