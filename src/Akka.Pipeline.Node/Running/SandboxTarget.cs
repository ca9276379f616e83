namespace Akka.Pipeline.Node.Running;

using System.Globalization;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Sandbox;
using Microsoft.Extensions.Logging;

/// <summary>The local S3 endpoint behind `run --sandbox`: its objects are plain files in the data folder, and it makes buckets as they are named.</summary>
internal static class SandboxTarget
{
    public const string AccessKey = "AKIASANDBOX";
    public const string SecretKey = "sandbox-secret-key";

    public static async Task<SandboxServer> StartAsync(string dataFolder, LogLines log, CancellationToken cancellation)
    {
        var root = Path.Combine(dataFolder, "sandbox");
        Directory.CreateDirectory(root);
        var server = await SandboxServer.StartAsync(
            new SandboxOptions { RootFolder = root, AccessKey = AccessKey, SecretKey = SecretKey, CreateBucketsOnDemand = true },
            cancellation);
        log.Write(LogLevel.Information, $"Sandbox: S3 at {server.Endpoint.ToString().TrimEnd('/')}, objects as files in {root}");
        return server;
    }

    /// <summary>Makes a source with a few files to try out, where there is none.</summary>
    public static void MakeSample(string source, LogLines log)
    {
        if (Directory.Exists(source))
        {
            return;
        }

        var shots = Path.Combine(source, "demo-renders", "shot-010");
        Directory.CreateDirectory(shots);
        for (var frame = 1; frame <= 24; frame++)
        {
            File.WriteAllText(
                Path.Combine(shots, string.Create(CultureInfo.InvariantCulture, $"frame.{frame:0000}.ppm")),
                $"P3 2 2 255\n{frame * 10} 0 0  0 {frame * 10} 0\n0 0 {frame * 10}  {frame} {frame} {frame}\n");
        }

        var logs = Path.Combine(source, "demo-logs");
        Directory.CreateDirectory(logs);
        File.WriteAllText(Path.Combine(logs, "a name with spaces, ümlauts and a #.txt"), "It arrives under exactly this name.\n");
        var large = new byte[24 << 20];
        new Random(1).NextBytes(large);
        File.WriteAllBytes(Path.Combine(logs, "simulation.bin"), large);
        log.Write(LogLevel.Information, $"There was no folder '{source}', so it was made with 26 sample files to look at.");
    }
}
