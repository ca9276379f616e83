namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

/// <summary>Opening the shared database: by many at once, with few rights, and where it cannot be.</summary>
public sealed class PostgresOpeningTests : IAsyncLifetime
{
    private const string Secret = "s3cret;Word=x";

    private PostgresSchema schema = null!;

    public async Task InitializeAsync() => schema = await PostgresSchema.CreateAsync();

    public async Task DisposeAsync() => await schema.DisposeAsync();

    /// <summary>If this fails, a released script was edited: take the edit back and write a new script instead.</summary>
    [Theory]
    [InlineData(1, "3b50f261bca15b564f617a852a42a157dfb65e4ba5a78d88ad52f8189f2d10d9")]
    [InlineData(2, "58addda6c4150b007abf9edd482ae2ca5a978ef9442098eed01e995073afd684")]
    public void Released_scripts_are_never_edited(int number, string checksum) => Assert.Equal(checksum, PostgresMigrations.All[number - 1].Checksum);

    [Fact]
    public async Task Twenty_nodes_that_start_at_once_make_one_ledger()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostgresDatabase.OpenAsync(schema.Setting, LedgerAccess.ReadWrite, default)));
        await Task.WhenAll(databases.Select((database, i) => new PostgresLedger(database).CommitAsync([new FileStored($"route {i % 3}", $"{i}", Stored($"{i}", 1), Time(1))], default)));
        Assert.Equal(20, (await new PostgresLedger(databases[0]).TallyAsync(default)).Sum(tally => tally.Files));
        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }

        Assert.Equal((long)PostgresMigrations.All.Count, await schema.ExecuteAsync("SELECT count(*) FROM migration"));
        Assert.Equal(3L, await schema.ExecuteAsync("SELECT count(*) FROM route"));
    }

    [Fact]
    public async Task An_operator_finds_no_ledger_and_makes_none()
    {
        Assert.Equal("LedgerMissing", (await RefusedAsync(LedgerAccess.Operator)).Code);
        Assert.Null(await schema.ExecuteAsync($"SELECT 1 FROM pg_namespace WHERE nspname = '{schema.Name}'"));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_program_is_refused()
    {
        await schema.OpenAsync();
        await schema.ExecuteAsync("INSERT INTO migration (number, name, checksum) VALUES (99, '0099-later.sql', 'x')");
        var failure = await RefusedAsync(LedgerAccess.ReadWrite);
        Assert.Equal(("LedgerTooNew", FailureNature.Lasting), (failure.Code, failure.Nature));
        Assert.Contains("version 99", failure.Cause, StringComparison.Ordinal);
        Assert.Contains(schema.Name, failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_made_by_another_text_is_refused()
    {
        await schema.OpenAsync();
        await schema.ExecuteAsync("UPDATE migration SET checksum = 'x' WHERE number = 1");
        Assert.Equal("LedgerMigrationDiffers", (await RefusedAsync(LedgerAccess.ReadWrite)).Code);
    }

    [Fact]
    public async Task A_schema_of_another_program_is_refused_and_left_alone()
    {
        await schema.ExecuteAsync($"CREATE SCHEMA {schema.Name}; CREATE TABLE {schema.Name}.theirs (x int)");
        Assert.Equal("LedgerForeign", (await RefusedAsync(LedgerAccess.ReadWrite)).Code);
        Assert.Equal(1L, await schema.ExecuteAsync($"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '{schema.Name}'"));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_behind()
    {
        // A function of a name that the script makes: no table, so the schema counts as empty.
        await schema.ExecuteAsync($"CREATE SCHEMA {schema.Name}; CREATE FUNCTION {schema.Name}.file_was_set_aside() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
        Assert.Equal("LedgerSql", (await RefusedAsync(LedgerAccess.ReadWrite)).Code);
        Assert.Equal(0L, await schema.ExecuteAsync($"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '{schema.Name}'"));
    }

    [Fact]
    public async Task A_node_whose_role_owns_nothing_works_on_a_schema_that_another_role_made()
    {
        var role = $"node_{schema.Name}";
        await schema.OpenAsync();
        await schema.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'few rights'");
        try
        {
            var setting = new Npgsql.NpgsqlConnectionStringBuilder(schema.Setting) { Username = role, Password = "few rights" }.ConnectionString;
            Assert.Equal("DatabaseRights", (await RefusedAsync(LedgerAccess.ReadWrite, setting)).Code);

            await schema.ExecuteAsync(PostgresGrants.For(schema.Name, role));
            var database = await schema.OpenAsync(setting: setting);
            await UseAllOfTheFleetAsync(database);
            var ledger = new PostgresLedger(database);
            await ledger.CommitAsync([new FileStored("shots", "a", Stored("a", 1), Time(1)), new FileStored("shots", "a", Stored("b", 2), Time(2)), Failed("b", 1) with { SetAside = true }], default);
            Assert.Equal(1, await ledger.RequestRetryAsync(null, null, Time(5), default));
            Assert.Equal(0, await ledger.PruneAsync(Time(9), default));

            // It makes nothing, and forges no migration.
            await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AsNodeAsync(setting, "CREATE TABLE mine (x int)"));
            await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AsNodeAsync(setting, "DELETE FROM migration"));

            await schema.ExecuteAsync("DELETE FROM migration WHERE number > 1; DELETE FROM migration");
            var failure = await RefusedAsync(LedgerAccess.ReadWrite, setting);
            Assert.Equal("LedgerMayNotMigrate", failure.Code);
            Assert.Contains("Grants.sql", failure.Cure, StringComparison.Ordinal);
        }
        finally
        {
            await schema.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Theory]
    [InlineData("nonsense " + Secret)]
    [InlineData("Host=localhost;Pasword=" + Secret)]
    [InlineData("postgres://u:" + Secret + "@")]
    [InlineData("postgres://u:" + Secret + "@host/d?sslmode=wrong")]
    [InlineData("postgres://u:" + Secret + "@host/d?nonsense=1")]
    [InlineData("Username=u;Password=\"" + Secret + "\"")]
    [InlineData("Host=h;Password=\"" + Secret + "\";Search Path=a b")]
    public async Task A_setting_that_cannot_be_read_is_refused_without_repeating_it(string setting)
    {
        var failure = await RefusedAsync(LedgerAccess.ReadWrite, setting);
        Assert.Equal("DatabaseSetting", failure.Code);
        Assert.DoesNotContain("Word", failure.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_uri_says_the_same_as_keywords()
    {
        var known = new Npgsql.NpgsqlConnectionStringBuilder(schema.Setting);
        var uri = $"postgres://{known.Username}:{Uri.EscapeDataString(known.Password!)}@{known.Host}:{known.Port}/{known.Database}?sslmode=prefer&Search%20Path={schema.Name}";
        var database = await schema.OpenAsync(setting: uri);
        Assert.Equal($"database {known.Database} at {known.Host}:{known.Port}, schema {schema.Name}", database.Name);
    }

    [Fact]
    public async Task Every_refusal_names_the_place_and_the_cure_and_never_the_password()
    {
        var good = new Npgsql.NpgsqlConnectionStringBuilder(schema.Setting);
        Npgsql.NpgsqlConnectionStringBuilder With(Action<Npgsql.NpgsqlConnectionStringBuilder> change)
        {
            var changed = new Npgsql.NpgsqlConnectionStringBuilder(good.ConnectionString) { Password = Secret };
            change(changed);
            return changed;
        }

        var cases = new (string Code, FailureNature Nature, string Setting)[]
        {
            ("DatabaseRefused", FailureNature.Lasting, With(_ => { }).ConnectionString),
            ("DatabaseRefused", FailureNature.Lasting, With(c => c.Username = "nobody").ConnectionString),
            ("DatabaseMissing", FailureNature.Lasting, With(c => (c.Database, c.Password) = ("none", good.Password)).ConnectionString),
            ("DatabaseUnreachable", FailureNature.Passing, With(c => c.Port = 1).ConnectionString),
            ("DatabaseUnreachable", FailureNature.Passing, With(c => c.Host = "no-such-host.invalid").ConnectionString),
            ("DatabaseConnection", FailureNature.Lasting, With(c => c.SslMode = Npgsql.SslMode.Require).ConnectionString),
        };
        foreach (var (code, nature, setting) in cases)
        {
            var failure = await RefusedAsync(LedgerAccess.ReadWrite, setting);
            Assert.Equal((code, nature, FailureScope.Node), (failure.Code, failure.Nature, failure.Scope));
            Assert.Contains(new Npgsql.NpgsqlConnectionStringBuilder(setting).Host!, failure.Cause, StringComparison.Ordinal);
            Assert.NotEmpty(failure.Cure);
            Assert.DoesNotContain("Word", failure.Explanation, StringComparison.Ordinal);
        }
    }

    private async Task UseAllOfTheFleetAsync(PostgresDatabase database)
    {
        await using var fleet = new PostgresFleet(database);
        var dead = (await fleet.JoinAsync(new NodeIdentity("dead", "host", 1), TimeSpan.FromMinutes(1), default)).Id;
        var lease = (await fleet.TakeScanLeaseAsync(dead, "shots", default)).Lease!;
        await fleet.PublishAsync(dead, lease, 1, [[new BatchFile("x", Version(1))]], 9, default);
        await new PostgresLedger(database).CommitAsync([new MultipartBegun(Upload("big", "u1"), Time(1))], default);
        await fleet.PublishPartsAsync(dead, new PartsToDo("u1", [1]), default);
        await fleet.ClaimBatchesAsync(dead, ["shots"], 1, 1, default);
        await schema.ExecuteAsync("UPDATE fleet_session SET good_until = clock_timestamp()");

        var heir = (await fleet.JoinAsync(new NodeIdentity("heir", "host", 1), TimeSpan.FromMinutes(1), default)).Id;
        var batch = Assert.Single((await fleet.ClaimBatchesAsync(heir, ["shots"], 1, 1, default)).Items);
        var part = Assert.Single((await fleet.ClaimPartsAsync(heir, ["shots"], 1, default)).Items);
        var commit = new FleetCommit
        {
            CompletedBatches = [batch.Ticket], FinishedParts = [new PartFinish(part.Ticket, Part(1))], Changes = [new MultipartEnded("u1", Time(2))], Notes = [new AuditNote("removed", "shots", "x", 1)],
        };
        Assert.Equal(FleetOutcome.Done, await fleet.CommitAsync(heir, commit, default));
        Assert.Equal(FleetNews.Anything, await fleet.WaitForNewsAsync(TimeSpan.FromSeconds(30), default));
        await fleet.LeaveAsync(heir, default);
        await fleet.PruneAsync(TimeSpan.Zero, default);
    }

    private static async Task AsNodeAsync(string setting, string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(setting + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<Failure> RefusedAsync(LedgerAccess access, string? setting = null) =>
        (await Assert.ThrowsAsync<LedgerException>(() => schema.OpenAsync(access, setting))).Failure;
}
