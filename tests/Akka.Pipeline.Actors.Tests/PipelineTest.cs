namespace Akka.Pipeline.Actors.Tests;

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Routes;
using Akka.TestKit.Xunit2;

/// <summary>The whole pipeline over models in memory: one source, one store, one ledger, settings that make waits short.</summary>
public abstract class PipelineTest : TestKit
{
    private protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource<RunEnded> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected PipelineTest()
    {
        Source = new ModelSource(Journal);
        Store = new ModelStore(Journal);
        Ledger = new ModelLedger(Journal);
    }

    private protected Journal Journal { get; } = new();

    private protected ModelSource Source { get; }

    private protected ModelStore Store { get; }

    private protected ModelLedger Ledger { get; }

    private protected TransferMeters Meters { get; } = new();

    private protected ConcurrentQueue<PlannedUpload> Planned { get; } = new();

    private protected bool DryRun { get; set; }

    private protected UploadSettings Uploads { get; set; } = new(
        Slots: 4, PartsAtOnce: 2, PartSizeBytes: 10, MultipartFromBytes: 100, BufferBytes: 1 << 20, BatchFiles: 8, BatchBytes: 1 << 20, BandwidthBytesPerSecond: null);

    private protected NodeSettings Settings { get; set; } = new(
        Once: true,
        OnceWriterWait: TimeSpan.FromMilliseconds(50),
        FileRetry: new RetrySchedule(Ms(10), Ms(40), 3),
        BlockageRetry: new RetrySchedule(Ms(10), Ms(40), 4),
        Uploads: null!,
        HeldFiles: 1000,
        RetryPoll: Ms(10));

    private protected RouteSettings Route { get; set; } = new(
        "shots",
        new SourceSettings("/in", ["**"], [], 0, null, TimeSpan.Zero, null, false, true),
        new FixedBucket("b", "", KeyTemplate.Path),
        ScanInterval: TimeSpan.FromMilliseconds(100),
        StableAfter: TimeSpan.FromMilliseconds(10),
        DedupeMode.Checksum,
        ConflictMode.SetAside,
        AfterUpload.Delete,
        null,
        false,
        new ObjectSettings(null, null, null, null, new Dictionary<string, string>(StringComparer.Ordinal)));

    private protected static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private protected NodeContext Node() =>
        new(Settings with { Uploads = Uploads }, Ledger, Meters, TimeProvider.System, () => 0.5, _ => null, DryRun ? Planned.Enqueue : null);

    private protected RouteContext RouteOf() => new(Route, Source, Store);

    private protected IActorRef Start(params RouteContext[] routes)
    {
        IReadOnlyList<RouteContext> all = routes.Length == 0 ? [RouteOf()] : routes;
        var node = Node();
        return Sys.ActorOf(PipelineActor.Props(all, node, result => ended.TrySetResult(result)), "pipeline");
    }

    /// <summary>Starts a run that ends, and waits for its end.</summary>
    private protected async Task<RouteRemainder> RunAsync(params RouteContext[] routes)
    {
        Start(routes);
        return (await EndAsync()).Remainders["shots"];
    }

    private protected Task<RunEnded> EndAsync() => ended.Task.WaitAsync(Deadline);

    private protected Task EventuallyAsync(Action assertion) => AwaitAssertAsync(assertion, Deadline);

    private protected bool HasEnded => ended.Task.IsCompleted;
}
