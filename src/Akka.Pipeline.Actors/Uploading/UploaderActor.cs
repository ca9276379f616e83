namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Failures;

/// <summary>One upload slot: takes a batch, brings its files into the store one after the other, says how they fared.</summary>
public sealed class UploaderActor : ReceiveActor
{
    private readonly TransferResources resources;
    private readonly CancellationTokenSource stopped = new();
    private volatile bool finishing;

    public UploaderActor(TransferResources resources)
    {
        this.resources = resources;
        Receive<UploadBatch>(batch => Task.Run(() => RunAsync(batch))
            .PipeTo(Context.Parent, Self, success: results => new BatchFinished(batch, results), failure: cause => Crashed(batch, cause)));
        Receive<FinishCurrent>(_ => finishing = true);
    }

    public static Props Props(TransferResources resources) => Actor.Props.Create(() => new UploaderActor(resources));

    protected override void PostStop()
    {
        stopped.Cancel();
        stopped.Dispose();
    }

    private static BatchFinished Crashed(UploadBatch batch, Exception cause) => new(
        batch,
        [
            .. batch.Plans.Select(plan => new TransferResult(plan, TransferOutcome.Failed, Failure: new Failure(
                FailureScope.File, FailureNature.Passing, cause.GetType().Name, $"The upload of '{plan.Path}' broke off: {cause.Message}", "If it happens again, report it with the log."))),
        ]);

    private async Task<IReadOnlyList<TransferResult>> RunAsync(UploadBatch batch)
    {
        var cancellation = stopped.Token;
        var transfer = new FileTransfer(batch.Route, resources);
        var results = new List<TransferResult>(batch.Plans.Count);
        Failure? shared = null;
        foreach (var plan in batch.Plans)
        {
            if (finishing || cancellation.IsCancellationRequested || (shared is not null && Shares(batch, plan, results, shared)))
            {
                results.Add(new TransferResult(plan, TransferOutcome.NotTried));
                continue;
            }

            var result = await transfer.RunAsync(plan, cancellation);
            results.Add(result);
            if (result.Failure is { Scope: not FailureScope.File } failure)
            {
                shared = failure;
            }
        }

        return results;
    }

    private static bool Shares(UploadBatch batch, UploadPlan plan, List<TransferResult> results, Failure shared) =>
        shared.Scope != FailureScope.Bucket
        || results.Exists(r => ReferenceEquals(r.Failure, shared) && string.Equals(r.Plan.Address.Bucket, plan.Address.Bucket, StringComparison.Ordinal));
}
