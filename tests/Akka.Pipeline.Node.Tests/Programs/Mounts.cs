namespace Akka.Pipeline.Node.Tests.Programs;

using System.Diagnostics;

/// <summary>A test that mounts a file system of its own; skipped, and seen to be, where that is not allowed.</summary>
public sealed class FactWithMountsAttribute : FactAttribute
{
    private static readonly bool Allowed = Shell.Run("d=$(mktemp -d) && mount -t tmpfs -o size=64k none $d && umount $d && rmdir $d") == 0;

    public FactWithMountsAttribute() => Skip = Allowed ? null! : "Mounting a tmpfs needs root and a container that allows it.";
}

/// <summary>A file system in memory, of a given size, mounted until the test ends.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(string path, string options)
    {
        Path = path;
        Directory.CreateDirectory(path);
        Assert.Equal(0, Shell.Run($"mount -t tmpfs -o {options} none '{path}'"));
    }

    public string Path { get; }

    /// <summary>Writes files until the last block is taken; returns how many.</summary>
    public static int Fill(string folder, int fileBytes)
    {
        Directory.CreateDirectory(folder);
        var content = new byte[fileBytes];
        var count = 0;
        for (var size = fileBytes; size > 0;)
        {
            try
            {
                File.WriteAllBytes(System.IO.Path.Combine(folder, $"{count:000000}"), content[..size]);
                count++;
            }
            catch (IOException)
            {
                File.Delete(System.IO.Path.Combine(folder, $"{count:000000}"));
                size = size == 1 ? 0 : 1;
            }
        }

        return count;
    }

    public void Dispose() => Shell.Run($"umount -l '{Path}'");
}

internal static class Shell
{
    /// <summary>Runs a script quietly; returns its exit code.</summary>
    public static int Run(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        shell.WaitForExit();
        return shell.ExitCode;
    }
}
