namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
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
        var shared = new SharedOptions();
        var source = new Option<string?>("--dir", "-d") { Description = "Source folder. Default: output/s3.", HelpName = "DIR" };
        var interval = new Option<string?>("--interval", "-i") { Description = "Seconds between walks. Default: 60.", HelpName = "SECONDS" };
        var stable = new Option<string?>("--stable", "-s") { Description = "Seconds that a file must not have changed. Default: 2.", HelpName = "SECONDS" };
        var once = new Option<bool>("--once") { Description = "Empty the sources and exit." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be uploaded, and do nothing." };
        var sandbox = new Option<bool>("--sandbox") { Description = "Upload into a local S3 endpoint instead; makes sample files where there is no source." };

        var command = new Command("run", "Upload finished files until stopped, or until the sources are empty (--once).") { source, interval, stable, once, dryRun, sandbox };
        shared.AddTo(command, withStore: true);
        command.SetAction(parsed => RunAsync(new RunOptions(
            parsed.GetValue(shared.File),
            shared.Overrides(parsed) with
            {
                Source = parsed.GetValue(source),
                ScanIntervalSeconds = parsed.GetValue(interval),
                StableAfterSeconds = parsed.GetValue(stable),
            },
            parsed.GetValue(once) || parsed.GetValue(dryRun),
            parsed.GetValue(dryRun),
            parsed.GetValue(sandbox),
            parsed.GetValue(shared.Json))));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options)
    {
        var time = TimeProvider.System;
        using var log = new LogLines(Console.Error, time, isTerminal: !Console.IsErrorRedirected, LogLevel.Information);
        var configuration = ConfigurationReader.Read(options.ConfigurationFile, options.Overrides, options.Once, Environment.GetEnvironmentVariable);
        log.Write(LogLevel.Information, $"pipeline {ActorRuntime.ProductVersion} on {ActorRuntime.Description}, node {configuration.NodeName}, data in {configuration.DataFolder}");

        using var dataFolder = options.DryRun ? null : DataFolder.Take(configuration.DataFolder);
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

            await using var ledger = await OpenLedgerAsync(configuration, options.DryRun);
            var stores = new StoreFactory(log, time, sandbox?.Endpoint);
            if (!options.DryRun && await stores.CheckCredentialsAsync(configuration) is { } refused)
            {
                log.Write(LogLevel.Error, $"{refused.Explanation}");
                return ExitCode.NoCredentials;
            }

            var meters = new Core.Insight.TransferMeters();
            await using var ports = await NodePorts.OpenAsync(configuration, options.DryRun ? route => OpenForShowAsync(stores, route) : stores.OpenAsync, meters, time);
            foreach (var route in ports.Routes.Zip(configuration.Routes))
            {
                log.Write(LogLevel.Information, $"Route {route.First.Name}: {route.First.Settings.Source.Folder} ({route.First.Source.Traits.FileSystem}) -> {route.Second.Target} at {route.First.Store.Traits.Name}, after upload: {route.First.Settings.AfterUpload}".Replace("after upload: Delete", "then delete", StringComparison.Ordinal).Replace("after upload: ", "then ", StringComparison.Ordinal));
            }

            return await new NodeRun(configuration, options, log, time, meters).RunAsync(ledger, ports, stores.IsOnEc2Async);
        }
        finally
        {
            if (sandbox is not null)
            {
                await sandbox.DisposeAsync();
            }
        }
    }

    // A dry run asks no store for anything: it needs no credentials, and makes no target folder.
    private static async Task<IObjectStore> OpenForShowAsync(StoreFactory stores, ConfiguredRoute route)
    {
        if (route.Folder is { } folder)
        {
            return new UnaskedStore(folder);
        }

        try
        {
            return await stores.OpenAsync(route);
        }
        catch (StoreException none) when (none.Failure.Nature == FailureNature.Credentials)
        {
            return new UnaskedStore(route.S3!.Describe(route.S3.Region ?? route.FallbackRegion));
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
