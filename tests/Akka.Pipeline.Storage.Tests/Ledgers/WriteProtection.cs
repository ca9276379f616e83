namespace Akka.Pipeline.Storage.Tests.Ledgers;

using System.ComponentModel;
using System.Diagnostics;

/// <summary>Keeps a file from being written, even by root, whom rights do not bind: by its immutable attribute.</summary>
internal sealed class WriteProtection : IDisposable
{
    private readonly string file;

    private WriteProtection(string file) => this.file = file;

    /// <summary>Null where neither rights nor attributes protect it.</summary>
    public static WriteProtection? TryStart(string file)
    {
        if (Environment.IsPrivilegedProcess)
        {
            return Chattr("+i", file) ? new WriteProtection(file) : null;
        }

        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        return new WriteProtection(file);
    }

    public void Dispose()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Chattr("-i", file);
        }
    }

    private static bool Chattr(string change, string file)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("chattr", [change, file]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
