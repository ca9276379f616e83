namespace Akka.Pipeline.Actors.Scanning;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Scanning;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>
/// Finds work: walks the source every scan interval and listens to its watch in between. Reads on only as far as files are asked for, so
/// that memory is bounded and the walk slows down with the uploads. Knows which files are on their way, and brings none of them twice.
/// </summary>
public sealed class ScannerActor : MessageActor, IWithTimers
{
    private const int ReadBatch = 256;
    private static readonly TimeSpan HintDelay = TimeSpan.FromMilliseconds(50);

    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly IActorRef stability;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly object incarnation = new();
    private readonly HashSet<string> onTheirWay = new(StringComparer.Ordinal);
    private readonly HashSet<string> hintedMeanwhile = new(StringComparer.Ordinal);
    private readonly TimeSpan longestWait;
    private readonly ReturningFiles returning;
    private readonly SourceReader reader;
    private readonly RemainderTally remainder = new();
    private readonly int mostOnTheirWay;
    private ISourceWatch? watch;
    private IFileWalk? walk;
    private TimeSpan walkStartedAt;
    private int sourceFailures;
    private int demand;
    private bool reading;
    private bool hintsWaiting;
    private bool walkDue;
    private bool walkedOnce;
    private bool stopped;
    private TimeSpan? emptyUntil;

    public ScannerActor(RouteContext route, NodeContext node, IActorRef stability, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.stability = stability;
        this.ledger = ledger;

        // Held back, between the stages, and in the uploaders' hands: a few times what they ask for. Only a stage that is stalled makes more.
        longestWait = new[] { node.Settings.FileRetry.MaximumDelay, node.Settings.BlockageRetry.MaximumDelay, route.Settings.StableAfter }.Max();
        returning = new ReturningFiles(longestWait);
        reader = new SourceReader(route, node);
        mostOnTheirWay = node.Settings.HeldFiles + 4096 + (4 * node.Settings.Uploads.Slots * node.Settings.Uploads.BatchFiles);

        Receive<WorkRequested>(request =>
        {
            demand += request.Count;
            Advance();
        });
        Receive<FilesSettled>(OnSettled);
        Receive<Read>(read => ReferenceEquals(read.Incarnation, incarnation), OnRead);
        Receive<Read>(stale => stale.Walk?.Dispose());
        Receive<ReadFailed>(failed => ReferenceEquals(failed.Incarnation, incarnation), OnReadFailed);
        Receive<ReadFailed>(_ => { });
        Receive<HintsAvailable>(_ => Timers.StartSingleTimer("hints", new TakeHints(), HintDelay));
        Receive<TakeHints>(_ =>
        {
            hintsWaiting = true;
            Advance();
        });
        Receive<WalkDue>(_ =>
        {
            walkDue = true;
            Advance();
        });
        Receive<LookAgain>(_ => Advance());
        Receive<RetryRequested>(_ =>
        {
            returning.Clear();
            walkDue = true;
            Advance();
        });
        Receive<StopScanning>(_ => stopped = true);
        Receive<EmptySource>(empty =>
        {
            (emptyUntil, walkDue) = (empty.Until, true);
            Advance();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, IActorRef stability, IActorRef ledger) =>
        Actor.Props.Create<ScannerActor>(route, node, stability, ledger);

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(RetryRequested));
        if (!node.Settings.Once && node.Planned is null)
        {
            var self = Self;
            watch = route.Source.StartWatch(() => self.Tell(new HintsAvailable(), ActorRefs.NoSender));
        }

        walkDue = true;
        Advance();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        watch?.Dispose();
        if (!reading)
        {
            walk?.Dispose();
        }
    }

    /// <summary>How many more files may be brought: no more than were asked for, and fewer when those behind the uploads do not get away.</summary>
    private int Room => Math.Min(demand, mostOnTheirWay - onTheirWay.Count);

    private void Advance()
    {
        if (reading || stopped)
        {
            return;
        }

        if (walkDue && walk is null)
        {
            StartWalk();
            return;
        }

        if (Room > 0 && (returning.TakeDue(node.Now(), Math.Min(Room, ReadBatch)) is { Count: > 0 } due ? due : TakenHints()) is { Count: > 0 } paths)
        {
            Start(async () => new Read(incarnation, null, await reader.NamedAsync(paths)));
            return;
        }

        if (Room > 0 && walk is { } current)
        {
            var count = Math.Min(Room, ReadBatch);
            Start(async () => new Read(incarnation, null, await reader.NextAsync(current, count)));
            return;
        }

        FinishOrWait();
    }

    private void StartWalk()
    {
        walkDue = false;
        returning.WalkBegins();
        walkStartedAt = node.MonotonicNow();
        remainder.Clear();
        Start(() => Task.FromResult(new Read(incarnation, route.Source.StartWalk(), SourceReading.Nothing)));
    }

    private void Start(Func<Task<Read>> read)
    {
        reading = true;
        var current = incarnation;
        Task.Run(read).PipeTo(Self, success: result => result, failure: cause => new ReadFailed(current, cause));
    }

    private void OnRead(Read read)
    {
        reading = false;
        if (read.Walk is { } started)
        {
            walk = started;
            if (sourceFailures > 0)
            {
                log.Info("Route {0}: the source '{1}' can be read again.", route.Name, route.Settings.Source.Folder);
                sourceFailures = 0;
                Record(new BlockageCleared(FailureScope.Source, route.Name, node.Now()));
            }
        }

        Take(read.Reading);
        if (read.Reading.Ended)
        {
            EndWalk();
        }

        Advance();
    }

    private void Take(SourceReading found)
    {
        foreach (var notice in found.Notices)
        {
            log.Warning("Route {0}: {1}", route.Name, notice.Failure.Explanation);
        }

        foreach (var unread in found.Unread)
        {
            remainder.Add(new SettledFile(unread.Path, Settlement.Unread, default, unread.Failure));
        }

        foreach (var (path, verdict, trouble) in found.PassedOver)
        {
            if (verdict == SiftVerdict.SetAside)
            {
                remainder.Add(new SettledFile(path, Settlement.SetAside, default, trouble.Failure));
            }
            else
            {
                returning.Add(path, trouble.NextAttemptAt);
            }
        }

        var fresh = found.Work.Where(file => onTheirWay.Add(file.Seen.Path)).ToList();
        if (fresh.Count < found.Work.Count)
        {
            // Only a file that is held back is looked at now; one further on has its new version looked at when it is through.
            IReadOnlyList<string> known = [.. found.Work.Select(file => file.Seen.Path).Except(fresh.Select(file => file.Seen.Path), StringComparer.Ordinal)];
            hintedMeanwhile.UnionWith(known);
            stability.Tell(new FilesHinted(known), Self);
        }

        if (fresh.Count > 0)
        {
            demand = Math.Max(0, demand - fresh.Count);
            node.Meters.Found(fresh.Count, fresh.Sum(file => file.Seen.Fingerprint.SizeBytes));
            stability.Tell(new CandidatesFound(fresh), Self);
        }
    }

    private void EndWalk()
    {
        walk?.Dispose();
        walk = null;
        walkedOnce = true;
        node.Meters.WalkEnded();
        if (!node.Settings.Once)
        {
            var rest = route.Settings.ScanInterval - (node.MonotonicNow() - walkStartedAt);
            Timers.StartSingleTimer("walk", new WalkDue(), rest > TimeSpan.Zero ? rest : TimeSpan.FromMilliseconds(100));
        }
    }

    private void OnReadFailed(ReadFailed failed)
    {
        reading = false;
        walk?.Dispose();
        walk = null;
        var failure = failed.Cause switch
        {
            SourceException source => source.Failure,
            LedgerException ledgerFailure => ledgerFailure.Failure,
            _ => null,
        };
        if (failure is null)
        {
            throw failed.Cause;
        }

        // What was read for is found again by a whole walk, and a run does not end before it.
        walkedOnce = false;
        sourceFailures++;
        if (sourceFailures == 1)
        {
            log.Error("Route {0}: {1} Trying again.", route.Name, failure.Explanation);
        }

        var delay = node.Settings.BlockageRetry.DelayAfter(sourceFailures, node.Chance(), failure.RetryAfter);
        var now = node.Now();
        if (failed.Cause is SourceException)
        {
            Record(new BlockageSeen(new Blockage(FailureScope.Source, route.Name, new Trouble(sourceFailures, now + delay, failure), now), now));
        }

        if (node.Settings.Once && node.Settings.BlockageRetry.IsExhausted(sourceFailures))
        {
            remainder.SourceFailure = failure;
            walkedOnce = true;
            FinishOrWait();
            return;
        }

        Timers.StartSingleTimer("walk", new WalkDue(), delay);
    }

    private void Record(LedgerChange change)
    {
        if (node.Planned is null)
        {
            ledger.Tell(new CommitChanges([change], null));
        }
    }

    private void OnSettled(FilesSettled settled)
    {
        foreach (var file in settled.Files)
        {
            if (!onTheirWay.Remove(file.Path))
            {
                continue;
            }

            var hinted = hintedMeanwhile.Remove(file.Path);
            switch (file.How)
            {
                case Settlement.Done when hinted:
                case Settlement.Changed:
                    returning.Add(file.Path, node.Now());
                    break;
                case Settlement.Retry or Settlement.Blocked:
                    returning.Add(file.Path, file.LookAgainAt);
                    break;
                case Settlement.SetAside or Settlement.GivenUp or Settlement.BeingWritten:
                    remainder.Add(file);
                    break;
                case Settlement.Done:
                    break;
            }
        }

        Advance();
    }

    private IReadOnlyList<string> TakenHints()
    {
        if (!hintsWaiting || watch is null)
        {
            return [];
        }

        var batch = watch.Take(Math.Min(Room, ReadBatch));
        hintsWaiting = batch.Paths.Count > 0;
        walkDue |= batch.WalkNeeded;
        foreach (var notice in batch.Notices)
        {
            log.Warning("Route {0}: {1}", route.Name, notice.Failure.Explanation);
        }

        return batch.Paths;
    }

    private void FinishOrWait()
    {
        if (walkDue && walk is null && !reading && remainder.SourceFailure is null)
        {
            StartWalk();
            return;
        }

        var now = node.Now();
        if (returning.NeedsWalk(now) && walk is null)
        {
            StartWalk();
            return;
        }

        if (returning.Next is { } when && !(when - now > emptyUntil - node.MonotonicNow()))
        {
            // A wall clock that was stepped back must not stall what waits.
            var wait = when - now;
            wait = wait > longestWait ? longestWait : wait;
            if (wait > TimeSpan.Zero || Room > 0)
            {
                Timers.StartSingleTimer("again", new LookAgain(), wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(20));
            }

            return;
        }

        if ((node.Settings.Once || emptyUntil is not null) && walkedOnce && walk is null && onTheirWay.Count == 0)
        {
            Context.Parent.Tell(new SourceEmptied(route.Name, remainder.Snapshot()));
        }
    }

    private sealed record Read(object Incarnation, IFileWalk? Walk, SourceReading Reading) : IDeadLetterSuppression;

    private sealed record ReadFailed(object Incarnation, Exception Cause) : IDeadLetterSuppression;

    private sealed record HintsAvailable;

    private sealed record TakeHints;

    private sealed record WalkDue;

    private sealed record LookAgain;
}
