namespace Akka.Pipeline.Actors.Uploading;

using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>What follows from how the files of a batch fared.</summary>
/// <param name="Changes">For the ledger.</param>
/// <param name="Stored">To be cleaned up once the changes are recorded.</param>
/// <param name="Settled">Their journey is over, for now.</param>
/// <param name="Refused">The store refuses our credentials, and nothing has ever been stored in this run.</param>
internal sealed record Concluded(IReadOnlyList<LedgerChange> Changes, IReadOnlyList<StoredFile> Stored, IReadOnlyList<SettledFile> Settled, Failure? Refused);

/// <summary>Draws the conclusions: what the ledger and the other stages are told, and which gates close or open.</summary>
internal sealed class BatchConclusion(NodeContext node, GateKeeper gates, ILoggingAdapter log)
{
    private readonly StoredFilesLog storedFiles = new(node, log);
    private bool anythingStored;
    private bool refusalTold;

    public Concluded Of(RouteContext route, BatchFinished finished)
    {
        var changes = new List<LedgerChange>(finished.Results.Count);
        var stored = new List<StoredFile>(finished.Results.Count);
        var settled = new List<SettledFile>();
        Failure? refused = null;
        foreach (var result in finished.Results)
        {
            refused = Conclude(route, finished.Batch.IsProbe, result, changes, stored, settled) ?? refused;
        }

        return new Concluded(changes, stored, settled, refused);
    }

    /// <summary>Logs what was gathered of stored files.</summary>
    public void FlushLog() => storedFiles.Flush();

    private Failure? Conclude(
        RouteContext route, bool isProbe, TransferResult result, List<LedgerChange> changes, List<StoredFile> stored, List<SettledFile> settled)
    {
        var plan = result.Plan;
        if (isProbe)
        {
            // Every gate that let it through may let the next one through, except the one that is found closed again below.
            gates.ProbeEnded(route, plan.Address.Bucket);
        }

        switch (result.Outcome)
        {
            case TransferOutcome.Stored or TransferOutcome.AlreadyStored:
                anythingStored = true;
                storedFiles.Add(result);
                node.Meters.Stored(plan.Fingerprint.SizeBytes, result.Outcome == TransferOutcome.AlreadyStored);
                changes.AddRange(gates.Opened(route, plan.Address.Bucket));
                changes.Add(new FileStored(route.Name, plan.Path, result.Stored!, result.Stored!.At));
                stored.Add(new StoredFile(plan.Path, plan.Fingerprint, plan.ChangedUnixNs, plan.FailedAttempts));
                return null;
            case TransferOutcome.Failed when result.Failure is { Scope: FailureScope.Bucket or FailureScope.Store or FailureScope.Node } failure:
                node.Meters.Failed();
                changes.Add(gates.Failed(route, plan.Address.Bucket, failure, isProbe));
                settled.Add(new SettledFile(plan.Path, Settlement.Changed, default, failure));
                if (failure.Nature != FailureNature.Credentials || anythingStored || refusalTold)
                {
                    return null;
                }

                refusalTold = true;
                return failure;
            case TransferOutcome.Failed when result.Failure is { Scope: FailureScope.Source } failure:
                // Says nothing of this file; the scanner meets the same and tells the operator.
                settled.Add(new SettledFile(plan.Path, Settlement.Retry, node.Now() + node.Settings.FileRetry.FirstDelay, failure));
                return null;
            case TransferOutcome.Failed:
                var (change, failed) = FileFailures.Conclude(node, log, route.Name, plan.Path, plan.Fingerprint, plan.FailedAttempts, result.Failure!);
                changes.Add(change);
                settled.Add(failed);
                return null;
            default:
                settled.Add(new SettledFile(plan.Path, result.Outcome == TransferOutcome.Gone ? Settlement.Done : Settlement.Changed));
                return null;
        }
    }
}
