namespace Akka.Pipeline.Storage.Tests.Sources;

using System.Diagnostics;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Sources;

/// <summary>A folder of its own for one test, on the real file system; removed at the end.</summary>
public sealed class ScratchFolder : IDisposable
{
    public ScratchFolder()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"pipeline-test-{Guid.NewGuid():n}");
        Directory.CreateDirectory(Source);
    }

    public string Path { get; }

    public string Source => System.IO.Path.Combine(Path, "source");

    public SourceSettings Settings => new(Source, ["**"], [], 0, null, TimeSpan.Zero, null, FollowLinks: false, Watch: true);

    public LinuxSourceFolder Open(Func<SourceSettings, SourceSettings>? change = null) =>
        new(change is null ? Settings : change(Settings), TimeProvider.System);

    /// <summary>Absolute path of something below the source.</summary>
    public string At(string relative) => System.IO.Path.Combine(Source, relative);

    public string Write(string relative, string content = "content")
    {
        var path = At(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public static (List<FileSighting> Files, List<WalkNotice> Notices) Walk(ISourceFolder folder, int maxFiles = 100)
    {
        var files = new List<FileSighting>();
        var notices = new List<WalkNotice>();
        using var walk = folder.StartWalk();
        while (true)
        {
            var batch = walk.Next(maxFiles);
            files.AddRange(batch.Files);
            notices.AddRange(batch.Notices);
            if (batch.Ended)
            {
                return (files, notices);
            }
        }
    }

    public static string[] Paths(ISourceFolder folder) => [.. Walk(folder).Files.Select(f => f.Path).Order(StringComparer.Ordinal)];

    public static RemovalRequest Request(ISourceFolder folder, string path) => new(path, folder.Observe([path])[0].Sighting!.Fingerprint);

    /// <summary>Runs a bash script as another process; it ends with the test.</summary>
    public static BashProcess Bash(string script) => new(script);

    /// <summary>Waits for a condition, with a limit far above what it needs.</summary>
    public static void Await(Func<bool> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), $"Waited too long: {what}.");
            Thread.Yield();
        }
    }

    public void Dispose()
    {
        using (Bash($"chmod -R u+rwx '{Path}'; rm -rf '{Path}'").WaitForEnd())
        {
        }
    }
}

/// <summary>Another process that does what a script says; a line on its input lets it go on where it reads.</summary>
public sealed class BashProcess : IDisposable
{
    private readonly Process process;

    public BashProcess(string script)
    {
        process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
    }

    /// <summary>Waits until the script has printed a line.</summary>
    public string ReadLine() => process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The script ended.");

    public void SendLine(string line = "") => process.StandardInput.WriteLine(line);

    public BashProcess WaitForEnd()
    {
        process.WaitForExit();
        return this;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }
}

/// <summary>A test that mounts a file system of its own; skipped, and seen to be, where that is not allowed.</summary>
public sealed class FactWithMountsAttribute : FactAttribute
{
    private static readonly bool Allowed = Try();

    public FactWithMountsAttribute() => Skip = Allowed ? null! : "Mounting a tmpfs needs root and a container that allows it.";

    private static bool Try()
    {
        using var bash = new BashProcess("d=$(mktemp -d) && mount -t tmpfs -o size=64k none $d 2>/dev/null && umount $d && echo yes || echo no");
        return bash.ReadLine() == "yes";
    }
}
