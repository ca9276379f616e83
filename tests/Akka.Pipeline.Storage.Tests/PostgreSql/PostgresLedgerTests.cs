namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;
using Akka.Pipeline.Storage.Tests.Ledgers;
using static Akka.Pipeline.Storage.Tests.Ledgers.LedgerFacts;

public sealed class PostgresLedgerTests : LedgerContract
{
    private PostgresSchema? schema;

    protected override async Task<ILedger> OpenAsync(bool asOperator)
    {
        schema ??= await PostgresSchema.CreateAsync();
        return new PostgresLedger(await schema.OpenAsync(asOperator ? LedgerAccess.Operator : LedgerAccess.ReadWrite));
    }

    [Fact]
    public async Task Nodes_that_commit_about_the_same_files_at_once_all_succeed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LEDGER_SEED"), out var given) ? given : Random.Shared.Next();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(asOperator: false)));
        await Task.WhenAll(nodes.Select((node, n) => Task.Run(async () =>
        {
            var random = new Random(seed + n);
            for (var commit = 0; commit < 5; commit++)
            {
                LedgerChange[] changes = [.. Enumerable.Range(0, 100).Select(_ => ChangeOf($"{random.Next(60)}", random.Next(4)))];
                var failure = await Record.ExceptionAsync(() => node.CommitAsync(changes, default));
                Assert.True(failure is null, $"{failure}, LEDGER_SEED={seed}");
            }
        })));

        var listed = 0;
        await foreach (var entry in nodes[0].FilesAsync(new FileQuery("shots"), default))
        {
            listed++;
            Assert.Equal(entry.Progress is FileProgress.Failing, entry.Trouble is not null);
        }

        Assert.InRange(listed, 50, 60);
    }

    private static LedgerChange ChangeOf(string path, int kind) => kind switch
    {
        0 => Failed(path, 2),
        1 => new FileDone("shots", path, Version(1), LocalFate.Removed, Time(2)),
        _ => new FileStored("shots", path, Stored(path, kind - 1), Time(1)),
    };

    protected override async Task CleanUpAsync() => await schema!.DisposeAsync();
}
