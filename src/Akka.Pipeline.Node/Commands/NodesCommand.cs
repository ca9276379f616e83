namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>`pipeline nodes`: who is in the fleet, and what each holds. From any machine that reaches the database.</summary>
internal static class NodesCommand
{
    /// <summary>Nodes that have gone are shown for this long.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    public static Command Create()
    {
        var shared = new SharedOptions();
        var all = new Option<bool>("--all") { Description = "Also those that are gone for more than an hour." };
        var command = new Command("nodes", "Show who is in the fleet (PIPELINE_DATABASE, or pipeline.fleet.database), and what each node holds.") { all };
        shared.AddTo(command, withStore: false);
        command.SetAction(async parsed =>
        {
            await using var connection = Connect(shared.Read(parsed));
            var (fleet, _) = await connection.OpenAsync(LedgerAccess.Operator, CancellationToken.None);
            var nodes = await fleet.NodesAsync(CancellationToken.None);
            var since = nodes.Count == 0 ? DateTimeOffset.MinValue : nodes.Max(node => node.RenewedAt) - Remembered;
            Show([.. nodes.Where(node => parsed.GetValue(all) || node.EndedAt is not { } ended || ended >= since)], parsed.GetValue(shared.Json));
            return ExitCode.Done;
        });
        return command;
    }

    /// <exception cref="ConfigurationException">No database is named.</exception>
    public static FleetConnection Connect(NodeConfiguration configuration) => configuration.Fleet is not null
        ? new FleetConnection(configuration)
        : throw new ConfigurationException("There is no fleet: pipeline.fleet.database is empty. Set PIPELINE_DATABASE to postgres://USER:SECRET@HOST:PORT/DATABASE.");

    private static void Show(IReadOnlyList<NodeReport> nodes, bool json)
    {
        if (json)
        {
            foreach (var node in nodes)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(
                    new NodeLine(
                        Node: node.Node.Name,
                        Host: node.Node.Host,
                        Pid: node.Node.ProcessId,
                        Session: node.Session.Epoch,
                        State: StateOf(node),
                        JoinedAt: node.JoinedAt,
                        HeardAt: node.RenewedAt,
                        EndedAt: node.EndedAt,
                        FilesPerSecond: node.Rates.FilesPerSecond,
                        BytesPerSecond: node.Rates.BytesPerSecond,
                        Batches: node.Batches,
                        Files: node.Files,
                        Bytes: node.Bytes,
                        Parts: node.Parts,
                        Walks: node.Routes),
                    JsonLines.Default.NodeLine));
            }

            return;
        }

        if (nodes.Count == 0)
        {
            Console.Out.WriteLine("No node is in the fleet.");
            return;
        }

        var rows = nodes.Select(node => new[]
        {
            node.Node.Name,
            StateOf(node),
            node.JoinedAt.ToLocalTime().ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            (node.EndedAt ?? node.RenewedAt).ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            $"{Amounts.Count(node.Files)} in {Amounts.Count(node.Batches)}",
            Amounts.Bytes(node.Bytes),
            Amounts.Count(node.Parts),
            node.State is NodeState.Up or NodeState.Draining ? $"{node.Rates.FilesPerSecond.ToString("0.#", CultureInfo.InvariantCulture)} files/s, {Amounts.Bytes(node.Rates.BytesPerSecond)}/s" : "",
            node.State is NodeState.Up or NodeState.Draining ? string.Join(", ", node.Routes) : "",
        }).Prepend(["NODE", "STATE", "JOINED", "HEARD", "FILES IN BATCHES", "BYTES", "PARTS", "RATE", "WALKS"]).ToList();
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.Out.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static string StateOf(NodeReport node) => node.State switch
    {
        NodeState.Up => "up",
        NodeState.Draining => "draining",
        NodeState.Left => "left",
        _ => "lost",
    };
}
