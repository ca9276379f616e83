namespace Akka.Pipeline.Benchmarks.Fleet;

using System.Diagnostics;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;
using Npgsql;

/// <summary>
/// Files per second through publication, claims and completions of many sessions in one process, with a store that takes no time, and what they cost the server.
/// The database is the one of PIPELINE_DATABASE, on this machine; its schema should be new, and stays. It needs two connections a session.
/// </summary>
public static class FleetBenchmark
{
    private const int MostWaiting = 1_000;
    private const int BatchesPerClaim = 4;
    private const string Store = "https://s3.eu-west-1.amazonaws.com";

    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly NodeRates NoRates = new(0, 0);

    public static async Task RunAsync(int sessions, int files, int filesPerBatch, bool withChanges)
    {
        var setting = Environment.GetEnvironmentVariable("PIPELINE_DATABASE") ?? throw new InvalidOperationException("PIPELINE_DATABASE names no database to measure in.");
        await using var database = await PostgresDatabase.OpenAsync(setting, LedgerAccess.ReadWrite, CancellationToken.None);
        await using var scanner = new PostgresFleet(database);
        var batches = files / filesPerBatch;
        var nodes = await Task.WhenAll(Enumerable.Range(0, sessions).Select(i => Node.JoinAsync(setting, i)));
        var usage = await ServerUsage.StartAsync(setting);
        var watch = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();
        var done = new Tally();
        var work = nodes.Select(node => Task.Run(() => node.WorkAsync(done, withChanges, stop.Token))).ToList();
        var renewals = nodes.Select(node => Task.Run(() => node.RenewAsync(stop.Token))).ToList();

        await PublishAsync(scanner, batches, filesPerBatch);
        while (Volatile.Read(ref done.Files) < (long)batches * filesPerBatch && !work.Exists(task => task.IsFaulted))
        {
            await Task.Delay(10);
        }

        var elapsed = watch.Elapsed;
        var server = usage.ServerSeconds() - usage.AtStart;
        var client = (Process.GetCurrentProcess().TotalProcessorTime - usage.ClientAtStart).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(work.Concat(renewals));
        Console.WriteLine(
            $"{sessions} sessions, {done.Files:n0} files in batches of {filesPerBatch}, {(withChanges ? "with" : "without")} ledger changes: {done.Files / elapsed.TotalSeconds:n0} files/s; "
            + $"server {1e6 * server / done.Files:n1} ms CPU per 1,000 files ({100 * server / elapsed.TotalSeconds:n0} % of a core), client {1e6 * client / done.Files:n1} ms; "
            + $"{done.Claims:n0} claims, {100.0 * done.Empty / done.Claims:n1} % found nothing; slowest renewal {nodes.Max(node => node.SlowestRenewal).TotalMilliseconds:n0} ms; "
            + $"files of a session {nodes.Min(node => node.Files):n0} to {nodes.Max(node => node.Files):n0}");
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static async Task PublishAsync(PostgresFleet fleet, int batches, int filesPerBatch)
    {
        var session = (await fleet.JoinAsync(new NodeIdentity("scanner", "benchmark", 0), TimeSpan.FromHours(1), CancellationToken.None)).Id;
        var lease = (await fleet.TakeScanLeaseAsync(session, "shots", CancellationToken.None)).Lease!;
        var next = lease.NextNumber;
        var last = next + batches;
        while (next < last)
        {
            var some = Enumerable.Range(0, (int)Math.Min(50, last - next)).Select(i => FilesOf(next + i, filesPerBatch)).ToList();
            while (some.Count > 0)
            {
                var published = await fleet.PublishAsync(session, lease, next, some, MostWaiting, CancellationToken.None);
                some.RemoveRange(0, published.Published);
                next = published.NextNumber;
                if (some.Count > 0)
                {
                    await Task.Delay(5);
                }
            }
        }
    }

    private static IReadOnlyList<BatchFile> FilesOf(long batch, int count) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            var number = (batch * count) + i;
            return new BatchFile(
                $"camera-{number / 100_000:d3}/2026-11-{number / 1_000 % 100:d2}/image_{unchecked((uint)number * 2_654_435_761):x8}.jpeg",
                new Fingerprint(number % 100_000, 1_700_000_000_000_000_000 + (number * 1_000_003L), 66_306, 1_000_000 + (ulong)number));
        })];

    private static IEnumerable<LedgerChange> ChangesOf(IReadOnlyList<BatchFile> files) => files.SelectMany(file =>
    {
        var md5 = $"{file.Fingerprint.Inode * 0x9E3779B97F4A7C15:x16}{file.Fingerprint.Inode * 0xC2B2AE3D27D4EB4F:x16}";
        var stored = new StoredVersion(file.Fingerprint, Store, new ObjectAddress("photos", file.Path), md5, new DigestSet(md5, "0a0b0c0d"), null, Start);
        return new LedgerChange[] { new FileStored("shots", file.Path, stored, Start), new FileDone("shots", file.Path, file.Fingerprint, LocalFate.Removed, Start) };
    });

    private sealed class Tally
    {
        public long Files;
        public long Claims;
        public long Empty;
    }

    private sealed class Node(PostgresDatabase database, SessionId session) : IAsyncDisposable
    {
        private readonly PostgresFleet fleet = new(database);

        public long Files { get; private set; }

        public TimeSpan SlowestRenewal { get; private set; }

        public static async Task<Node> JoinAsync(string setting, int number)
        {
            var small = new NpgsqlConnectionStringBuilder(setting) { MaxPoolSize = 1, Timeout = 300 }.ConnectionString;
            var database = await PostgresDatabase.OpenAsync(small, LedgerAccess.Operator, CancellationToken.None);
            await using var fleet = new PostgresFleet(database);
            return new Node(database, (await fleet.JoinAsync(new NodeIdentity($"node {number}", "benchmark", number), TimeSpan.FromMinutes(5), CancellationToken.None)).Id);
        }

        public async Task WorkAsync(Tally done, bool withChanges, CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                var claimed = await fleet.ClaimBatchesAsync(session, ["shots"], BatchesPerClaim, 64 << 20, CancellationToken.None);
                Interlocked.Increment(ref done.Claims);
                if (claimed.Items.Count == 0)
                {
                    Interlocked.Increment(ref done.Empty);
                    try
                    {
                        // News reach all nodes at once; the first ones take it all, and the rest would come for nothing.
                        await fleet.WaitForNewsAsync(TimeSpan.FromSeconds(1), stop);
                        await Task.Delay(Random.Shared.Next(200), stop);
                    }
                    catch (OperationCanceledException)
                    {
                    }
                }

                // As a node does it: a commit a batch, when its files are done.
                foreach (var batch in claimed.Items)
                {
                    var outcome = await fleet.CommitAsync(
                        session, new FleetCommit { CompletedBatches = [batch.Ticket], Changes = withChanges ? [.. ChangesOf(batch.Files)] : [] }, CancellationToken.None);
                    if (outcome != FleetOutcome.Done)
                    {
                        throw new InvalidOperationException($"A commit was refused: {outcome}.");
                    }

                    Files += batch.Files.Count;
                    Interlocked.Add(ref done.Files, batch.Files.Count);
                }
            }
        }

        public async Task RenewAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                var watch = Stopwatch.StartNew();
                await fleet.RenewAsync(session, NoRates, CancellationToken.None);
                SlowestRenewal = TimeSpan.FromTicks(Math.Max(SlowestRenewal.Ticks, watch.Elapsed.Ticks));
                await Task.Delay(TimeSpan.FromSeconds(3), stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await fleet.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
