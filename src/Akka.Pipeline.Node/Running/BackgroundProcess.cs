namespace Akka.Pipeline.Node.Running;

using System.Diagnostics;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Settings;

/// <summary>
/// The daemon as a process of its own: in a session of its own, so that it outlives the terminal, with nothing of the terminal open. It gets this process's environment, and on its
/// command line what stood on ours.
/// </summary>
internal sealed class BackgroundProcess : IDisposable
{
    private const int MostLines = 20;

    private readonly Process process;
    private readonly string log;
    private readonly string stray;
    private readonly long logLengthBefore;

    private BackgroundProcess(Process process, string log, string stray, long logLengthBefore)
    {
        this.process = process;
        this.log = log;
        this.stray = stray;
        this.logLengthBefore = logLengthBefore;
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>Starts `pipeline run --background` with these arguments.</summary>
    /// <exception cref="ConfigurationException">The data folder cannot be used.</exception>
    public static BackgroundProcess Start(string dataFolder, IReadOnlyList<string> arguments)
    {
        var log = LogFile.Of(dataFolder);

        // What bypasses the log: a runtime that cannot even begin, or that dies.
        var stray = Path.Combine(Path.GetDirectoryName(log)!, "pipeline.out");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(log)!);
            File.WriteAllText(stray, "");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The data folder '{dataFolder}' cannot be used: {refused.Message} Make it writable for this user, or name another one (--data, or pipeline.node.data).", refused);
        }

        var length = File.Exists(log) ? new FileInfo(log).Length : 0;
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec setsid \"$@\" </dev/null >>\"$0\" 2>&1", stray, .. ThisProgram(), "run", "--background", .. arguments]) { UseShellExecute = false };
        return new BackgroundProcess(Process.Start(start)!, log, stray, length);
    }

    /// <summary>What it has said of trouble since its start: the reason, should it have failed.</summary>
    public IReadOnlyList<string> Complaints()
    {
        try
        {
            using var stream = new FileStream(log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = logLengthBefore <= stream.Length ? logLengthBefore : 0;
            using var reader = new StreamReader(stream);
            var lines = reader.ReadToEnd().Split('\n').Concat(File.ReadLines(stray));
            return [.. lines.Where(line => line.Length > 0 && !line.Contains("] INFO ", StringComparison.Ordinal)).TakeLast(MostLines)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public void Dispose() => process.Dispose();

    // `dotnet X.dll`, or a program of its own.
    private static string[] ThisProgram()
    {
        var host = Environment.ProcessPath!;
        return string.Equals(Path.GetFileNameWithoutExtension(host), "dotnet", StringComparison.Ordinal) ? [host, Environment.GetCommandLineArgs()[0]] : [host];
    }
}
