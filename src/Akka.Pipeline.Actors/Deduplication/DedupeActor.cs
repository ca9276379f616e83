namespace Akka.Pipeline.Actors.Deduplication;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>Decides what has to happen with a finished file: where it goes, whether it is there already, what may be overwritten.</summary>
public sealed class DedupeActor : MessageActor, IWithTimers
{
    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly IActorRef uploaders;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly object incarnation = new();
    private readonly Queue<IReadOnlyList<Candidate>> waiting = new();
    private readonly Dictionary<string, TimeSpan> blockedFolders = new(StringComparer.Ordinal);
    private bool deciding;

    public DedupeActor(RouteContext route, NodeContext node, IActorRef uploaders, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.uploaders = uploaders;
        this.ledger = ledger;

        Receive<WorkRequested>(request => Context.Parent.Tell(request));
        Receive<FilesStabilized>(files =>
        {
            waiting.Enqueue(files.Files);
            DecideNext();
        });
        Receive<Decided>(OnDecided);
        Receive<RetryRequested>(_ => blockedFolders.Clear());
        Receive<LookForUnblocked>(_ => OpenWhatIsGone());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, IActorRef uploaders, IActorRef ledger) =>
        Actor.Props.Create<DedupeActor>(route, node, uploaders, ledger);

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(RetryRequested));
        if (node.Planned is null)
        {
            uploaders.Tell(new RegisterRoute(route, Context.Parent), Self);
        }
        else
        {
            Context.Parent.Tell(new WorkRequested(512));
        }
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void DecideNext()
    {
        if (deciding || !waiting.TryDequeue(out var files))
        {
            return;
        }

        deciding = true;
        var mapped = files.Select(file => (File: file, To: route.Settings.Target.Map(file.Seen.Path, file.Seen.Fingerprint.ModifiedUnixNs))).ToList();
        var addresses = mapped.Where(m => m.To.Address is not null).Select(m => m.To.Address!).ToList();
        var current = incarnation;
        (addresses.Count == 0
                ? Task.FromResult<IReadOnlyList<ObjectOrigin?>>([])
                : node.Ledger.LookUpOriginsAsync(route.Store.Traits.Name, addresses, CancellationToken.None))
            .PipeTo(Self, success: origins => new Decided(current, mapped, origins, null), failure: cause => new Decided(current, mapped, [], cause));
    }

    private void OnDecided(Decided decided)
    {
        if (!ReferenceEquals(decided.Incarnation, incarnation))
        {
            return;
        }

        deciding = false;
        var settled = new List<SettledFile>();
        if (decided.Cause is not null)
        {
            // The ledger cannot be asked now; the ledger actor says so to the operator. Nothing is known, so nothing is done.
            var later = node.Now() + node.Settings.BlockageRetry.FirstDelay;
            settled.AddRange(decided.Files.Select(m => new SettledFile(m.File.Seen.Path, Settlement.Retry, later)));
        }
        else
        {
            Decide(decided, settled);
        }

        if (settled.Count > 0)
        {
            Context.Parent.Tell(new FilesSettled(settled));
            if (node.Planned is null || decided.Cause is not null)
            {
                // The uploaders count what they asked for; what never reaches them is made good here.
                Context.Parent.Tell(new WorkRequested(settled.Count));
            }
        }

        DecideNext();
    }

    private void Decide(Decided decided, List<SettledFile> settled)
    {
        var plans = new List<UploadPlan>(decided.Files.Count);
        var changes = new List<LedgerChange>();
        var asked = 0;
        foreach (var (file, to) in decided.Files)
        {
            if (to.Address is { } address)
            {
                var origin = decided.Origins[asked++];
                plans.Add(UploadPlanning.Plan(route.Settings, file.Seen, address, file.Known, origin, route.Store.Traits.Name, trustsChangeTime: !route.Source.Traits.IsNetwork) with { MayBeStored = file.WasHeldBefore });
            }
            else
            {
                settled.Add(Refuse(file, to, changes));
            }
        }

        if (node.Planned is { } planned)
        {
            foreach (var (file, to) in decided.Files)
            {
                planned(new PlannedUpload(route.Name, file.Seen.Path, file.Seen.Fingerprint.SizeBytes, to.Address, to.Failure));
            }

            settled.AddRange(plans.Select(plan => new SettledFile(plan.Path, Settlement.Done)));
            Context.Parent.Tell(new WorkRequested(decided.Files.Count));
            return;
        }

        if (changes.Count > 0)
        {
            ledger.Tell(new CommitChanges(changes, null));
        }

        if (plans.Count > 0)
        {
            uploaders.Tell(new UploadFiles(plans), Context.Parent);
        }
    }

    private SettledFile Refuse(Candidate file, Mapped to, List<LedgerChange> changes)
    {
        var failure = to.Failure!;
        var path = file.Seen.Path;
        var now = node.Now();
        if (to.Blocked is { } folder)
        {
            // Thousands of files may lie in a folder that names no bucket: it is one blockage, not thousands of failures.
            var isNew = !blockedFolders.ContainsKey(folder);
            blockedFolders[folder] = node.MonotonicNow();
            if (isNew)
            {
                if (node.Planned is null)
                {
                    Timers.StartPeriodicTimer("unblocked", new LookForUnblocked(), route.Settings.ScanInterval);
                }

                var trouble = new Trouble(1, now, failure);
                changes.Add(new BlockageSeen(new Blockage(FailureScope.Bucket, GateOf(folder), trouble, now), now));
                log.Warning("Route {0}: {1}", route.Name, failure.Explanation);
            }

            return node.Settings.Once
                ? new SettledFile(path, Settlement.GivenUp, default, failure)
                : new SettledFile(path, Settlement.Blocked, now + node.Settings.BlockageRetry.MaximumDelay, failure);
        }

        if (node.Planned is null)
        {
            log.Warning("Route {0}: {1} Set aside.", route.Name, failure.Explanation);
            node.Meters.SetAside();
            changes.Add(new FileFailed(route.Name, path, file.Seen.Fingerprint, new Trouble(1, now, failure), SetAside: true, now));
        }

        return new SettledFile(path, Settlement.SetAside, default, failure);
    }

    // Every walk meets the files of such a folder anew; when two have passed without one, it was renamed or emptied.
    private void OpenWhatIsGone()
    {
        var before = node.MonotonicNow() - (2 * route.Settings.ScanInterval);
        var gone = blockedFolders.Where(folder => folder.Value < before).Select(folder => folder.Key).ToList();
        gone.ForEach(folder => blockedFolders.Remove(folder));
        if (gone.Count > 0)
        {
            var now = node.Now();
            ledger.Tell(new CommitChanges([.. gone.Select(folder => new BlockageCleared(FailureScope.Bucket, GateOf(folder), now))], null));
        }

        if (blockedFolders.Count == 0)
        {
            Timers.Cancel("unblocked");
        }
    }

    private string GateOf(string folder) => $"{route.Name}: {folder}";

    private sealed record LookForUnblocked;

    private sealed record Decided(
        object Incarnation,
        IReadOnlyList<(Candidate File, Mapped To)> Files,
        IReadOnlyList<ObjectOrigin?> Origins,
        Exception? Cause) : IDeadLetterSuppression;
}
