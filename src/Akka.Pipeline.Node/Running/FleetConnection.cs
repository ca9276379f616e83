namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Posix;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>The shared database of a fleet, connected when it is first needed, so that a database that is down keeps no node from starting.</summary>
internal sealed class FleetConnection(NodeConfiguration configuration) : IAsyncDisposable
{
    private PostgresDatabase? database;
    private PostgresFleet? fleet;

    /// <summary>What the actors need of it.</summary>
    public FleetPorts Ports => new(
        cancellation => OpenAsync(LedgerAccess.ReadWrite, cancellation),
        new NodeIdentity(configuration.NodeName, Environment.MachineName, Environment.ProcessId),
        configuration.Fleet!.Settings,
        BootClock.Instance);

    /// <summary>Connects, and as <see cref="LedgerAccess.ReadWrite"/> brings the schema up to date.</summary>
    /// <exception cref="LedgerException">The message names the database and never its password.</exception>
    public async Task<FleetAccess> OpenAsync(LedgerAccess access, CancellationToken cancellation)
    {
        database ??= await PostgresDatabase.OpenAsync(configuration.Fleet!.Database, access, cancellation);
        fleet ??= new PostgresFleet(database);
        return new FleetAccess(fleet, new PostgresLedger(database));
    }

    public async ValueTask DisposeAsync()
    {
        if (fleet is not null)
        {
            await fleet.DisposeAsync();
        }

        if (database is not null)
        {
            await database.DisposeAsync();
        }
    }
}
