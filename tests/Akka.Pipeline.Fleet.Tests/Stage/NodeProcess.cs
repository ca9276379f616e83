namespace Akka.Pipeline.Fleet.Tests.Stage;

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Akka.Pipeline.Node.Tests.Programs;

/// <summary>A node as a process of its own: the program as it was built, with its own name and data folder.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> log = new();
    private string report = "";

    private NodeProcess(string name, Process process, MetadataServer? notices, Wire? database, Wire? store)
    {
        (Name, this.process, Notices, Database, Store) = (name, process, notices, database, store);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.OutputDataReceived += (_, line) => report += line.Data;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    public static string Root { get; } = Path.GetFullPath(typeof(NodeProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Root").Value!);

    public string Name { get; }

    /// <summary>Where its machine's end is announced, if it runs on such a machine.</summary>
    public MetadataServer? Notices { get; }

    /// <summary>Its wire to the database, if it has one of its own.</summary>
    public Wire? Database { get; }

    /// <summary>Its wire to the store, if it has one of its own.</summary>
    public Wire? Store { get; }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public string Log => $"  --- {Name}\n{string.Join('\n', log.TakeLast(25).Select(line => "    " + line))}";

    /// <summary>The last line of it.</summary>
    public string LastWords => log.LastOrDefault() ?? "";

    /// <param name="name">Of the node.</param>
    /// <param name="folder">Of its own.</param>
    /// <param name="configuration">Its pipeline.conf.</param>
    /// <param name="database">The database setting.</param>
    /// <param name="endpoint">Of the store.</param>
    /// <param name="notices">Where it looks for the end of its machine, if anywhere.</param>
    /// <param name="wires">Those that the two lead over, if there are any.</param>
    public static NodeProcess Start(string name, string folder, string configuration, string database, string endpoint, MetadataServer? notices, (Wire Database, Wire Store)? wires)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "pipeline.conf"), configuration);
        var start = new ProcessStartInfo(BuiltProgram.Command[0], [.. BuiltProgram.Command.Skip(1), "run", "--json", "--endpoint", endpoint])
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder,
        };
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("AWS_", StringComparison.Ordinal) || key.StartsWith("PIPELINE_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(variable);
        }

        start.Environment["AWS_ACCESS_KEY_ID"] = StoreServer.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = StoreServer.SecretKey;
        start.Environment["AWS_REGION"] = "us-east-1";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = notices is null ? "true" : "false";
        start.Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = notices?.Endpoint;
        start.Environment["PIPELINE_DATABASE"] = database;

        // Several runtimes on few processors: less work behind their backs.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        var process = Process.Start(start) ?? throw new SceneException($"'{string.Join(' ', BuiltProgram.Command)}' did not start.");
        return new NodeProcess(name, process, notices, wires?.Database, wires?.Store);
    }

    /// <summary>Whether it has said so, since the log had this many lines.</summary>
    public bool Said(string text, int since = 0) => log.Skip(since).Any(line => line.Contains(text, StringComparison.Ordinal));

    public int Lines => log.Count;

    /// <summary>What its report says it did; null without one.</summary>
    public (long Files, long Bytes)? Did()
    {
        if (report.Length == 0)
        {
            return null;
        }

        using var json = JsonDocument.Parse(report);
        return (json.RootElement.GetProperty("filesStored").GetInt64(), json.RootElement.GetProperty("bytesSent").GetInt64());
    }

    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    /// <summary>As `kill -9` does.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, and returns its exit code.</summary>
    public Task<int> TerminateAsync(TimeSpan limit)
    {
        if (!process.HasExited)
        {
            Signal("TERM");
        }

        return EndAsync(limit, "SIGTERM");
    }

    /// <summary>Waits for its end, and returns its exit code.</summary>
    /// <param name="limit">For that.</param>
    /// <param name="cause">What it was told.</param>
    public async Task<int> EndAsync(TimeSpan limit, string cause)
    {
        using var waiting = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(waiting.Token);
        }
        catch (OperationCanceledException)
        {
            throw new SceneException($"Node {Name} did not end within {limit.TotalSeconds:0} s of {cause}.\n{Log}");
        }

        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        kill.WaitForExit();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            log.Enqueue(line);
        }
    }
}
