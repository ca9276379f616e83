namespace Akka.Pipeline.Storage.Tests.S3;

using System.Diagnostics;
using System.Runtime.CompilerServices;

/// <summary>A real S3 server for the tests of this process: started once, when the first one wants it, and ended with the process.</summary>
public sealed class CephCluster
{
    private static readonly Lazy<Task<CephCluster>> Running = new(StartAsync);

    private CephCluster(Dictionary<string, string> told)
    {
        Endpoint = new Uri(told["S3_ENDPOINT"]);
        AccessKey = told["S3_ACCESS_KEY"];
        SecretKey = told["S3_SECRET_KEY"];
        LimitedAccessKey = told["S3_LIMITED_ACCESS_KEY"];
        LimitedSecretKey = told["S3_LIMITED_SECRET_KEY"];
    }

    public Uri Endpoint { get; }

    public string AccessKey { get; }

    public string SecretKey { get; }

    /// <summary>Of a user who owns nothing and is allowed nothing in the other's buckets.</summary>
    public string LimitedAccessKey { get; }

    public string LimitedSecretKey { get; }

    public static Task<CephCluster> GetAsync() => Running.Value;

    private static async Task<CephCluster> StartAsync()
    {
        var script = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "servers", "ceph.sh"));
        var folder = Path.Combine(Path.GetTempPath(), $"akka-pipeline-ceph-{Environment.ProcessId}-{Path.GetRandomFileName()}");

        // The guard comes first and outlives this process however it ends; in a session of its own, so that no signal to this one's group reaches it.
        using (Process.Start(Begin("setsid", script, "guard", folder, $"{Environment.ProcessId}")))
        {
        }

        using var start = Process.Start(Begin(script, "start", folder))!;
        var output = start.StandardOutput.ReadToEndAsync();
        var errors = start.StandardError.ReadToEndAsync();
        await start.WaitForExitAsync();
        if (start.ExitCode != 0)
        {
            throw new InvalidOperationException(await errors);
        }

        return new CephCluster((await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
    }

    private static ProcessStartInfo Begin(string program, params string[] arguments) =>
        new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
