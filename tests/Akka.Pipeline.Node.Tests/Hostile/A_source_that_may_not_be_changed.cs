namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

/// <summary>What cannot be removed is uploaded once, told, and not uploaded again.</summary>
public sealed class A_source_that_may_not_be_changed : NodeTest
{
    private SmallDisk? disk;

    public override async Task DisposeAsync()
    {
        disk?.Dispose();
        await base.DisposeAsync();
    }

    [FactWithMounts]
    public async Task A_read_only_source_is_uploaded_once_and_each_file_is_listed_with_the_cure()
    {
        disk = new SmallDisk(Source, "size=1m");
        Write($"{Bucket}/a", "a");
        Write($"{Bucket}/folder/b", "b");
        Assert.Equal(0, Shell.Run($"mount -o remount,ro '{Source}'"));

        (await OnceAsync()).Exits(1).Says("mounted read-only", "remount,rw", $"{Bucket}/a", "2 set aside");
        Assert.Equal(2, Puts());
        (await OnceAsync()).Exits(1).Says("mounted read-only");
        Assert.Equal(2, Puts());
        Assert.Equal(2, Left().Count);

        Assert.Equal(0, Shell.Run($"mount -o remount,rw '{Source}'"));
        (await RunAsync("retry")).Exits(0);
        (await OnceAsync()).Exits(0).Says("removed 2");
        Assert.Equal(2, Puts());
        Assert.Empty(Left());
    }

    [FactWithMounts]
    public async Task A_daemon_on_a_read_only_source_does_not_upload_again_for_ever()
    {
        // A retry before the failure is recorded counts as none and costs a request more, so retries are far slower here than a commit.
        Configure("""
            pipeline.route-defaults.scan-interval = 100ms
            pipeline.retry.file { first-delay = 700ms, maximum-delay = 700ms, attempts = 3 }
            """);
        disk = new SmallDisk(Source, "size=1m");
        Write($"{Bucket}/a", "a");
        Assert.Equal(0, Shell.Run($"mount -o remount,ro '{Source}'"));
        await using var daemon = StartDaemon();
        await daemon.SaysAsync("is set aside after 3 attempts");
        var requests = Sandbox.Statistics.Recent.ToArray();

        // Another file system is mounted over one folder, so that there is a file whose arrival tells that walks went on.
        Assert.Equal(0, Shell.Run($"mount -t tmpfs none '{Source}/{Bucket}' && echo x > '{Source}/{Bucket}/later'"));
        await StoredAsync("later");
        Assert.Equal(1, Sandbox.Statistics.Recent.Count(r => r.Operation == S3Operation.PutObject && r.Key == "a"));
        Assert.True(requests.Length <= 4, $"Three attempts of one file made: {string.Join(", ", requests.Select(r => $"{r.Operation} {r.Key}"))}");
        Shell.Run($"umount -l '{Source}/{Bucket}'");
    }

    private int Puts() => Sandbox.Statistics.Recent.Count(r => r.Operation == S3Operation.PutObject);
}
