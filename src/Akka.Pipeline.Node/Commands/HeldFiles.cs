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
                    Console.Out.WriteLine(json
                        ? JsonSerializer.Serialize(
                            new HeldBatchLine(batch.Ticket.Route, SourcePath.ForDisplay(file.Path), file.Fingerprint.SizeBytes, node.Session.Epoch, new HeldBatch(batch.Ticket.Number)),
                            JsonLines.Default.HeldBatchLine)
                        : Text($"batch {batch.Ticket.Number}", batch.Ticket.Route, file.Path, file.Fingerprint.SizeBytes));
                }
            }

            foreach (var part in held.Parts.Where(part => route is null || string.Equals(part.Upload.Route, route, StringComparison.Ordinal)))
            {
                Console.Out.WriteLine(json
                    ? JsonSerializer.Serialize(
                        new HeldPartLine(part.Upload.Route, SourcePath.ForDisplay(part.Upload.Path), part.Upload.PartSizeBytes, node.Session.Epoch, new HeldPart(part.Ticket.PartNumber)),
                        JsonLines.Default.HeldPartLine)
                    : Text($"part {part.Ticket.PartNumber}", part.Upload.Route, part.Upload.Path, part.Upload.PartSizeBytes));
            }
        }
    }

    private static string Text(string what, string route, string path, long bytes) => $"{what,-12} {route}  {SourcePath.ForDisplay(path)}  {Amounts.Bytes(bytes)}";
}
