namespace Akka.Pipeline.Node.Tests.Refusing;

using System.Diagnostics;
using Akka.Pipeline.Node.Tests.Programs;

public sealed class Trouble_with_the_ledger : NodeTest
{
    private string Ledger => Path.Combine(Data, "ledger.db");

    [Fact]
    public async Task A_corrupt_ledger_is_refused_with_exit_code_2_and_nothing_is_sent()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllBytesAsync(Ledger, Bytes(100_000));
        Write($"{Bucket}/stays", "stays");

        (await OnceAsync()).Exits(2).Says(Ledger, "damaged", "Move it away");

        Assert.Equal(0, Sandbox.Statistics.Total);
        Assert.Single(Left());
        File.Delete(Ledger);
        (await OnceAsync()).Exits(0);
        Assert.Empty(Left());
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_written_is_refused_with_exit_code_2()
    {
        (await OnceAsync()).Exits(0);
        foreach (var file in Directory.GetFiles(Data, "ledger.db*"))
        {
            SetMode(file, UnixFileMode.UserRead);
        }

        Write($"{Bucket}/stays", "stays");
        await using var run = Start(["run", "--once", "--endpoint", Endpoint], WithoutPrivilege);

        (await run.EndAsync()).Exits(2).Says(Ledger, "cannot be written", "right to write");

        Assert.Single(Left());
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_refused_with_exit_code_2()
    {
        await File.WriteAllTextAsync(Data, "a file");

        (await OnceAsync()).Exits(2).Says(Data, "--data");
    }

    [Fact]
    public async Task A_second_run_on_the_same_data_folder_is_refused_and_one_after_a_kill_is_not()
    {
        Write($"{Bucket}/first", "first");
        await using (var daemon = StartDaemon())
        {
            await StoredAsync("first");

            (await OnceAsync()).Exits(2).Says("Another pipeline runs", Data, "--data");

            Assert.False(daemon.HasExited);
            await daemon.KillAsync();
        }

        (await OnceAsync()).Exits(0);
    }

    [Fact]
    public async Task A_full_disk_stops_the_removals_and_loses_nothing()
    {
        if (!System.Environment.IsPrivilegedProcess || await ShellAsync($"mkdir -p '{Data}' && mount -t tmpfs -o size=200k tmpfs '{Data}'") != 0)
        {
            return; // A small file system can be mounted by root only, and not in every container.
        }

        try
        {
            var names = Enumerable.Range(0, 1500).Select(n => $"{n:0000}-{new string('n', 150)}").ToList();
            names.ForEach(name => Write($"{Bucket}/{name}", name));

            (await OnceAsync()).Exits(1).Says("No space is left", "Free space", "Nothing is removed until it can be written");

            var stored = await Store.KeysAsync(Bucket);
            Assert.All(names, name => Assert.True(File.Exists(Path.Combine(Source, Bucket, name)) || stored.Contains(name)));
            Assert.NotEmpty(Left());

            Assert.Equal(0, await ShellAsync($"mount -o remount,size=64m '{Data}'"));
            (await OnceAsync()).Exits(0);
            Assert.Empty(Left());
            Assert.Equal(names, await Store.KeysAsync(Bucket));
        }
        finally
        {
            await ShellAsync($"umount -l '{Data}'");
        }
    }

    private static async Task<int> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { UseShellExecute = false, RedirectStandardError = true })!;
        await shell.WaitForExitAsync();
        return shell.ExitCode;
    }
}
