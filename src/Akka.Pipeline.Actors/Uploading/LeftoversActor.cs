namespace Akka.Pipeline.Actors.Uploading;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// Looks at the start, and now and then, for multipart uploads in the ledger whose file has gone, changed or been renamed: no attempt at that file
/// will ever come across them again. Those whose file is still there are left to its next attempt.
/// </summary>
public sealed class LeftoversActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    private readonly RouteContext route;
    private readonly NodeContext node;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly CancellationTokenSource stopped = new();

    public LeftoversActor(RouteContext route, NodeContext node, IActorRef ledger)
    {
        this.route = route;
        this.node = node;
        Receive<LookForLeftovers>(_ => Task.Run(LookAsync).PipeTo(Self, success: ended => ended, failure: cause => new LookFailed(cause)));
        Receive<Ended>(ended =>
        {
            if (ended.Uploads.Count > 0)
            {
                log.Info("Route {0}: {1} unfinished multipart uploads were ended, whose files have gone or changed.", route.Name, ended.Uploads.Count);
                ledger.Tell(new CommitChanges([.. ended.Uploads.Select(upload => new MultipartEnded(upload.UploadId, node.Now()))], null));
            }

            LookAgain(ended.All ? BetweenLooks : AfterFailure);
        });
        Receive<LookFailed>(failed =>
        {
            log.Warning("Route {0}: unfinished multipart uploads could not be looked for: {1} Trying again.", route.Name, failed.Cause.Message);
            LookAgain(AfterFailure);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RouteContext route, NodeContext node, IActorRef ledger) => Actor.Props.Create(() => new LeftoversActor(route, node, ledger));

    protected override void PreStart()
    {
        if (node.Planned is null && route.Store.Traits.Multipart is not null)
        {
            Self.Tell(new LookForLeftovers());
        }
    }

    protected override void PostStop()
    {
        stopped.Cancel();
        stopped.Dispose();
    }

    private void LookAgain(TimeSpan after) => Timers.StartSingleTimer("leftovers", new LookForLeftovers(), after);

    private async Task<Ended> LookAsync()
    {
        var cancellation = stopped.Token;
        var open = (await node.Ledger.OpenMultipartsAsync(cancellation)).Where(upload => string.Equals(upload.Route, route.Name, StringComparison.Ordinal)).ToList();
        var seen = open.Count == 0 ? [] : route.Source.Observe([.. open.Select(upload => upload.Path)]);
        var uploads = new LeftoverUploads(route.Store, node.Ledger);
        var ended = new List<MultipartProgress>();
        var all = true;
        foreach (var upload in open.Zip(seen).Where(pair => pair.Second.Sighting?.Fingerprint != pair.First.Fingerprint).Select(pair => pair.First))
        {
            try
            {
                await uploads.EndAsync(upload, cancellation);
                ended.Add(upload);
            }
            catch (StoreException)
            {
                all = false;
            }
        }

        return new Ended(ended, all);
    }

    private sealed record LookForLeftovers;

    private sealed record Ended(IReadOnlyList<MultipartProgress> Uploads, bool All);

    private sealed record LookFailed(Exception Cause);
}
