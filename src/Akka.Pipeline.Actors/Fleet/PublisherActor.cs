namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;

/// <summary>
/// The last stage of the walk of a shared route: cuts finished files into batches and publishes them for all nodes. A file is on its way until its batch is
/// finished, by whichever node.
/// </summary>
public sealed class PublisherActor : MessageActor, IWithTimers
{
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(200);

    private readonly RouteContext route;
    private readonly SessionContext session;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly object incarnation = new();
    private readonly Dictionary<string, long> numberOf = new(StringComparer.Ordinal);
    private readonly Dictionary<long, List<string>> open = [];
    private readonly Queue<IReadOnlyList<BatchFile>> full = new();
    private readonly int ahead;
    private List<BatchFile> gathered = [];
    private long gatheredBytes;
    private ScanLease? lease;
    private long nextNumber;
    private int askedFor;
    private bool busy;
    private bool troubled;

    public PublisherActor(RouteContext route, SessionContext session)
    {
        this.route = route;
        this.session = session;
        ahead = 4 * session.Settings.BatchFiles;

        Receive<Opened>(IsCurrent, OnOpened);
        Receive<Published>(IsCurrent, OnPublished);
        Receive<Looked>(IsCurrent, OnLooked);
        Receive<Broken>(IsCurrent, OnBroken);
        Receive<Answer>(_ => { });
        Receive<FilesStabilized>(OnFiles);
        Receive<Flush>(_ =>
        {
            Cut();
            Advance();
        });
        Receive<Poll>(_ => Look());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, SessionContext session) => Actor.Props.Create<PublisherActor>(route, session);

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("poll", new Poll(), session.Settings.Poll);
        Open();
    }

    // What a former holder has published is not published again.
    private void Open() => Run(async () =>
    {
        var answer = await session.Fleet.TakeScanLeaseAsync(session.Session.Id, route.Name, CancellationToken.None);
        return new Opened(answer, answer.Lease is null ? [] : await session.Fleet.OpenBatchesAsync(route.Name, CancellationToken.None));
    });

    private void OnOpened(Opened opened)
    {
        busy = false;
        Recovered();
        if (opened.Lease.Lease is not { } taken)
        {
            Lost(opened.Lease.Outcome);
            return;
        }

        lease = taken;
        nextNumber = taken.NextNumber;
        foreach (var batch in opened.Batches)
        {
            Remember(batch.Number, batch.Files);
        }

        Ask();
    }

    private void OnFiles(FilesStabilized files)
    {
        askedFor -= files.Files.Count;
        foreach (var candidate in files.Files)
        {
            var seen = candidate.Seen;
            if (numberOf.TryGetValue(seen.Path, out var number))
            {
                // Of a former holder's batch: it is settled with that.
                continue;
            }

            if (gathered.Count > 0 && gatheredBytes + seen.Fingerprint.SizeBytes > session.Settings.BatchBytes)
            {
                Cut();
            }

            gathered.Add(new BatchFile(seen.Path, seen.Fingerprint));
            gatheredBytes += seen.Fingerprint.SizeBytes;
            if (gathered.Count >= session.Settings.BatchFiles || gatheredBytes >= session.Settings.BatchBytes)
            {
                Cut();
            }
        }

        if (gathered.Count > 0)
        {
            Timers.StartSingleTimer("flush", new Flush(), Linger);
        }

        Advance();
    }

    private void Cut()
    {
        if (gathered.Count > 0)
        {
            full.Enqueue(gathered);
            (gathered, gatheredBytes) = ([], 0);
        }
    }

    private void Advance()
    {
        Ask();
        if (busy || full.Count == 0 || lease is not { } held)
        {
            return;
        }

        IReadOnlyList<IReadOnlyList<BatchFile>> batches = [.. full];
        var first = nextNumber;
        Run(async () => new Published(
            first, await session.Fleet.PublishAsync(session.Session.Id, held, first, batches, session.Settings.MostWaiting, CancellationToken.None)));
    }

    private void OnPublished(Published published)
    {
        busy = false;
        Recovered();
        if (published.Answer.Outcome != FleetOutcome.Done)
        {
            Lost(published.Answer.Outcome);
            return;
        }

        for (var i = 0; i < published.Answer.Published; i++)
        {
            Remember(published.First + i, full.Dequeue());
        }

        nextNumber = published.Answer.NextNumber;
        if (published.Answer.Room > 0 || full.Count == 0)
        {
            Advance();
        }
    }

    private void Look()
    {
        if (busy || lease is null)
        {
            if (!busy)
            {
                Open();
            }

            return;
        }

        if (open.Count == 0)
        {
            Advance();
            return;
        }

        Run(async () => new Looked(await session.Fleet.OpenBatchNumbersAsync(route.Name, CancellationToken.None)));
    }

    private void OnLooked(Looked looked)
    {
        busy = false;
        Recovered();
        var still = looked.Numbers.ToHashSet();
        var settled = new List<SettledFile>();
        foreach (var number in open.Keys.Where(number => !still.Contains(number)).ToList())
        {
            open.Remove(number, out var paths);
            foreach (var path in paths!)
            {
                numberOf.Remove(path);
                settled.Add(new SettledFile(path, Settlement.Done));
            }
        }

        if (settled.Count > 0)
        {
            Context.Parent.Tell(new FilesSettled(settled));
        }

        Advance();
    }

    private void OnBroken(Broken broken)
    {
        busy = false;
        if (broken.Cause is not LedgerException failed)
        {
            throw broken.Cause;
        }

        // The next poll tries again: every call can be repeated.
        if (!troubled)
        {
            troubled = true;
            log.Error("Route {0}: nothing can be shared now: {1}", route.Name, failed.Failure.Explanation);
        }
    }

    private void Recovered()
    {
        if (troubled)
        {
            troubled = false;
            log.Info("Route {0}: work is shared again.", route.Name);
        }
    }

    private void Lost(FleetOutcome outcome)
    {
        if (outcome == FleetOutcome.SessionEnded)
        {
            session.Refused();
        }
        else
        {
            lease = null;
            Context.Parent.Tell(new LeaseLost());
        }
    }

    private void Remember(long number, IReadOnlyList<BatchFile> files)
    {
        var paths = files.Select(file => file.Path).ToList();
        open[number] = paths;
        foreach (var path in paths)
        {
            numberOf[path] = number;
        }
    }

    private void Ask()
    {
        var wanted = ahead - askedFor - gathered.Count - full.Sum(batch => batch.Count);
        if (lease is not null && wanted >= ahead / 4)
        {
            askedFor += wanted;
            Context.Parent.Tell(new WorkRequested(wanted));
        }
    }

    private void Run(Func<Task<Answer>> ask)
    {
        busy = true;
        var current = incarnation;
        ask().PipeTo(Self, success: answer => answer with { Incarnation = current }, failure: cause => new Broken(cause) { Incarnation = current });
    }

    private bool IsCurrent(Answer answer) => ReferenceEquals(answer.Incarnation, incarnation);

    private abstract record Answer : IDeadLetterSuppression
    {
        public object? Incarnation { get; init; }
    }

    private sealed record Opened(ScanAnswer Lease, IReadOnlyList<OpenBatch> Batches) : Answer;

    private sealed record Published(long First, Publication Answer) : Answer;

    private sealed record Looked(IReadOnlyList<long> Numbers) : Answer;

    private sealed record Broken(Exception Cause) : Answer;

    private sealed record Flush;

    private sealed record Poll;
}
