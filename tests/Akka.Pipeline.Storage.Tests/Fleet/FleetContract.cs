namespace Akka.Pipeline.Storage.Tests.Fleet;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

/// <summary>What the shared state of a fleet does, whatever its database. A subclass hands out views of one empty database per test.</summary>
public abstract partial class FleetContract : IAsyncLifetime
{
    protected static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Shots = ["shots"];

    private IFleet fleet = null!;
    private ILedger ledger = null!;

    /// <summary>Another node's view of the test's database.</summary>
    protected abstract Task<(IFleet Fleet, ILedger Ledger)> OpenAsync();

    /// <summary>Makes the time of a session be over, as if it had not renewed; nobody has noticed yet.</summary>
    protected abstract Task LetTimePassAsync(SessionId session);

    /// <summary>Makes every delay of what was given back be over.</summary>
    protected abstract Task LetDelaysPassAsync();

    /// <summary>Removes the test's database.</summary>
    protected abstract Task CleanUpAsync();

    public async Task InitializeAsync() => (fleet, ledger) = await OpenAsync();

    public Task DisposeAsync() => CleanUpAsync();

    private static BatchFile File(string path, long size = 10) => new(path, Version(1) with { SizeBytes = size });

    private static BatchFile[] Files(string name, int count = 3, long size = 10) => [.. Enumerable.Range(0, count).Select(i => File($"{name}/{i}", size))];

    private static FileStored StoredOf(string path) => new("shots", path, Stored(path, 1), Time(1));

    private async Task<SessionId> JoinAsync(string name = "node") => (await fleet.JoinAsync(new NodeIdentity(name, "host", 1), Timeout, default)).Id;

    /// <summary>A session that walks the route and has published batches of these sizes, named 1, 2, 3 and so on.</summary>
    private async Task<(SessionId Session, ScanLease Lease)> PublishAsync(params long[] fileSizes)
    {
        var session = await JoinAsync("scanner");
        var lease = (await fleet.TakeScanLeaseAsync(session, "shots", default)).Lease!;
        var published = await fleet.PublishAsync(session, lease, lease.NextNumber, [.. fileSizes.Select((size, i) => Files($"{i + 1}", 3, size))], 10_000, default);
        Assert.Equal(fileSizes.Length, published.Published);
        return (session, lease);
    }

    private async Task<BatchClaim> ClaimOneAsync(SessionId session) => Assert.Single((await fleet.ClaimBatchesAsync(session, Shots, 1, long.MaxValue, default)).Items);

    private async Task<int> WaitingAsync(SessionId asker) => (await fleet.ClaimBatchesAsync(asker, Shots, 1_000, long.MaxValue, default)).Items.Count;

    private async Task<LedgerEntry?> FindAsync(string path) => Assert.Single(await ledger.LookUpAsync("shots", [path], default));

    private Task<FleetOutcome> CommitAsync(SessionId session, FleetCommit commit) => fleet.CommitAsync(session, commit, default);

    private static PartFacts Facts(int number) => new(number, 8 << 20, Md5((char)('0' + (number % 10))), new DigestSet(Crc32C: $"{number:x8}"));

    private Task BeginAsync(string path, string uploadId) => ledger.CommitAsync([new MultipartBegun(Upload(path, uploadId), Time(1))], default);
}
