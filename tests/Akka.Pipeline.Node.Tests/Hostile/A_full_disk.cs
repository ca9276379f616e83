namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;

/// <summary>Source and data folder on one small disk that is full to the last block.</summary>
public sealed class A_full_disk : NodeTest
{
    private SmallDisk? disk;

    public override async Task DisposeAsync()
    {
        disk?.Dispose();
        await base.DisposeAsync();
    }

    [FactWithMounts]
    public async Task A_run_that_starts_on_a_full_disk_empties_it()
    {
        Mount();
        (await OnceHereAsync()).Exits(0);
        var files = SmallDisk.Fill(Path.Combine(HereSource, Bucket), 4000);
        Assert.True(files > 1000);

        (await OnceHereAsync()).Exits(0).Says($"removed {files:N0};");

        Assert.Empty(Directory.GetFiles(HereSource, "*", SearchOption.AllDirectories));
        Assert.Equal(files, (await Store.KeysAsync(Bucket)).Count);
    }

    [FactWithMounts]
    public async Task A_daemon_empties_the_disk_that_fills_under_it()
    {
        Mount();
        await using var daemon = Start(["run", "--endpoint", Endpoint, "-d", HereSource, "--data", HereData, "-i", "1"]);
        await daemon.SaysAsync("Route ");
        var files = SmallDisk.Fill(Path.Combine(HereSource, Bucket), 40_000);

        await Eventually.TrueAsync(() => !Directory.EnumerateFiles(HereSource, "*", SearchOption.AllDirectories).Any(), "the disk to be emptied", () => daemon.Errors);
        Assert.True((await Store.KeysAsync(Bucket)).Count >= files);
    }

    private string HereSource => Path.Combine(disk!.Path, "source");

    private string HereData => Path.Combine(disk!.Path, "data");

    private void Mount()
    {
        disk = new SmallDisk(Path.Combine(Root, "disk"), "size=24m");
        Directory.CreateDirectory(HereSource);
    }

    private Task<RunResult> OnceHereAsync() => OnceAsync("-d", HereSource, "--data", HereData);
}
