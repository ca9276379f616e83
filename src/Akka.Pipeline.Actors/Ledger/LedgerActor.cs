namespace Akka.Pipeline.Actors.Ledger;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>
/// Commits progress in groups: what arrives during one commit goes with the next. Nothing is confirmed before it is durable, and what cannot be
/// written is kept and tried again, so a full disk stops the flow and loses nothing. What many files bring makes fewer commits than they could: removals begin a moment
/// later for it, and that a file is gone nobody waits for.
/// </summary>
public sealed class LedgerActor : MessageActor, IWithTimers
{
    private const int LargestGroup = 8192;
    private static readonly TimeSpan BetweenCommitsOfStored = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MostWaitingOfGone = TimeSpan.FromMilliseconds(100);

    private readonly NodeContext node;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Queue<(CommitChanges Request, IActorRef Sender)> waiting = new();
    private readonly List<(CommitChanges Request, IActorRef Sender)> underWay = [];
    private readonly object incarnation = new();
    private TimeSpan? lastBegan;
    private TimeSpan? due;
    private TimeSpan? timedFor;
    private int failures;
    private long? retryGeneration;

    public LedgerActor(NodeContext node)
    {
        this.node = node;
        Receive<CommitChanges>(request =>
        {
            Add(request);
            CommitNext();
        });
        Receive<FlushLedger>(_ =>
        {
            Add(new CommitChanges([], new LedgerFlushed()));
            CommitNext();
        });
        Receive<CommitDue>(_ =>
        {
            due = timedFor = null;
            CommitNext();
        });
        Receive<Committed>(done => ReferenceEquals(done.Incarnation, incarnation), OnCommitted);
        Receive<Committed>(_ => { });
        Receive<TryAgain>(_ => Commit());
        Receive<PollRetries>(_ => node.Ledger.RetryGenerationAsync(CancellationToken.None)
            .PipeTo(Self, success: generation => new RetryGenerationRead(generation), failure: _ => new RetryGenerationRead(null)));
        Receive<RetryGenerationRead>(OnRetryGeneration);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeContext node) => Actor.Props.Create<LedgerActor>(node);

    protected override void PreStart()
    {
        Self.Tell(new PollRetries());
        Timers.StartPeriodicTimer("retries", new PollRetries(), node.Settings.RetryPoll);
    }

    // The mailbox outlives a restart, the fields do not: what was not confirmed goes back into the mailbox.
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var (request, sender) in underWay.Concat(waiting))
        {
            Self.Tell(request, sender);
        }

        base.PreRestart(reason, message);
    }

    private void Add(CommitChanges request)
    {
        waiting.Enqueue((request, Sender));
        var wanted = DueOf(request);
        if (due is null || wanted < due)
        {
            due = wanted;
        }
    }

    private TimeSpan DueOf(CommitChanges request)
    {
        var ofStored = false;
        foreach (var change in request.Changes)
        {
            switch (change)
            {
                case FileStored:
                    ofStored = true;
                    break;
                case FileDone { Fate: not LocalFate.Kept } when request.Confirmation is null:
                    break;
                default:
                    return TimeSpan.MinValue;
            }
        }

        return ofStored ? (lastBegan + BetweenCommitsOfStored) ?? TimeSpan.MinValue
            : request.Changes.Count == 0 ? TimeSpan.MinValue
            : node.MonotonicNow() + MostWaitingOfGone;
    }

    private void CommitNext()
    {
        if (underWay.Count > 0 || waiting.Count == 0)
        {
            return;
        }

        var now = node.MonotonicNow();
        if (due > now)
        {
            if (timedFor != due)
            {
                timedFor = due;

                // Not a timer of the actors, which may be 100 ms late: removals wait for this.
                Task.Delay(due.Value - now, node.Time).PipeTo(Self, success: () => new CommitDue());
            }

            return;
        }

        lastBegan = now;
        var changes = 0;
        while (changes < LargestGroup && waiting.TryDequeue(out var next))
        {
            underWay.Add(next);
            changes += next.Request.Changes.Count;
        }

        // What a full group left behind does not wait again.
        due = waiting.Count > 0 ? now : null;
        Commit();
    }

    private void Commit()
    {
        FaultPoint.Reached("committing");
        var changes = underWay.SelectMany(entry => entry.Request.Changes).ToList();
        var current = incarnation;
        (changes.Count == 0 ? Task.CompletedTask : node.Ledger.CommitAsync(changes, CancellationToken.None))
            .PipeTo(Self, success: () => new Committed(current, null), failure: cause => new Committed(current, cause));
    }

    private void OnCommitted(Committed result)
    {
        if (result.Cause is { } cause)
        {
            Retry(cause);
            return;
        }

        if (failures > 0)
        {
            log.Info("The ledger can be written again.");
            failures = 0;
        }

        var confirmed = underWay.ToList();
        underWay.Clear();
        foreach (var (request, sender) in confirmed)
        {
            if (request.Confirmation is { } confirmation)
            {
                sender.Tell(confirmation, Self);
            }
        }

        CommitNext();
    }

    private void Retry(Exception cause)
    {
        failures++;
        var failure = (cause as LedgerException)?.Failure
            ?? new Failure(FailureScope.Node, FailureNature.Passing, cause.GetType().Name, $"The ledger could not be written: {cause.Message}", "See the log for details.");
        if (failures == 1)
        {
            log.Error("{0} Nothing is removed until it can be written.", failure.Explanation);
        }

        if (node.Settings.Once && node.Settings.BlockageRetry.IsExhausted(failures))
        {
            Context.Parent.Tell(new LedgerGaveUp(failure));
        }

        Timers.StartSingleTimer("again", new TryAgain(), node.Settings.BlockageRetry.DelayAfter(failures, node.Chance(), failure.RetryAfter));
    }

    private void OnRetryGeneration(RetryGenerationRead read)
    {
        if (read.Generation is not { } generation)
        {
            return;
        }

        if (retryGeneration is { } before && generation > before)
        {
            log.Info("An operator asked for retries.");
            Context.System.EventStream.Publish(new RetryRequested());
        }

        retryGeneration = generation;
    }

    // A session of a fleet may end at any time, and with it this actor.
    private sealed record Committed(object Incarnation, Exception? Cause) : IDeadLetterSuppression;

    private sealed record CommitDue : IDeadLetterSuppression;

    private sealed record TryAgain;

    private sealed record PollRetries;

    private sealed record RetryGenerationRead(long? Generation) : IDeadLetterSuppression;
}
