namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Sqlite;

public sealed class SqliteLedgerTests : LedgerContract
{
    private readonly LedgerFolder folder = new();

    protected override async Task<ILedger> OpenAsync(bool asOperator) => await SqliteLedger.OpenAsync(folder.Ledger, asOperator ? LedgerAccess.Operator : LedgerAccess.ReadWrite, default);

    protected override Task CleanUpAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }
}
