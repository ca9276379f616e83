namespace Akka.Pipeline.Benchmarks.Ledgers;

using System.Diagnostics;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>
/// Look-ups and changes per second of the SQLite ledger, empty and with a million entries. A file is two changes: stored, done.
/// The folder of the temporary files (TMPDIR) should lie on the disk that is to be judged.
/// </summary>
public static class LedgerBenchmark
{
    private const int Million = 1_000_000;
    private const int FilesPerRound = 64 << 10;
    private const string Store = "https://s3.eu-west-1.amazonaws.com";

    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The same of the ledger on PostgreSQL, in the database and schema that PIPELINE_DATABASE names; the schema should be new, and stays.</summary>
    public static async Task RunPostgresAsync(int files)
    {
        var setting = Environment.GetEnvironmentVariable("PIPELINE_DATABASE") ?? throw new InvalidOperationException("PIPELINE_DATABASE names no database to measure in.");
        await using var database = await PostgresDatabase.OpenAsync(setting, LedgerAccess.ReadWrite, CancellationToken.None);
        var ledger = new PostgresLedger(database);
        var next = 0;
        foreach (var batch in new[] { 256, 1_024, 8_192 })
        {
            next = await CommitsAsync(ledger, "stored and done at once", batch, next);
        }

        foreach (var batch in new[] { 256, 1_024, 8_192 })
        {
            next = await CommitsAsync(ledger, "done a commit later", batch, next, doneLater: true);
        }

        while (next < files)
        {
            await CommitAsync(ledger, next, 4_096);
            next += 4_096;
        }

        Console.WriteLine($"filled to {next:n0} entries");
        await LookUpsAsync(ledger, "known in order", known: next, first: 0);
        await LookUpsAsync(ledger, "known at random", known: next, first: 0, random: true);
        await LookUpsAsync(ledger, "all new", known: 0, first: 2 * next);
        await CommitsAsync(ledger, "full", 1_024, next);
        await TimeAsync("tally", () => ledger.TallyAsync(CancellationToken.None));
        await TimeAsync("prune all", () => ledger.PruneAsync(DateTimeOffset.MaxValue, CancellationToken.None));
    }

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-benchmark-");
        try
        {
            var file = Path.Combine(folder.FullName, "ledger.db");
            await using var ledger = await SqliteLedger.OpenAsync(file, LedgerAccess.ReadWrite, CancellationToken.None);
            await LookUpsAsync(ledger, "empty ledger", known: 0, first: 0);
            var next = 0;
            foreach (var batch in new[] { 256, 1_024, 8_192 })
            {
                next = await CommitsAsync(ledger, "small ledger", batch, next);
            }

            while (next < Million)
            {
                await CommitAsync(ledger, next, 4_096);
                next += 4_096;
            }

            Console.WriteLine($"filled to {next:n0} entries: {(new FileInfo(file).Length + new FileInfo(file + "-wal").Length) >> 20} MiB, resident {Environment.WorkingSet >> 20} MiB");
            await LookUpsAsync(ledger, "million, known in order", known: next, first: 0);
            await LookUpsAsync(ledger, "million, known at random", known: next, first: 0, random: true);
            await LookUpsAsync(ledger, "million, all new", known: 0, first: 2 * next);
            foreach (var batch in new[] { 256, 1_024, 8_192 })
            {
                next = await CommitsAsync(ledger, "million", batch, next);
            }

            await TimeAsync("tally", () => ledger.TallyAsync(CancellationToken.None));
            await TimeAsync("retry with nothing in trouble", () => ledger.RequestRetryAsync(null, null, Start, CancellationToken.None));
            await TimeAsync("prune all", () => ledger.PruneAsync(DateTimeOffset.MaxValue, CancellationToken.None));
            Console.WriteLine($"resident at the end {Environment.WorkingSet >> 20} MiB");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task LookUpsAsync(ILedger ledger, string name, int known, int first, bool random = false)
    {
        const int Total = 256 << 10;
        var chance = new Random(1);
        foreach (var batch in new[] { 256, 1_024 })
        {
            var rounds = Enumerable.Range(0, Total / batch)
                .Select(round => Enumerable.Range(0, batch).Select(i => random ? chance.Next(known) : first + (round * batch) + i).ToArray())
                .ToList();
            var paths = rounds.ConvertAll(numbers => Array.ConvertAll(numbers, PathOf));
            var addresses = rounds.ConvertAll(numbers => Array.ConvertAll(numbers, number => new ObjectAddress("photos", KeyOf(number))));

            var watch = Stopwatch.StartNew();
            foreach (var some in paths)
            {
                await ledger.LookUpAsync("shots", some, CancellationToken.None);
            }

            var byPath = watch.Elapsed;
            watch.Restart();
            foreach (var some in addresses)
            {
                await ledger.LookUpOriginsAsync(Store, some, CancellationToken.None);
            }

            Console.WriteLine($"{name}, {batch} a call: {Total / byPath.TotalSeconds:n0} look-ups/s, {Total / watch.Elapsed.TotalSeconds:n0} origins/s");
        }
    }

    private static async Task<int> CommitsAsync(ILedger ledger, string name, int changesPerCommit, int next, bool doneLater = false)
    {
        var files = changesPerCommit / 2;
        var watch = Stopwatch.StartNew();
        var slowest = TimeSpan.Zero;
        var commits = FilesPerRound / files;
        for (var i = 0; i < commits; i++, next += files)
        {
            var before = watch.Elapsed;
            await CommitAsync(ledger, next, files, doneLater ? next - files : next);
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (watch.Elapsed - before).Ticks));
        }

        Console.WriteLine($"{name}, {changesPerCommit} changes a commit: {2 * FilesPerRound / watch.Elapsed.TotalSeconds:n0} changes/s, {watch.Elapsed.TotalMilliseconds / commits:n1} ms a commit, slowest {slowest.TotalMilliseconds:n0} ms");
        return next;
    }

    internal static Task CommitAsync(ILedger ledger, int first, int files, int? firstDone = null)
    {
        var changes = new LedgerChange[2 * files];
        for (var i = 0; i < files; i++)
        {
            var number = first + i;
            var done = (firstDone ?? first) + i;
            var at = Start.AddMilliseconds(number);
            var fingerprint = FingerprintOf(number);
            var md5 = $"{(ulong)number * 0x9E3779B97F4A7C15:x16}{(ulong)number * 0xC2B2AE3D27D4EB4F:x16}";
            var stored = new StoredVersion(fingerprint, Store, new ObjectAddress("photos", KeyOf(number)), md5, new DigestSet(md5, $"{number:x8}", md5 + md5), null, at);
            changes[i] = new FileStored("shots", PathOf(number), stored, at);
            changes[files + i] = new FileDone("shots", PathOf(done), FingerprintOf(done), LocalFate.Removed, at);
        }

        return ledger.CommitAsync(changes, CancellationToken.None);
    }

    private static async Task TimeAsync(string name, Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        Console.WriteLine($"{name}: {watch.Elapsed.TotalMilliseconds:n0} ms");
    }

    private static Fingerprint FingerprintOf(int number) =>
        new(number % 100_000, 1_700_000_000_000_000_000 + (number * 1_000_003L), 66_306, 1_000_000 + (ulong)number);

    /// <summary>Folders of a thousand files, whose names come in no order, as a file system lists them.</summary>
    private static string PathOf(int number) => "photos/" + KeyOf(number);

    private static string KeyOf(int number) => $"camera-{number / 100_000:d3}/2026-11-{number / 1_000 % 100:d2}/image_{unchecked((uint)number * 2_654_435_761):x8}.jpeg";
}
