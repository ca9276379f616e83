namespace Akka.Pipeline.Torture;

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

/// <summary>The real program, as a process of its own.</summary>
internal sealed partial class Victim : IDisposable
{
    private const int SignalTerminate = 15;
    private const int ExitCodeOfKill = 128 + 9;

    private const string FirstLineAtWork = "Route ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly ConcurrentQueue<string> log;
    private readonly TaskCompletionSource atWork = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Victim(Process process, ConcurrentQueue<string> log) => (this.process, this.log) = (process, log);

    /// <summary>Where the build of this project put the copy with fault points.</summary>
    public static string Program { get; set; } = Built("Victim");

    /// <summary>The root of the sources.</summary>
    public static string Root { get; } = Built("Root");

    public bool HasExited => process.HasExited;

    public static Victim Start(string configuration, IBucket bucket, Life life, string? mutation, ConcurrentQueue<string> log, params IReadOnlyList<string> more)
    {
        var start = Command(configuration, ["run", "--endpoint", bucket.Endpoint, "-c", configuration, .. more]);
        start.Environment["AWS_ACCESS_KEY_ID"] = bucket.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = bucket.SecretKey;
        start.Environment["AWS_REGION"] = "us-east-1";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["DOTNET_TieredPGO"] = "0";
        if (life.KillAt is { } step)
        {
            start.Environment["PIPELINE_FAULT_POINT"] = string.Create(CultureInfo.InvariantCulture, $"{step}:{life.KillAtArrival}");
        }

        start.Environment["PIPELINE_FAULT_PAUSE"] = string.Join(',', life.Pauses.Select(pause => $"{pause.Key}:{pause.Value}"));
        start.Environment["PIPELINE_MUTATION"] = mutation ?? "";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"'{Program}' did not start.");
        log.Enqueue($"--- {life}");
        var victim = new Victim(process, log);
        process.ErrorDataReceived += (_, line) => victim.Keep(line.Data);
        process.OutputDataReceived += (_, line) => victim.Keep(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return victim;
    }

    /// <summary>Waits until it has killed itself; kills it after it was at work for a while.</summary>
    /// <returns>Whether it ended by itself, by the kill at a step.</returns>
    /// <exception cref="TortureException">It ended in another way.</exception>
    public bool AwaitDeath(TimeSpan limit, bool killsItself)
    {
        _ = Task.WaitAny(atWork.Task, process.WaitForExitAsync(), Task.Delay(StartLimit));
        var byItself = process.WaitForExit(limit);
        if (!byItself)
        {
            process.Kill();
        }

        process.WaitForExit();
        return byItself && (!killsItself || process.ExitCode != ExitCodeOfKill)
            ? throw new TortureException($"The program ended by itself with code {process.ExitCode}:\n{LogTail()}")
            : byItself;
    }

    /// <summary>Waits until it ends by itself; null if it does not.</summary>
    public int? AwaitEnd(TimeSpan limit) => process.WaitForExit(limit) ? process.ExitCode : null;

    /// <summary>Asks it to end, as an operator would.</summary>
    public int Terminate(TimeSpan limit)
    {
        if (!process.HasExited)
        {
            _ = Signal(process.Id, SignalTerminate);
            if (!process.WaitForExit(limit))
            {
                process.Kill();
            }
        }

        process.WaitForExit();
        return process.ExitCode;
    }

    public string LogTail() => string.Join('\n', log.TakeLast(40).Select(line => "    " + line));

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }

    /// <summary>Asks, as an operator does while nothing runs, that all that was set aside be tried again.</summary>
    public static async Task<int> RetryAsync(string configuration)
    {
        using var process = Process.Start(Command(configuration, "retry", "-c", configuration))!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        await output;
        return process.ExitCode;
    }

    private static ProcessStartInfo Command(string configuration, params IReadOnlyList<string> arguments)
    {
        IReadOnlyList<string> command = Program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", Program] : [Program];
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(configuration)!,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("PIPELINE_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        return start;
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        if (line.Contains(FirstLineAtWork, StringComparison.Ordinal))
        {
            atWork.TrySetResult();
        }

        log.Enqueue(line);
        while (log.Count > 2000)
        {
            log.TryDequeue(out _);
        }
    }

    private static string Built(string name) => Path.GetFullPath(
        typeof(Victim).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == name).Value!);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}

/// <summary>The torture itself cannot go on.</summary>
internal sealed class TortureException(string message) : Exception(message);
