namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Akka.Pipeline.Hocon;
using Akka.Pipeline.Node.Control;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;
using Microsoft.Extensions.Logging;

/// <summary>`pipeline stop` and `pipeline drain`: end the daemon of a data folder, and wait for its end.</summary>
internal static class LeaveCommands
{
    /// <summary>How much longer than agreed an end may take before it is said that it does not come.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public static Command Stop() => Create(
        "stop",
        "Stop the daemon of this data folder: it takes nothing new, finishes the uploads under way, and ends. Waits for that. None runs: that is fine (0).",
        new Option<string?>("--grace") { Description = "How long uploads under way may take, such as 30s. Default: shutdown-grace of the daemon's configuration.", HelpName = "TIME" },
        fallback: null);

    public static Command Drain() => Create(
        "drain",
        "End the daemon of this data folder as the notice of a spot interruption would: files of node routes go on being uploaded, small ones first, until shortly before the time is up; what other nodes can do is handed back. "
            + "Waits for that, and says what remains. None runs: that is fine (0).",
        new Option<string?>("--within") { Description = "When the process has to be gone. Default: 120s.", HelpName = "TIME" },
        fallback: "120s");

    private static Command Create(string name, string description, Option<string?> time, string? fallback)
    {
        var shared = new SharedOptions();
        var command = new Command(name, description) { time };
        shared.AddTo(command, withStore: false);
        command.SetAction(parsed =>
        {
            var configuration = shared.Read(parsed);
            var text = parsed.GetValue(time) ?? fallback;
            return LeaveAsync(name, configuration.DataFolder, text is null ? null : Duration(time.Name, text), configuration.ShutdownGrace, parsed.GetValue(shared.Json));
        });
        return command;
    }

    private static TimeSpan Duration(string flag, string text)
    {
        try
        {
            var duration = HoconDocument.FromPairs([(flag.TrimStart('-'), text, $"flag {flag}")]).Resolve().GetDuration(flag.TrimStart('-'), TimeSpan.FromSeconds(1));
            return duration >= TimeSpan.Zero && duration <= TimeSpan.FromDays(1) ? duration : throw new ConfigurationException($"flag {flag}: '{text}' is not from 0s to 24h.");
        }
        catch (HoconException wrong)
        {
            throw new ConfigurationException(wrong.Message, wrong);
        }
    }

    private static async Task<int> LeaveAsync(string request, string folder, TimeSpan? within, TimeSpan grace, bool json)
    {
        await using var client = await ControlClient.ConnectAsync(folder);
        if (client is null)
        {
            Tell(json, new RunningLine(false), $"No pipeline runs on '{folder}'.");
            return ExitCode.Done;
        }

        var limit = (within ?? grace) + Tolerance;
        var began = Stopwatch.GetTimestamp();
        var show = new LogLines(Console.Error, TimeProvider.System, isTerminal: !Console.IsErrorRedirected, LogLevel.Information);
        await client.SendAsync(new ControlRequest(ControlProtocol.Version, request, within?.TotalSeconds));
        ControlEnd? end = null;
        while (end is null && Stopwatch.GetElapsedTime(began) < limit)
        {
            var line = await client.ReceiveAsync(limit);
            if (line is null)
            {
                break;
            }

            end = ControlProtocol.Read<ControlEnd>(line) is { Ended: not null } ended ? ended : null;
            if (end is null)
            {
                var status = client.Understand<DaemonStatus>(line);
                show.ShowStatus(string.Create(CultureInfo.InvariantCulture, $"  process {status.Pid} is leaving: {Amounts.Files(status.Transfers.FilesStored)} stored so far, {Amounts.Bytes(status.Transfers.BytesPerSecond)}/s"));
            }
        }

        while (DataFolder.IsTaken(folder) && Stopwatch.GetElapsedTime(began) < limit)
        {
            await Task.Delay(Look);
        }

        show.Dispose();
        if (DataFolder.IsTaken(folder))
        {
            Tell(json, new RunningLine(true), $"The pipeline on '{folder}' has not ended after {Amounts.Time(limit)}. Its log says more, and a second SIGTERM ends it at once.");
            return ExitCode.SomeFailed;
        }

        Tell(json, new RunningLine(false, end?.Ended), end is null ? "The pipeline has ended without saying how. The next run looks at everything again." : $"The pipeline has ended. {end.Ended}".TrimEnd());
        return ExitCode.Done;
    }

    private static void Tell(bool json, RunningLine forMachines, string forPeople)
    {
        Console.Error.WriteLine(forPeople);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(forMachines, JsonLines.Default.RunningLine));
        }
    }
}
