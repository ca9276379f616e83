namespace Akka.Pipeline.Actors.Cleanup;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>
/// Deals with the local files of what is stored and recorded: deletes, keeps or moves them. Each is checked once more on the way (see
/// <see cref="ISourceFolder.Remove"/>); one that changed goes round again.
/// </summary>
public sealed class CleanupActor : MessageActor
{
    private const int LargestBatch = 1024;

    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly IActorRef ledger;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly object incarnation = new();
    private readonly Queue<StoredFile> waiting = new();
    private readonly CancellationTokenSource stopping = new();
    private bool removing;
    private IActorRef? drainAsker;

    public CleanupActor(RouteContext route, NodeContext node, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        this.ledger = ledger;

        Receive<FilesRecorded>(recorded =>
        {
            if (route.Settings.AfterUpload == AfterUpload.Keep)
            {
                Keep(recorded.Files);
                return;
            }

            foreach (var file in recorded.Files)
            {
                waiting.Enqueue(file);
            }

            RemoveNext();
        });
        Receive<RemovalsEnded>(OnRemoved);
        Receive<Drain>(_ =>
        {
            drainAsker = Sender;
            AnswerDrain();
        });
    }

    public static Props Props(RouteContext route, NodeContext node, IActorRef ledger) => Actor.Props.Create<CleanupActor>(route, node, ledger);

    // In the background, and however it ends: what it does not find costs nothing but a wrong word in a listing.
    protected override void PreStart()
    {
        if (node.Planned is null && !route.IsShared)
        {
            var stop = stopping.Token;
            _ = Task.Run(() => UnrecordedRemovals.FindAsync(route, node, changes => ledger.Tell(new CommitChanges(changes, null), ActorRefs.NoSender), stop), stop);
        }
    }

    protected override void PostStop()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    // What was not removed yet is stored and recorded; the next walk finds it and it comes back here.
    protected override void PreRestart(Exception reason, object message)
    {
        Context.Parent.Tell(new FilesSettled([.. waiting.Select(file => new SettledFile(file.Path, Settlement.Changed))]));
        base.PreRestart(reason, message);
    }

    private void Keep(IReadOnlyList<StoredFile> files)
    {
        var now = node.Now();
        SettleOnceRecorded(
            [.. files.Select(file => new FileDone(route.Name, file.Path, file.Fingerprint, LocalFate.Kept, now))],
            [.. files.Select(file => new SettledFile(file.Path, Settlement.Done))]);
    }

    private void RemoveNext()
    {
        if (removing || waiting.Count == 0)
        {
            AnswerDrain();
            return;
        }

        removing = true;
        var files = new List<StoredFile>();
        while (files.Count < LargestBatch && waiting.TryDequeue(out var file))
        {
            files.Add(file);
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        var current = incarnation;
        Task.Run(() => Remove(files))
            .PipeTo(Self, success: results => new RemovalsEnded(current, files, results, null), failure: cause => new RemovalsEnded(current, files, [], cause));
    }

    private IReadOnlyList<RemovalResult> Remove(IReadOnlyList<StoredFile> files)
    {
        FaultPoint.Reached("recorded");
        var results = route.Source.Remove(
            [.. files.Select(file => new RemovalRequest(file.Path, file.Fingerprint, file.ChangedUnixNs))],
            route.Settings.AfterUpload == AfterUpload.Move ? route.Settings.MoveTo : null);
        if (route.Settings.PruneEmptyFolders)
        {
            try
            {
                // However young: the removal itself has just changed the folder. Its writer made his last file at least the route's quiet time ago.
                route.Source.PruneEmptyFolders([.. results.Where(r => r.Outcome == RemovalOutcome.Removed).Select(r => r.Request.Path)], TimeSpan.Zero);
            }
            catch (SourceException failed)
            {
                // The files are gone all the same, and that has to be recorded.
                log.Warning("Route {0}: empty folders stay: {1} {2}", route.Name, failed.Failure.Cause, failed.Failure.Cure);
            }
        }

        return results;
    }

    private void OnRemoved(RemovalsEnded ended)
    {
        if (!ReferenceEquals(ended.Incarnation, incarnation))
        {
            return;
        }

        removing = false;
        var now = node.Now();
        var settled = new List<SettledFile>(ended.Files.Count);
        var changes = new List<LedgerChange>(ended.Files.Count);
        var failures = new List<LedgerChange>();
        var failed = new List<SettledFile>();
        if (ended.Cause is { } cause)
        {
            var broken = (cause as SourceException)?.Failure
                ?? new Failure(FailureScope.Source, FailureNature.Passing, cause.GetType().Name, $"Removing uploaded files of route {route.Name} broke off: {cause.Message}", "See the log for details.");
            log.Error("{0}", broken.Explanation);
            settled.AddRange(ended.Files.Select(file => new SettledFile(file.Path, Settlement.Retry, now + node.Settings.FileRetry.FirstDelay, broken)));
        }

        foreach (var (result, file) in ended.Results.Zip(ended.Files))
        {
            switch (result.Outcome)
            {
                case RemovalOutcome.Removed or RemovalOutcome.Gone:
                    var fate = result.Outcome == RemovalOutcome.Gone ? LocalFate.Gone : route.Settings.AfterUpload == AfterUpload.Move ? LocalFate.Moved : LocalFate.Removed;
                    changes.Add(new FileDone(route.Name, file.Path, file.Fingerprint, fate, now));
                    settled.Add(new SettledFile(file.Path, Settlement.Done));
                    node.Meters.Removed(1);
                    break;
                case RemovalOutcome.Changed or RemovalOutcome.BeingWritten:
                    settled.Add(new SettledFile(file.Path, Settlement.Changed));
                    break;
                default:
                    var (failure, next) = FileFailures.Conclude(node, log, route.Name, file.Path, file.Fingerprint, file.FailedAttempts, result.Failure!);
                    failures.Add(failure);
                    failed.Add(next);
                    break;
            }
        }

        if (changes.Count > 0)
        {
            ledger.Tell(new CommitChanges(changes, null));
        }

        if (failures.Count > 0)
        {
            SettleOnceRecorded(failures, failed);
        }

        if (settled.Count > 0)
        {
            Context.Parent.Tell(new FilesSettled(settled));
        }

        RemoveNext();
    }

    // A walk that comes by before would find work in what is done, and not know of the attempt that failed.
    private void SettleOnceRecorded(IReadOnlyList<LedgerChange> changes, IReadOnlyList<SettledFile> settled) =>
        ledger.Tell(new CommitChanges(changes, new FilesSettled(settled)), Context.Parent);

    private void AnswerDrain()
    {
        if (drainAsker is not null && !removing && waiting.Count == 0)
        {
            drainAsker.Tell(new Drained());
            drainAsker = null;
        }
    }

    private sealed record RemovalsEnded(object Incarnation, IReadOnlyList<StoredFile> Files, IReadOnlyList<RemovalResult> Results, Exception? Cause) : IDeadLetterSuppression;
}
