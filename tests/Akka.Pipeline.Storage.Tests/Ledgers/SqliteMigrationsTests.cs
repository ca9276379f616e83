namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Sqlite;
using Microsoft.Data.Sqlite;

/// <summary>Ledgers of every released version open with the program of today.</summary>
public sealed class SqliteMigrationsTests : IDisposable
{
    /// <summary>Rows as version 1 wrote them; never to be changed, for such ledgers exist.</summary>
    private const string Version1Rows = """
        PRAGMA application_id = 1097551948;
        CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL);
        INSERT INTO route VALUES (1, 'shots');
        INSERT INTO bucket VALUES (1, 'https://s3.eu-west-1.amazonaws.com', 'photos');
        INSERT INTO file (route_id, path, size, mtime_ns, device, inode, progress, updated_at, bucket_id, key, etag, md5, crc32c, version_id, stored_at, fate)
            VALUES (1, x'612fff', 5, 1700000000123456789, -1, 42, 1, 17000000010000000, 1, CAST('a/k' AS BLOB), x'5d41402abc4b2a76b9719d911017c592', x'5d41402abc4b2a76b9719d911017c592', x'9a71bb4c', 'v7', 17000000000000000, 0);
        INSERT INTO file (route_id, path, size, mtime_ns, device, inode, progress, updated_at, bucket_id, key, etag, stored_at, stored_size, stored_mtime_ns, stored_device, stored_inode, attempts, next_attempt_at, failure)
            VALUES (1, CAST('b' AS BLOB), 6, 2, 3, 4, 3, 17000000010000000, 1, CAST('b' AS BLOB), 'ABC-2', 17000000000000000, 5, 1, 3, 4, 9, 17000000020000000,
                '{"Scope":"Bucket","Nature":"Lasting","Code":"NoSuchBucket","Cause":"It is gone.","Cure":"Make it.","RetryAfter":"00:00:05"}');
        INSERT INTO multipart VALUES (1, 1, CAST('big' AS BLOB), 20000000, 1, 3, 4, 1, CAST('big' AS BLOB), '[null]', 'upload-1', 8388608, 17000000000000000);
        INSERT INTO multipart_intent VALUES (1, CAST('big' AS BLOB), 1, CAST('big' AS BLOB), 17000000000000000);
        INSERT INTO part VALUES (1, 2, 8388608, x'5d41402abc4b2a76b9719d911017c592', NULL, x'9a71bb4c', NULL);
        INSERT INTO blockage VALUES ('Store', 'https://s3.eu-west-1.amazonaws.com', 3, 17000000020000000, '{"Nature":"Credentials","Scope":"Store","Code":"InvalidAccessKeyId","Cause":"c","Cure":"d"}', 17000000000000000);
        UPDATE retry SET generation = 12;
        """;

    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>If this fails, a released script was edited: take the edit back and write a new script instead.</summary>
    [Theory]
    [InlineData(1, "79fde608f602782b6265a9a853682a59fb501ded393f8702c391a3cc7d79e316")]
    public void Released_scripts_are_never_edited(int number, string checksum) => Assert.Equal(checksum, SqliteMigrations.All[number - 1].Checksum);

    [Fact]
    public async Task A_ledger_of_version_1_opens_with_all_its_facts()
    {
        MakeVersion1();
        await using var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default);

        var stored = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var address = new ObjectAddress("photos", "a/k");
        var done = new StoredVersion(
            new Fingerprint(5, 1_700_000_000_123_456_789, ulong.MaxValue, 42), LedgerFacts.Store, address, "5d41402abc4b2a76b9719d911017c592",
            new DigestSet("5d41402abc4b2a76b9719d911017c592", "9a71bb4c"), "v7", stored);
        var failure = new Failure(FailureScope.Bucket, FailureNature.Lasting, "NoSuchBucket", "It is gone.", "Make it.", RetryAfter: TimeSpan.FromSeconds(5));
        Assert.Equal(
            [
                new LedgerEntry("shots", "a/\udcff", done.Fingerprint, FileProgress.Done, done, null, stored.AddSeconds(1)),
                new LedgerEntry(
                    "shots",
                    "b",
                    new Fingerprint(6, 2, 3, 4),
                    FileProgress.SetAside,
                    new StoredVersion(new Fingerprint(5, 1, 3, 4), LedgerFacts.Store, new ObjectAddress("photos", "b"), "ABC-2", DigestSet.Unknown, null, stored),
                    new Trouble(9, stored.AddSeconds(2), failure),
                    stored.AddSeconds(1)),
            ],
            await ledger.LookUpAsync("shots", ["a/\udcff", "b"], default));
        Assert.Equal("a/\udcff", (await ledger.LookUpOriginsAsync(LedgerFacts.Store, [address], default))[0]!.Path);
        Assert.Equal("9a71bb4c", Assert.Single((await ledger.FindMultipartAsync("shots", "big", default))!.Parts).Digests.Crc32C);
        Assert.Equal(new MultipartIntent("shots", "big", LedgerFacts.Store, new ObjectAddress("photos", "big"), stored), Assert.Single(await ledger.OpenIntentsAsync(default)));
        Assert.Equal(FailureNature.Credentials, Assert.Single(await ledger.BlockagesAsync(default)).Trouble.Failure.Nature);
        Assert.Equal(12, await ledger.RetryGenerationAsync(default));
        Assert.Equal(1, await ledger.PruneAsync(DateTimeOffset.MaxValue, default));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_ledger_as_it_was()
    {
        // A table of the name that the script makes, in what is otherwise a ledger of version 0.
        Execute("PRAGMA application_id = 1097551948; CREATE TABLE migration (number INTEGER, name TEXT, checksum TEXT, applied_at TEXT); CREATE TABLE audit (x)");
        var failure = await Assert.ThrowsAsync<LedgerException>(() => SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default));
        Assert.Equal("LedgerSqlite", failure.Failure.Code);
        Assert.Equal("audit,migration", Execute("SELECT group_concat(name) FROM (SELECT name FROM sqlite_master ORDER BY name)"));
    }

    [Fact]
    public async Task What_a_later_version_replaced_and_what_was_set_aside_stands_in_the_audit_until_it_is_pruned()
    {
        await using (var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default))
        {
            await ledger.CommitAsync(
                [
                    new FileStored("shots", "a", LedgerFacts.Stored("k", 1), LedgerFacts.Time(1)),
                    new FileDone("shots", "a", LedgerFacts.Version(1), LocalFate.Kept, LedgerFacts.Time(2)),
                    LedgerFacts.Failed("a", 2),
                    new FileStored("shots", "a", LedgerFacts.Stored("k", 2), LedgerFacts.Time(3)),
                    new FileStored("shots", "a", LedgerFacts.Stored("k", 2), LedgerFacts.Time(3)),
                    LedgerFacts.Failed("b", 1) with { SetAside = true, At = LedgerFacts.Time(4) },
                ],
                default);
            await ledger.RequestRetryAsync("shots", "b", LedgerFacts.Time(5), default);
        }

        Assert.Equal("replaced a 1001,set aside b 1001,retry b -", Execute("SELECT group_concat(event || ' ' || CAST(path AS TEXT) || ' ' || COALESCE(size, '-')) FROM (SELECT * FROM audit ORDER BY id)"));
        Assert.Equal("11111111111111111111111111111111", Execute("SELECT lower(hex(etag)) FROM audit WHERE event = 'replaced'"));

        await using (var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default))
        {
            await ledger.PruneAsync(LedgerFacts.Time(5), default);
        }

        Assert.Equal("retry", Execute("SELECT group_concat(event) FROM audit"));
    }

    private void MakeVersion1()
    {
        var first = SqliteMigrations.All[0];
        Execute(first.Sql + Version1Rows + $"INSERT INTO migration VALUES (1, '{first.Name}', '{first.Checksum}', '2026-11-20 12:00:00')");
    }

    private string? Execute(string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={folder.Ledger};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }
}
