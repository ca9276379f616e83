namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using static LedgerFacts;

/// <summary>What the ledger says when its file is not as it should be.</summary>
public sealed class SqliteOpeningTests : IDisposable
{
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var content = string.Concat(Enumerable.Repeat("This is no ledger. ", 100));
        await File.WriteAllTextAsync(folder.Ledger, content);

        var failure = await RefusalAsync();
        Assert.Equal("LedgerCorrupt", failure.Code);
        Assert.Contains("Move it away", failure.Cure, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(folder.Ledger));
    }

    [Fact]
    public async Task A_file_that_was_cut_short_is_refused_at_the_opening()
    {
        await FillAsync(2_000);
        using (var file = File.OpenWrite(folder.Ledger))
        {
            file.SetLength(file.Length / 2);
        }

        Assert.Equal("LedgerCorrupt", (await RefusalAsync()).Code);
    }

    [Fact]
    public async Task Damage_inside_is_told_when_it_is_met_and_the_next_answers_go_on()
    {
        await FillAsync(2_000);
        using (var file = File.OpenWrite(folder.Ledger))
        {
            // Everything after the schema, so that the root of the files' table is hit.
            file.Seek(4096, SeekOrigin.Begin);
            file.Write(new byte[(int)file.Length - 4096 - 4096]);
        }

        var failure = await Assert.ThrowsAsync<LedgerException>(async () =>
        {
            await using var ledger = await OpenAsync();
            await ledger.LookUpAsync("shots", ["0001"], default);
        });
        Assert.Equal("LedgerCorrupt", failure.Failure.Code);
        Assert.Contains(folder.Ledger, failure.Failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused_and_left_alone()
    {
        Execute("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
        var before = await File.ReadAllBytesAsync(folder.Ledger);

        Assert.Equal("LedgerForeign", (await RefusalAsync()).Code);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.Ledger));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_program_is_refused()
    {
        await FillAsync(0);
        Execute("INSERT INTO migration VALUES (9, '0009_future.sql', 'x', 'now')");

        var failure = await RefusalAsync();
        Assert.Equal("LedgerTooNew", failure.Code);
        Assert.Contains("version 9", failure.Cause, StringComparison.Ordinal);
        Assert.Equal("LedgerTooNew", (await RefusalAsync(LedgerAccess.Operator)).Code);
    }

    [Fact]
    public async Task A_ledger_made_by_another_text_of_a_migration_is_refused()
    {
        await FillAsync(0);
        Execute("UPDATE migration SET checksum = 'other' WHERE number = 1");
        Assert.Equal("LedgerMigrationDiffers", (await RefusalAsync()).Code);
    }

    [Fact]
    public async Task An_operator_makes_and_migrates_nothing()
    {
        Assert.Equal("LedgerMissing", (await RefusalAsync(LedgerAccess.Operator)).Code);
        Assert.False(File.Exists(folder.Ledger));

        await File.WriteAllBytesAsync(folder.Ledger, []);
        Assert.Equal("LedgerTooOld", (await RefusalAsync(LedgerAccess.Operator)).Code);
        Assert.Equal(0, new FileInfo(folder.Ledger).Length);
    }

    [Fact]
    public async Task A_missing_folder_is_named()
    {
        var failure = await Assert.ThrowsAsync<LedgerException>(() => SqliteLedger.OpenAsync(Path.Combine(folder.Path, "none", "ledger.db"), LedgerAccess.ReadWrite, default));
        Assert.Equal("LedgerCannotOpen", failure.Failure.Code);
        Assert.Contains("folder does not exist", failure.Failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_file_cannot_be_opened()
    {
        Directory.CreateDirectory(folder.Ledger);
        Assert.Equal("LedgerCannotOpen", (await RefusalAsync()).Code);
    }

    [Theory]
    [InlineData(8, "LedgerReadOnly", FailureNature.Lasting)]
    [InlineData(3, "LedgerReadOnly", FailureNature.Lasting)]
    [InlineData(14, "LedgerCannotOpen", FailureNature.Lasting)]
    [InlineData(13, "LedgerFull", FailureNature.Lasting)]
    [InlineData(11, "LedgerCorrupt", FailureNature.Lasting)]
    [InlineData(26, "LedgerCorrupt", FailureNature.Lasting)]
    [InlineData(10, "LedgerIo", FailureNature.Lasting)]
    [InlineData(5, "LedgerBusy", FailureNature.Passing)]
    [InlineData(6, "LedgerBusy", FailureNature.Passing)]
    [InlineData(7, "LedgerMemory", FailureNature.Passing)]
    [InlineData(1, "LedgerSqlite", FailureNature.Lasting)]
    public void Every_kind_of_error_has_its_code_and_names_the_file(int result, string code, FailureNature nature)
    {
        var failure = SqliteFailures.From(new Storage.Sqlite.SqliteException("the library's words", result), "/data/ledger.db").Failure;
        Assert.Equal((FailureScope.Node, nature, code), (failure.Scope, failure.Nature, failure.Code));
        Assert.Contains("/data/ledger.db", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("the library's words", failure.Cause, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Cure);
    }

    [Fact]
    public async Task A_file_that_may_not_be_written_is_refused_to_the_daemon_and_shown_to_an_operator()
    {
        await FillAsync(1);

        using var protection = WriteProtection.TryStart(folder.Ledger);
        if (protection is null)
        {
            // Root, on a file system without attributes: nothing can be protected from us. The codes are tested above all the same.
            return;
        }

        Assert.Equal("LedgerReadOnly", (await RefusalAsync()).Code);

        await using var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.Operator, default);
        Assert.NotNull((await ledger.LookUpAsync("shots", ["0000"], default))[0]);
        var failure = await Assert.ThrowsAsync<LedgerException>(() => ledger.RequestRetryAsync(null, null, Time(1), default));
        Assert.Equal("LedgerReadOnly", failure.Failure.Code);
    }

    [Fact]
    public async Task A_full_disk_fails_the_commit_whole_and_the_next_one_succeeds_when_there_is_space()
    {
        await using var ledger = await OpenAsync();
        await ledger.CommitAsync([new FileStored("shots", "first", Stored("first", 1), Time(1))], default);

        // SQLite answers its own limit of pages as it answers a full disk.
        ledger.Writer.Execute("PRAGMA max_page_count = 20");
        var many = Enumerable.Range(0, 5_000).Select(i => new FileStored("shots", $"{i:d4}", Stored("k" + i, 1), Time(1))).ToList();
        var failure = await Assert.ThrowsAsync<LedgerException>(() => ledger.CommitAsync(many, default));
        Assert.Equal("LedgerFull", failure.Failure.Code);
        Assert.Equal([null, null], await ledger.LookUpAsync("shots", ["0000", "4999"], default));
        Assert.NotNull((await ledger.LookUpAsync("shots", ["first"], default))[0]);

        ledger.Writer.Execute("PRAGMA max_page_count = 1000000");
        await ledger.CommitAsync(many, default);
        Assert.NotNull((await ledger.LookUpAsync("shots", ["4999"], default))[0]);
    }

    [Fact]
    public async Task A_lock_held_by_another_process_is_waited_for_and_then_told_as_passing()
    {
        await using var ledger = await SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, TimeSpan.FromMilliseconds(20), default);
        LedgerChange[] change = [new FileStored("shots", "a", Stored("a", 1), Time(1))];
        using (var other = Connect())
        {
            using var command = other.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();

            var failure = (await Assert.ThrowsAsync<LedgerException>(() => ledger.CommitAsync(change, default))).Failure;
            Assert.Equal(("LedgerBusy", FailureNature.Passing), (failure.Code, failure.Nature));
            Assert.Equal([null], await ledger.LookUpAsync("shots", ["a"], default));
        }

        await ledger.CommitAsync(change, default);
        Assert.NotNull((await ledger.LookUpAsync("shots", ["a"], default))[0]);
    }

    [Fact]
    public async Task A_closed_ledger_refuses_politely()
    {
        var ledger = await OpenAsync();
        await ledger.DisposeAsync();
        await ledger.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.LookUpAsync("shots", ["a"], default));
    }

    [Fact]
    public async Task Commits_are_synced_to_the_disk()
    {
        const string Full = "2";
        await using var ledger = await OpenAsync();
        Assert.Equal((Full, "wal"), (ledger.Writer.Scalar("PRAGMA synchronous"), ledger.Writer.Scalar("PRAGMA journal_mode")));
    }

    [Fact]
    public async Task Closing_leaves_one_file_and_the_reserve()
    {
        await FillAsync(10);
        Assert.Equal([folder.Ledger, folder.Ledger + "-reserve"], Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    private Task<SqliteLedger> OpenAsync() => SqliteLedger.OpenAsync(folder.Ledger, LedgerAccess.ReadWrite, default);

    private async Task FillAsync(int files)
    {
        await using var ledger = await OpenAsync();
        await ledger.CommitAsync([.. Enumerable.Range(0, files).Select(i => new FileStored("shots", $"{i:d4}", Stored("k" + i, 1), Time(1)))], default);
    }

    private async Task<Failure> RefusalAsync(LedgerAccess access = LedgerAccess.ReadWrite)
    {
        var exception = await Assert.ThrowsAsync<LedgerException>(() => SqliteLedger.OpenAsync(folder.Ledger, access, default));
        Assert.Contains(folder.Ledger, exception.Failure.Cause, StringComparison.Ordinal);
        Assert.Equal(FailureScope.Node, exception.Failure.Scope);
        return exception.Failure;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={folder.Ledger};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Execute(string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
