namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// Ends multipart uploads of ours that nobody goes on with: at the start, then after 20 s, after 40 s more, and so on up to every hour, and at the end of a run that ends. Soon after
/// a start the record of an upload may still come in, sent by a node that has gone. A daemon looks again soon at those whose keys were being written.
/// </summary>
public sealed class JanitorActor : MessageActor, IWithTimers
{
    private static readonly RetrySchedule Usual = new(TimeSpan.FromSeconds(20), TimeSpan.FromHours(1), int.MaxValue);

    private readonly IReadOnlyList<RouteContext> routes;
    private readonly NodeContext node;
    private readonly IActorRef uploaders;
    private readonly IActorRef ledger;
    private readonly TimeSpan leftoversFrom;
    private readonly RetrySchedule schedule;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly CancellationTokenSource stopped = new();
    private readonly HashSet<IActorRef> askers = [];
    private readonly object incarnation = new();
    private bool tidying;
    private int rounds;
    private int roundsWithBusyKeys;

    public JanitorActor(IReadOnlyList<RouteContext> routes, NodeContext node, IActorRef uploaders, IActorRef ledger, TimeSpan leftoversFrom, RetrySchedule schedule)
    {
        this.leftoversFrom = leftoversFrom;
        this.schedule = schedule;
        this.routes = routes;
        this.node = node;
        this.uploaders = uploaders;
        this.ledger = ledger;

        Receive<TidyUploads>(_ =>
        {
            askers.Add(Sender);
            Begin();
        });
        Receive<RoundDue>(_ =>
        {
            Timers.StartSingleTimer("round", new RoundDue(), schedule.DelayAfter(++rounds, node.Chance()));
            Begin();
        });
        Receive<BusyKeysDue>(_ => Begin());
        Receive<RoundEnded>(OnEnded);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IReadOnlyList<RouteContext> routes, NodeContext node, IActorRef uploaders, IActorRef ledger, TimeSpan leftoversFrom = default, RetrySchedule? schedule = null) =>
        Actor.Props.Create<JanitorActor>(routes, node, uploaders, ledger, leftoversFrom, schedule ?? Usual);

    protected override void PreStart()
    {
        if (!node.Settings.Once && node.Planned is null)
        {
            Self.Tell(new RoundDue());
        }
    }

    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var asker in askers)
        {
            Self.Tell(new TidyUploads(), asker);
        }

        base.PreRestart(reason, message);
    }

    protected override void PostStop()
    {
        stopped.Cancel();
        stopped.Dispose();
    }

    private void Begin()
    {
        if (tidying)
        {
            return;
        }

        tidying = true;
        var leftovers = new LeftoverUploads(node.Ledger, RecordAsync, node.Now);
        var round = new Tidying(routes, node, leftovers, leftoversFrom, RecordAsync, HoldAsync, log);
        var cancellation = stopped.Token;
        var current = incarnation;
        Task.Run(() => node.Planned is null ? round.RunAsync(cancellation) : Task.FromResult(0))
            .PipeTo(Self, success: ended => new RoundEnded(current, ended, round.MetBusyKeys, null), failure: cause => new RoundEnded(current, 0, false, cause));
    }

    private void OnEnded(RoundEnded round)
    {
        if (!ReferenceEquals(round.Incarnation, incarnation))
        {
            return;
        }

        tidying = false;
        if (round.Cause is { } cause)
        {
            log.Warning("Unfinished uploads could not be looked through: {0} Trying again later.", cause is LedgerException { Failure: var failure } ? failure.Explanation : cause.Message);
        }

        roundsWithBusyKeys = round.MetBusyKeys ? roundsWithBusyKeys + 1 : 0;
        if (round.MetBusyKeys && !node.Settings.Once)
        {
            Timers.StartSingleTimer("again", new BusyKeysDue(), node.Settings.BlockageRetry.DelayAfter(roundsWithBusyKeys, node.Chance()));
        }

        foreach (var asker in askers)
        {
            asker.Tell(new UploadsTidied(round.Ended), Self);
        }

        askers.Clear();
    }

    private Task RecordAsync(LedgerChange change, CancellationToken cancellation) =>
        ledger.Ask<Recorded>(new CommitChanges([change], new Recorded()), Timeout.InfiniteTimeSpan, cancellation);

    // Not cancelled: a key whose answer nobody waits for would be held for ever.
    private async Task<IDisposable?> HoldAsync(string store, ObjectAddress address) =>
        (await uploaders.Ask<KeyHeld>(new HoldKey(store, address), Timeout.InfiniteTimeSpan)).IsHeld ? new HeldKey(uploaders, store, address) : null;

    private sealed class HeldKey(IActorRef uploaders, string store, ObjectAddress address) : IDisposable
    {
        public void Dispose() => uploaders.Tell(new ReleaseKey(store, address), ActorRefs.NoSender);
    }

    private sealed record RoundDue;

    private sealed record BusyKeysDue;

    private sealed record Recorded;

    private sealed record RoundEnded(object Incarnation, int Ended, bool MetBusyKeys, Exception? Cause) : IDeadLetterSuppression;
}
