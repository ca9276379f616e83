namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;

/// <summary>Where the kernel gives no inotify instance, or too few watches, walks find what events would have told.</summary>
public sealed class Few_watches : NodeTest
{
    [FactWithMounts]
    public async Task Without_an_inotify_instance_files_are_found_by_walks()
    {
        Configure("pipeline.route-defaults.scan-interval = 200ms");
        await using var daemon = Limited("max_inotify_instances");
        await daemon.SaysAsync("max_user_instances");

        Write($"{Bucket}/found", "found");

        await StoredAsync("found");
    }

    [FactWithMounts]
    public async Task Without_watches_enough_files_are_found_by_walks()
    {
        Configure("pipeline.route-defaults.scan-interval = 200ms");
        Write($"{Bucket}/one/first", "first");
        await using var daemon = Limited("max_inotify_watches");
        await daemon.SaysAsync("max_user_watches");

        Write($"{Bucket}/two/found", "found");

        await StoredAsync("two/found");
    }

    // A user namespace has limits of its own, so that nobody else on the machine notices.
    private PipelineProcess Limited(string limit) =>
        Start(["run", "--endpoint", Endpoint], "unshare", "--user", "--map-root-user", "sh", "-c", $"echo 0 > /proc/sys/user/{limit}; exec \"$@\"", "sh");
}
