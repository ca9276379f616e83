namespace Akka.Pipeline.Benchmarks.Backlog;

using System.Diagnostics;
using System.Globalization;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Sandbox;

/// <summary>
/// A backlog of small files: how soon after the start of the program the first upload arrives, and how much memory it takes at most. The program is
/// a process of its own; the store is a sandbox that checks bodies and throws them away, in this process.
/// </summary>
internal static class BacklogBenchmark
{
    private const int FilesPerFolder = 500;
    private const int FileBytes = 100;

    /// <param name="files">How many files wait.</param>
    public static async Task RunAsync(int files)
    {
        var folder = Directory.CreateTempSubdirectory("backlog-").FullName;
        try
        {
            Console.WriteLine($"making {files:N0} files of {FileBytes} B, {FilesPerFolder} in a folder");
            var source = Path.Combine(folder, "source");
            MakeFiles(source, files);

            await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions
            {
                RootFolder = Path.Combine(folder, "sandbox"),
                NullMode = true,
                CreateBucketsOnDemand = true,
                RecentRequests = 0,
            });
            await File.WriteAllTextAsync(Path.Combine(folder, "pipeline.conf"), "pipeline.store { checksum = crc32c, conditional-put = native, conditional-complete = native }");

            var started = Stopwatch.GetTimestamp();
            using var program = Process.Start(StartInfo(folder, source, sandbox))!;
            var errors = program.StandardError.ReadToEndAsync();
            TimeSpan? first = null;
            long peakKiB = 0;
            while (!program.HasExited)
            {
                if (first is null && sandbox.Statistics.Total > 0)
                {
                    first = Stopwatch.GetElapsedTime(started);
                }

                peakKiB = Math.Max(peakKiB, PeakResidentKiB(program.Id));
                await Task.Delay(first is null ? 2 : 200);
            }

            var took = Stopwatch.GetElapsedTime(started);
            Console.WriteLine($"exit code {program.ExitCode}; left {Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Count():N0} files");
            Console.WriteLine($"first upload after {first?.TotalMilliseconds:0} ms");
            Console.WriteLine($"peak resident memory {peakKiB / 1024.0:0} MiB");
            Console.WriteLine($"{took.TotalSeconds:0.0} s, {files / took.TotalSeconds:N0} files/s, {sandbox.Statistics.Total / (double)files:0.000} requests a file");
            Console.WriteLine((await errors).TrimEnd().Split('\n')[^1]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ProcessStartInfo StartInfo(string folder, string source, SandboxServer sandbox)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { typeof(ActorRuntime).Assembly.Location, "run", "--once", "-d", source, "--endpoint", sandbox.Endpoint.ToString(), "-c", "pipeline.conf" })
        {
            start.ArgumentList.Add(argument);
        }

        var options = new SandboxOptions();
        start.Environment["AWS_ACCESS_KEY_ID"] = options.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = options.SecretKey;
        start.Environment["AWS_REGION"] = options.Region;
        return start;
    }

    private static void MakeFiles(string source, int files)
    {
        var content = new byte[FileBytes];
        Parallel.For(0, (files + FilesPerFolder - 1) / FilesPerFolder, number =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(source, "backlog", number.ToString("d6", CultureInfo.InvariantCulture))).FullName;
            for (var file = number * FilesPerFolder; file < Math.Min(files, (number + 1) * FilesPerFolder); file++)
            {
                File.WriteAllBytes(Path.Combine(folder, file.ToString("d8", CultureInfo.InvariantCulture)), content);
            }
        });
    }

    // proc(5): VmHWM, the peak of the resident set.
    private static long PeakResidentKiB(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(6, line.Length - 9), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
