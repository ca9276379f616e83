namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Tests.Fleet;

public sealed class PostgresFleetTests : FleetContract
{
    private readonly List<PostgresFleet> opened = [];

    private PostgresSchema? schema;

    protected override async Task<(IFleet Fleet, ILedger Ledger)> OpenAsync()
    {
        schema ??= await PostgresSchema.CreateAsync();
        var database = await schema.OpenAsync();
        opened.Add(new PostgresFleet(database));
        return (opened[^1], new PostgresLedger(database));
    }

    protected override async Task LetTimePassAsync(SessionId session) =>
        await schema!.ExecuteAsync($"UPDATE fleet_session SET good_until = clock_timestamp() - interval '1 microsecond' WHERE id = {session.Epoch}");

    protected override async Task LetDelaysPassAsync() =>
        await schema!.ExecuteAsync("UPDATE fleet_batch SET not_before = clock_timestamp() WHERE not_before IS NOT NULL; UPDATE fleet_part SET not_before = clock_timestamp() WHERE not_before IS NOT NULL");

    protected override async Task CleanUpAsync()
    {
        foreach (var fleet in opened)
        {
            await fleet.DisposeAsync();
        }

        await schema!.DisposeAsync();
    }
}
