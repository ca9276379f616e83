namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Text.Json;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;

/// <summary>`pipeline routes`: the configured routes and how far they are.</summary>
internal static class RoutesCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var command = new Command("routes", "Show the routes as configured, and how far they are.");
        shared.AddTo(command, withStore: true);
        command.SetAction(async parsed =>
        {
            var configuration = shared.Read(parsed);
            IReadOnlyList<RouteTally> tallies = [];
            if (File.Exists(configuration.LedgerFile) || configuration.Fleet is not null)
            {
                await using var ledger = await LedgerReader.OpenAsync(configuration);
                tallies = await ledger.TallyAsync();
            }

            foreach (var route in configuration.Routes)
            {
                Show(route, [.. tallies.Where(t => string.Equals(t.Route, route.Settings.Name, StringComparison.Ordinal))], parsed.GetValue(shared.Json));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(Settings.ConfiguredRoute route, IReadOnlyList<RouteTally> tallies, bool json)
    {
        var settings = route.Settings;
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(
                new RouteLine(
                    Route: settings.Name,
                    Scope: route.IsShared ? "fleet" : "node",
                    Source: settings.Source.Folder,
                    Target: route.Target,
                    Endpoint: route.S3?.Endpoint?.ToString(),
                    ScanIntervalSeconds: settings.ScanInterval.TotalSeconds,
                    StableAfterSeconds: settings.StableAfter.TotalSeconds,
                    Dedupe: settings.Dedupe.ToString(),
                    AfterUpload: settings.AfterUpload.ToString(),
                    Files: tallies.ToDictionary(t => t.Progress.ToString(), t => new FilesLine(t.Files, t.Bytes), StringComparer.Ordinal)),
                JsonLines.Default.RouteLine));
            return;
        }

        Console.Out.WriteLine($"{settings.Name}{(route.IsShared ? " (fleet)" : "")}: {settings.Source.Folder} -> {route.Target}{(route.S3?.Endpoint is { } endpoint ? $" at {endpoint}" : "")}");
        Console.Out.WriteLine($"  walk every {Amounts.Time(settings.ScanInterval)}, stable after {Amounts.Time(settings.StableAfter)}, dedupe by {settings.Dedupe.ToString().ToLowerInvariant()}, then {settings.AfterUpload.ToString().ToLowerInvariant()}");
        foreach (var tally in tallies)
        {
            Console.Out.WriteLine($"  {tally.Progress.ToString().ToLowerInvariant(),-9} {Amounts.Files(tally.Files)}, {Amounts.Bytes(tally.Bytes)}");
        }
    }
}
