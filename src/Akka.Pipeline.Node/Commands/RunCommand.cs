namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Control;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.Sqlite;
using Microsoft.Extensions.Logging;

/// <summary>`pipeline run`: the daemon.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Empty the sources and exit." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be uploaded, and do nothing." };
        var background = new Option<bool>("--background") { Description = "As `pipeline start` runs it: the log goes to the data folder.", Hidden = true };
        var daemon = new DaemonOptions();
        var command = new Command("run", "Upload finished files until stopped, or until the sources are empty (--once).");
        daemon.AddTo(command);
        command.Add(once);
        command.Add(dryRun);
        command.Add(background);
        command.SetAction(parsed => RunAsync(new RunOptions(
            parsed.GetValue(daemon.Shared.File),
            daemon.Overrides(parsed),
            parsed.GetValue(once) || parsed.GetValue(dryRun),
            parsed.GetValue(dryRun),
            parsed.GetValue(daemon.Sandbox),
            parsed.GetValue(daemon.Shared.Json),
            parsed.GetValue(background))));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options)
    {
        var time = TimeProvider.System;
        await using var actors = ActorHost.Start();
        var configuration = ConfigurationReader.Read(options.ConfigurationFile, options.Overrides, options.Once, Environment.GetEnvironmentVariable);
        if (options.Background)
        {
            // Not closed: what is said at the very end belongs there as well.
            Console.SetError(new LogFile(LogFile.Of(configuration.DataFolder)));
        }

        using var log = new LogLines(Console.Error, time, isTerminal: !options.Background && !Console.IsErrorRedirected, LogLevel.Information);
        log.Write(LogLevel.Information, $"pipeline {ActorRuntime.ProductVersion} on {ActorRuntime.Description}, node {configuration.NodeName}, data in {configuration.DataFolder}");

        var fitting = HandleCheck.Fit(configuration);
        if (!ReferenceEquals(fitting, configuration))
        {
            configuration = fitting;
            log.Write(LogLevel.Information, $"This process may have few files open at once, so no more than {configuration.RequestsAtOnce} uploads are under way at a time (ulimit -Hn raises that).");
        }

        StoreFactory.CheckEnvironment();
        using var dataFolder = options.DryRun ? null : await DataFolder.TakeAsync(configuration.DataFolder);
        var meters = new Core.Insight.TransferMeters();
        var daemon = new Daemon(configuration, meters, time);
        await using var control = options.DryRun ? null : OpenControl(configuration, daemon, options.Background, log);
        SandboxServer? sandbox = null;
        try
        {
            if (options.Sandbox)
            {
                foreach (var route in configuration.Routes)
                {
                    SandboxTarget.MakeSample(route.Settings.Source.Folder, log);
                }

                sandbox = await SandboxTarget.StartAsync(configuration.DataFolder, log, CancellationToken.None);
            }

            // Ledger, stores and actors have much to load before they do anything, and none needs another.
            var stores = new StoreFactory(log, time, sandbox?.Endpoint);
            await using var opening = new PortsOpening(configuration, stores, options.DryRun, meters, time);
            await using var ledger = await OpenLedgerAsync(configuration, options.DryRun);
            if (await opening.RefusedAsync() is { } refused)
            {
                log.Write(LogLevel.Error, $"{refused.Explanation}");
                return ExitCode.NoCredentials;
            }

            var ports = await opening.PortsAsync();
            foreach (var route in ports.Routes.Zip(configuration.Routes))
            {
                log.Write(LogLevel.Information, $"Route {route.First.Name}: {route.First.Settings.Source.Folder} ({route.First.Source.Traits.FileSystem}) -> {route.Second.Target} at {route.First.Store.Traits.Name}, after upload: {route.First.Settings.AfterUpload}".Replace("after upload: Delete", "then delete", StringComparison.Ordinal).Replace("after upload: ", "then ", StringComparison.Ordinal));
            }

            return await new NodeRun(configuration, options, log, time, meters, daemon).RunAsync(actors, ledger, ports, stores.IsOnEc2Async);
        }
        finally
        {
            if (sandbox is not null)
            {
                await sandbox.DisposeAsync();
            }
        }
    }

    // A daemon in the background that could not be asked or stopped would be of no use; one in the foreground has its terminal.
    private static ControlSocket? OpenControl(NodeConfiguration configuration, Daemon daemon, bool background, LogLines log)
    {
        try
        {
            return ControlSocket.Open(configuration.DataFolder, daemon);
        }
        catch (ConfigurationException refused) when (!background)
        {
            log.Write(LogLevel.Warning, $"{refused.Message} Until then pipeline status, stop and drain do not reach this run; signals do.");
            return null;
        }
    }

    // A dry run changes nothing, not even a data folder; without a ledger nothing is known.
    private static async Task<ILedger> OpenLedgerAsync(NodeConfiguration configuration, bool dryRun)
    {
        if (!dryRun)
        {
            return await SqliteLedger.OpenAsync(configuration.LedgerFile, LedgerAccess.ReadWrite, CancellationToken.None);
        }

        return File.Exists(configuration.LedgerFile)
            ? await SqliteLedger.OpenAsync(configuration.LedgerFile, LedgerAccess.Operator, CancellationToken.None)
            : new EmptyLedger();
    }
}
