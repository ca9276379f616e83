namespace Akka.Pipeline.Actors.Tests.WithRealStores;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Governance;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Sources;
using Akka.Pipeline.Storage.Sqlite;
using Akka.TestKit.Xunit2;

/// <summary>The whole pipeline over a folder, a ledger on disk, and an S3 store.</summary>
public abstract class RealStoreTest : TestKit, IAsyncLifetime
{
    private protected const string Bucket = "bucket";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-real-").FullName;

    private protected UploadSettings Uploads { get; set; } = new(
        Slots: 4, PartsAtOnce: 8, PartSizeBytes: 16, MultipartFromBytes: 32, BufferBytes: 32 << 20, BatchFiles: 8, BatchBytes: 1 << 20, BandwidthBytesPerSecond: null);

    private protected TransferMeters Meters { get; private set; } = new();

    private protected SqliteLedger Ledger { get; private set; } = null!;

    private protected string Source => Path.Combine(folder, "source");

    private protected string ServerFolder => Path.Combine(folder, "server");

    public virtual async Task InitializeAsync()
    {
        Directory.CreateDirectory(Source);
        Directory.CreateDirectory(ServerFolder);
        Ledger = await SqliteLedger.OpenAsync(Path.Combine(folder, "ledger.db"), LedgerAccess.ReadWrite, default);
    }

    public virtual async Task DisposeAsync()
    {
        await Ledger.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private protected static byte[] Content(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private protected void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(Source, name), content);

    private protected Fingerprint VersionOf(string name)
    {
        using var source = OpenSource();
        return source.Observe([name])[0].Sighting!.Fingerprint;
    }

    /// <summary>Runs until the source is empty, and says what was left.</summary>
    private protected async Task<RouteRemainder> RunAsync(S3StoreSettings settings, S3Access access, MultipartLimits? limits, string bucket = Bucket)
    {
        Meters = new TransferMeters();
        var governor = new RequestGovernor(32, 3, TimeSpan.FromMilliseconds(5), Meters, TimeProvider.System, () => 0.5);
        var s3 = new S3ObjectStore(settings, access);
        await using var store = new GovernedStore(limits is null ? s3 : new SmallParts(s3, limits), governor);
        using var source = OpenSource();
        var retry = new RetrySchedule(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100), 5);
        var node = new NodeContext(
            new NodeSettings(Once: true, TimeSpan.FromSeconds(1), retry, retry, Uploads, HeldFiles: 1000, RetryPoll: TimeSpan.FromSeconds(1)),
            Ledger, Meters, TimeProvider.System, () => 0.5, _ => null, null);
        var ended = new TaskCompletionSource<RunEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        var route = new RouteSettings(
            "shots", SourceSettingsOf(), new FixedBucket(bucket, "", KeyTemplate.Path), TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10),
            DedupeMode.Checksum, ConflictMode.SetAside, AfterUpload.Delete, null, false,
            new ObjectSettings(null, null, null, null, new Dictionary<string, string>(StringComparer.Ordinal)));
        var pipeline = Sys.ActorOf(PipelineActor.Props([new RouteContext(route, source, store)], node, result => ended.TrySetResult(result)));
        try
        {
            return (await ended.Task.WaitAsync(Deadline)).Remainders["shots"];
        }
        finally
        {
            await pipeline.GracefulStop(Deadline);
        }
    }

    private SourceSettings SourceSettingsOf() => new(Source, ["**"], [], 0, null, TimeSpan.Zero, null, false, true);

    private LinuxSourceFolder OpenSource() => new(SourceSettingsOf(), TimeProvider.System);
}
