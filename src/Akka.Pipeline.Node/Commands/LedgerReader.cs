namespace Akka.Pipeline.Node.Commands;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>What an operator asks of the ledgers beside a daemon that may be running: this node's own, and the fleet's.</summary>
internal sealed class LedgerReader : IAsyncDisposable
{
    private readonly NodeConfiguration configuration;
    private readonly FleetConnection? fleet;
    private readonly List<(ILedger Ledger, bool IsShared)> ledgers = [];

    private LedgerReader(NodeConfiguration configuration)
    {
        this.configuration = configuration;
        fleet = configuration.Fleet is null ? null : new FleetConnection(configuration);
    }

    /// <summary>Opens those that there are.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    /// <exception cref="LedgerException">One cannot be read.</exception>
    public static async Task<LedgerReader> OpenAsync(NodeConfiguration configuration)
    {
        var reader = new LedgerReader(configuration);
        try
        {
            if (File.Exists(configuration.LedgerFile))
            {
                reader.ledgers.Add((await SqliteLedger.OpenAsync(configuration.LedgerFile, LedgerAccess.Operator, CancellationToken.None), false));
            }
            else if (reader.fleet is null)
            {
                throw new ConfigurationException($"There is no ledger at '{configuration.LedgerFile}'. Run the pipeline first, or name its data folder (--data, or pipeline.node.data).");
            }

            if (reader.fleet is not null)
            {
                reader.ledgers.Add(((await reader.fleet.OpenAsync(LedgerAccess.Operator, CancellationToken.None)).Ledger, true));
            }

            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <summary>Checks that a route of that name is configured; with a fleet's database others may be known there.</summary>
    public static void CheckRoute(NodeConfiguration configuration, string? route)
    {
        if (route is not null && configuration.Fleet is null && !configuration.Routes.Any(r => string.Equals(r.Settings.Name, route, StringComparison.Ordinal)))
        {
            throw new ConfigurationException($"There is no route '{route}'. There are: {string.Join(", ", configuration.Routes.Select(r => r.Settings.Name))}.");
        }
    }

    public async IAsyncEnumerable<LedgerEntry> FilesAsync(FileQuery query)
    {
        var left = query.Limit;
        foreach (var ledger in Of(query.Route))
        {
            await foreach (var entry in ledger.FilesAsync(query with { Limit = left }, CancellationToken.None))
            {
                yield return entry;
                if (left is not null && --left == 0)
                {
                    yield break;
                }
            }
        }
    }

    public async Task<IReadOnlyList<Blockage>> BlockagesAsync()
    {
        var all = new List<Blockage>();
        foreach (var ledger in Of(null))
        {
            all.AddRange(await ledger.BlockagesAsync(CancellationToken.None));
        }

        return all;
    }

    public async Task<IReadOnlyList<RouteTally>> TallyAsync()
    {
        var all = new List<RouteTally>();
        foreach (var ledger in Of(null))
        {
            all.AddRange(await ledger.TallyAsync(CancellationToken.None));
        }

        return all;
    }

    /// <summary>See <see cref="ILedger.RequestRetryAsync"/>.</summary>
    public async Task<int> RequestRetryAsync(string? route, string? path, DateTimeOffset at)
    {
        var count = 0;
        foreach (var ledger in Of(route))
        {
            count += await ledger.RequestRetryAsync(route, path, at, CancellationToken.None);
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (ledger, _) in ledgers)
        {
            await ledger.DisposeAsync();
        }

        if (fleet is not null)
        {
            await fleet.DisposeAsync();
        }
    }

    // A route that is not configured here may be in either: its name is asked for in both.
    private IEnumerable<ILedger> Of(string? route)
    {
        var configured = configuration.Routes.FirstOrDefault(r => string.Equals(r.Settings.Name, route, StringComparison.Ordinal));
        return ledgers.Where(ledger => configured is null || ledger.IsShared == configured.IsShared).Select(ledger => ledger.Ledger);
    }
}
