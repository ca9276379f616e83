namespace Akka.Pipeline.Node.Commands;

using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>Opens the ledger beside a daemon that may be running.</summary>
internal static class LedgerReader
{
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static Task<SqliteLedger> OpenAsync(NodeConfiguration configuration) =>
        File.Exists(configuration.LedgerFile)
            ? SqliteLedger.OpenAsync(configuration.LedgerFile, LedgerAccess.Operator, CancellationToken.None)
            : throw new ConfigurationException($"There is no ledger at '{configuration.LedgerFile}'. Run the pipeline first, or name its data folder (--data, or pipeline.node.data).");

    /// <summary>Checks that a route of that name is configured.</summary>
    public static void CheckRoute(NodeConfiguration configuration, string? route)
    {
        if (route is not null && !configuration.Routes.Any(r => string.Equals(r.Settings.Name, route, StringComparison.Ordinal)))
        {
            throw new ConfigurationException($"There is no route '{route}'. There are: {string.Join(", ", configuration.Routes.Select(r => r.Settings.Name))}.");
        }
    }
}
