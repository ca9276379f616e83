namespace Akka.Pipeline.Node.Commands;

using System.Text.Json;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>`pipeline files --node N`: what a node of the fleet has claimed and not finished.</summary>
internal static class HeldFiles
{
    /// <exception cref="ConfigurationException">There is no fleet, or no node of that name is up.</exception>
    public static async Task ShowAsync(NodeConfiguration configuration, string name, string? route, bool json)
    {
        await using var connection = NodesCommand.Connect(configuration);
        var (fleet, _) = await connection.OpenAsync(LedgerAccess.Operator, CancellationToken.None);
        var present = (await fleet.NodesAsync(CancellationToken.None)).Where(node => node.State is NodeState.Up or NodeState.Draining).ToList();
        var named = present.Where(node => string.Equals(node.Node.Name, name, StringComparison.Ordinal)).ToList();
        if (named.Count == 0)
        {
            throw new ConfigurationException(present.Count == 0
                ? "No node of the fleet is up."
                : $"No node '{name}' is up. There are: {string.Join(", ", present.Select(node => node.Node.Name).Distinct(StringComparer.Ordinal))}.");
        }

        foreach (var node in named)
        {
            var held = await fleet.HoldingsAsync(node.Session, CancellationToken.None);
            foreach (var batch in held.Batches.Where(batch => route is null || string.Equals(batch.Ticket.Route, route, StringComparison.Ordinal)))
            {
                foreach (var file in batch.Files)
                {
                    Show(json, batch.Ticket.Route, file.Path, file.Fingerprint.SizeBytes, node.Session, $"batch {batch.Ticket.Number}", new { batch = batch.Ticket.Number });
                }
            }

            foreach (var part in held.Parts.Where(part => route is null || string.Equals(part.Upload.Route, route, StringComparison.Ordinal)))
            {
                Show(json, part.Upload.Route, part.Upload.Path, part.Upload.PartSizeBytes, node.Session, $"part {part.Ticket.PartNumber}", new { part = part.Ticket.PartNumber });
            }
        }
    }

    private static void Show(bool json, string route, string path, long bytes, SessionId session, string what, object which) => Console.Out.WriteLine(json
        ? JsonSerializer.Serialize(new { route, path = SourcePath.ForDisplay(path), sizeBytes = bytes, session = session.Epoch, held = which })
        : $"{what,-12} {route}  {SourcePath.ForDisplay(path)}  {Amounts.Bytes(bytes)}");
}
