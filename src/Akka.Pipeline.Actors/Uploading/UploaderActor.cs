namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>One upload slot: takes a batch, brings its files into the store one after the other, says how they fared.</summary>
public sealed class UploaderActor : MessageActor
{
    private readonly TransferResources resources;
    private CancellationTokenSource current = new();
    private volatile bool finishing;

    public UploaderActor(TransferResources resources)
    {
        this.resources = resources;
        Receive<UploadBatch>(batch =>
        {
            if (current.IsCancellationRequested)
            {
                current.Dispose();
                current = new CancellationTokenSource();
            }

            var cancellation = current.Token;
            Task.Run(() => RunAsync(batch, cancellation)).PipeTo(Context.Parent, Self, success: results => new BatchFinished(batch, results));
        });
        Receive<FinishCurrent>(_ => finishing = true);
        Receive<BreakOff>(_ => current.Cancel());
    }

    public static Props Props(TransferResources resources) => Actor.Props.Create<UploaderActor>(resources);

    protected override void PostStop()
    {
        current.Cancel();
        current.Dispose();
    }

    private async Task<IReadOnlyList<TransferResult>> RunAsync(UploadBatch batch, CancellationToken cancellation)
    {
        var transfer = new FileTransfer(batch.Route, resources);
        using var opener = batch.Route.Source.StartOpening();
        var results = new List<TransferResult>(batch.Plans.Count);
        Failure? shared = null;
        foreach (var plan in batch.Plans)
        {
            if (finishing || cancellation.IsCancellationRequested || (shared is not null && Shares(batch, plan, results, shared)))
            {
                results.Add(new TransferResult(plan, TransferOutcome.NotTried));
                continue;
            }

            var result = await RunAsync(transfer, plan, opener, cancellation);
            results.Add(result);
            if (result.Failure is { Scope: not FailureScope.File } failure)
            {
                shared = failure;
            }
        }

        return results;
    }

    // What nobody foresaw is the failure of the one file that met it, not of its batch.
    private static async Task<TransferResult> RunAsync(FileTransfer transfer, UploadPlan plan, IFileOpener opener, CancellationToken cancellation)
    {
        try
        {
            return await transfer.RunAsync(plan, opener, cancellation);
        }
        catch (Exception cause)
        {
            return new TransferResult(plan, TransferOutcome.Failed, Failure: new Failure(
                FailureScope.File,
                FailureNature.Passing,
                cause.GetType().Name,
                $"The upload of '{SourcePath.ForDisplay(plan.Path)}' broke off: {cause.Message}",
                "If it happens again, report it with the log."));
        }
    }

    private static bool Shares(UploadBatch batch, UploadPlan plan, List<TransferResult> results, Failure shared) =>
        shared.Scope != FailureScope.Bucket
        || results.Exists(r => ReferenceEquals(r.Failure, shared) && string.Equals(r.Plan.Address.Bucket, plan.Address.Bucket, StringComparison.Ordinal));
}
