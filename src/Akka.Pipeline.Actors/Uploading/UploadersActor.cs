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
    private readonly List<UploadQueue> queues = [];
    private readonly Stack<IActorRef> idle = new();
    private readonly Dictionary<IActorRef, (UploadQueue Queue, UploadBatch Batch)> busy = [];
    private readonly HashSet<(string Store, ObjectAddress Address)> beingWritten = [];
    private readonly HashSet<(string Store, ObjectAddress Address)> heldByJanitor = [];
    private readonly object incarnation = new();
    private int turn;
    private int unrecorded;
    private int largeUnderWay;
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
            Settle(queue.Replies, [.. queue.TakeWhere(_ => true).Concat(underWay).Select(plan => new SettledFile(plan.Path, Settlement.Changed))]);
            Self.Tell(new RegisterRoute(queue.Route, queue.Replies), queue.Dedupe);
        }

        base.PreRestart(reason, message);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnRegister(RegisterRoute register)
    {
        queues.RemoveAll(old => string.Equals(old.Route.Name, register.Route.Name, StringComparison.Ordinal));
        var queue = new UploadQueue(register.Route, register.Replies, Sender, resources.Share.IsLarge);
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
        largeUnderWay -= resources.Share.IsLarge(entry.Batch.Plans[0]) ? 1 : 0;
        idle.Push(Sender);
        if (concluded.Changes.Count > 0)
        {
            var files = concluded.Stored.Count > 0 ? new FilesRecorded(concluded.Stored) : null;
            FaultPoint.Reached(files is null ? "failed" : "stored");
            EarlyConfirmation.Tell(queue.Replies, files);
            unrecorded++;

            // Settled no earlier either: an attempt that failed and is not counted yet would be made again.
            ledger.Tell(new CommitChanges(concluded.Changes, new BatchRecorded(incarnation, queue.Replies, files, concluded.Settled, written)), Self);
        }
        else
        {
            Settle(queue.Replies, concluded.Settled);
        }

        if (concluded.Refused is { } refused)
        {
            Context.Parent.Tell(new CredentialsRefused(refused));
        }

        if (busy.Count == 0)
        {
            conclusion.FlushLog();
        }

        Dispatch();
    }

    private void OnRecorded(BatchRecorded batch)
    {
        if (batch.Files is { } files)
        {
            batch.Replies.Tell(files);
        }

        Settle(batch.Replies, batch.Settled);
        if (ReferenceEquals(batch.Incarnation, incarnation))
        {
            unrecorded--;
            beingWritten.ExceptWith(batch.Written);
            Dispatch();
        }
    }

    private static void Settle(IActorRef replies, IReadOnlyList<SettledFile> settled)
    {
        if (settled.Count > 0)
        {
            replies.Tell(new FilesSettled(settled));
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
        object Incarnation, IActorRef Replies, FilesRecorded? Files, IReadOnlyList<SettledFile> Settled, IReadOnlyList<(string Store, ObjectAddress Address)> Written)
        : IDeadLetterSuppression;
}
