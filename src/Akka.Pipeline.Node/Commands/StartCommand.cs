namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Akka.Pipeline.Node.Control;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;

/// <summary>`pipeline start`: the daemon in the background, one a data folder.</summary>
internal static class StartCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        var daemon = new DaemonOptions();
        var command = new Command("start", "Start the daemon in the background, and wait until it is at work or has failed. One runs already: that is fine (0). Its log: logs/pipeline.log in the data folder.");
        daemon.AddTo(command);
        command.SetAction(parsed => RunAsync(
            ConfigurationReader.Read(parsed.GetValue(daemon.Shared.File), daemon.Overrides(parsed), once: false, Environment.GetEnvironmentVariable),
            DaemonOptions.Arguments(parsed, command),
            parsed.GetValue(daemon.Shared.Json)));
        return command;
    }

    private static async Task<int> RunAsync(NodeConfiguration configuration, IReadOnlyList<string> arguments, bool json)
    {
        if (await ControlClient.StatusAsync(configuration.DataFolder) is { } there)
        {
            Tell(json, new StartedLine(false, Pid: there.Pid), $"A pipeline runs on '{configuration.DataFolder}' already: process {there.Pid}, since {StatusCommand.Moment(there.Since)}. Nothing was started.");
            return ExitCode.Done;
        }

        using var process = BackgroundProcess.Start(configuration.DataFolder, arguments);
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            // Asked before the look at the process, so that a daemon that was quickly done is not taken for one that never was.
            var status = await AskAsync(configuration.DataFolder);
            if (status is { AtWork: true } && status.Pid == process.Id)
            {
                Tell(json, new StartedLine(true, Pid: status.Pid), $"Started: process {status.Pid}, {configuration.Routes.Count} {(configuration.Routes.Count == 1 ? "route" : "routes")}, log in {LogFile.Of(configuration.DataFolder)}.");
                foreach (var blocked in status.Blocked)
                {
                    await Console.Error.WriteLineAsync($"  Blocked: {blocked.Scope} {blocked.Name}: {blocked.Cause} {blocked.Cure}");
                }

                return ExitCode.Done;
            }

            if (process.HasExited)
            {
                return Failed(process, configuration, json);
            }

            await Task.Delay(Look);
        }

        Tell(json, new StartedLine(false, Pid: process.Id), $"Process {process.Id} was started, and is not at work after {Amounts.Time(Patience)}. Its log: {LogFile.Of(configuration.DataFolder)}.");
        return ExitCode.SomeFailed;
    }

    private static int Failed(BackgroundProcess process, NodeConfiguration configuration, bool json)
    {
        foreach (var line in process.Complaints())
        {
            Console.Error.WriteLine(line);
        }

        Tell(json, new StartedLine(false, ExitCode: process.ExitCode), $"The pipeline has ended with exit code {process.ExitCode}. Its log: {LogFile.Of(configuration.DataFolder)}.");
        return process.ExitCode is ExitCode.Done or ExitCode.SomeFailed or ExitCode.Wrong or ExitCode.NoCredentials ? process.ExitCode : ExitCode.SomeFailed;
    }

    // While it starts there is a moment with a lock and no socket.
    private static async Task<DaemonStatus?> AskAsync(string dataFolder)
    {
        try
        {
            return await ControlClient.StatusAsync(dataFolder);
        }
        catch (ConfigurationException)
        {
            return null;
        }
    }

    private static void Tell(bool json, StartedLine forMachines, string forPeople)
    {
        Console.Error.WriteLine(forPeople);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(forMachines, JsonLines.Default.StartedLine));
        }
    }
}
