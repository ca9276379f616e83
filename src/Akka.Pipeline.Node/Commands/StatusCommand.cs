namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Akka.Pipeline.Node.Control;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;

/// <summary>`pipeline status`: how the daemon of a data folder stands.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var command = new Command("status", "Show how the daemon of this data folder stands. Exit code 0: it runs; 1: none runs; 2: it cannot be asked.");
        shared.AddTo(command, withStore: false);
        command.SetAction(async parsed =>
        {
            var folder = shared.Read(parsed).DataFolder;
            var status = await ControlClient.StatusAsync(folder);
            if (parsed.GetValue(shared.Json))
            {
                Console.Out.WriteLine(status is null ? JsonSerializer.Serialize(new RunningLine(false), JsonLines.Default.RunningLine) : ControlProtocol.Write(status));
            }
            else if (status is null)
            {
                await Console.Error.WriteLineAsync($"No pipeline runs on '{folder}'.");
            }
            else
            {
                foreach (var line in Lines(status))
                {
                    Console.Out.WriteLine(line);
                }
            }

            return status is null ? ExitCode.SomeFailed : ExitCode.Done;
        });
        return command;
    }

    /// <summary>"2026-01-31 12:00:00".</summary>
    public static string Moment(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    internal static IEnumerable<string> Lines(DaemonStatus status)
    {
        var phase = status.Phase switch
        {
            DaemonPhase.Starting => "starting",
            DaemonPhase.Leaving => $"leaving ({status.Why ?? "done"})",
            _ => "at work",
        };
        var done = status.Transfers;
        yield return $"pipeline {status.Program}, node {status.Node}: {phase}, process {status.Pid}, since {Moment(status.Since)}";
        foreach (var route in status.Routes)
        {
            yield return $"  route {route.Name}: {route.Source} -> {route.Target}";
        }

        yield return $"  found {Amounts.Files(done.FilesFound)}, {Amounts.Bytes(done.BytesFound)}; stored {Amounts.Count(done.FilesStored)}, {Amounts.Bytes(done.BytesStored)}; removed {Amounts.Count(done.FilesRemoved)}; "
            + $"{Amounts.Count(done.FailedAttempts)} failed attempts; {Amounts.Count(done.FilesSetAside)} set aside";
        yield return string.Create(CultureInfo.InvariantCulture, $"  now {Amounts.Bytes(done.BytesPerSecond)}/s, {done.FilesPerSecond:0.#} files/s");
        foreach (var blocked in status.Blocked)
        {
            yield return $"  blocked since {Moment(blocked.Since)}: {blocked.Scope} {blocked.Name}: {blocked.Cause} {blocked.Cure}";
        }
    }
}
