namespace Akka.Pipeline.Benchmarks.Measuring;

using System.Diagnostics;
using System.Globalization;

/// <summary>On what something was measured.</summary>
internal static class MachineFacts
{
    public static IReadOnlyList<string> Tell() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC, commit {Commit()}"),
        $"{Environment.ProcessorCount} cores, {ValueOf("/proc/cpuinfo", "model name")}; {Gibibytes(ValueOf("/proc/meminfo", "MemTotal"))} of memory; Linux {Read("/proc/sys/kernel/osrelease")}; .NET {Environment.Version}",
        $"load when it began (1, 5, 15 minutes): {string.Join(", ", Read("/proc/loadavg").Split(' ').Take(3))}",
    ];

    /// <summary>The first line that a program writes.</summary>
    public static string FirstLineOf(IReadOnlyList<string> command, string? folder = null)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder ?? "" };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text.Split('\n')[0].Trim();
    }

    private static string Commit()
    {
        try
        {
            var commit = FirstLineOf(["git", "rev-parse", "--short", "HEAD"], Repository.Root);
            return FirstLineOf(["git", "status", "--porcelain", "--untracked-files=no"], Repository.Root).Length == 0 ? commit : commit + ", with changes";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }

    private static string Read(string file) => File.ReadAllText(file).Trim();

    private static string ValueOf(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";

    private static string Gibibytes(string kibibytes) =>
        long.TryParse(kibibytes.Split(' ')[0], out var value) ? $"{value >> 20} GiB" : kibibytes;
}
