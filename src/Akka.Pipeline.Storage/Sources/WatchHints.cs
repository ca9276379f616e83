namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>What a watch has seen and nobody has taken yet: each path once, and no more than a fixed number. Safe for several threads.</summary>
/// <param name="available">Called, outside of any lock, when there is something after there was nothing.</param>
/// <param name="maximumPaths">More are dropped, and a walk is asked for instead.</param>
internal sealed class WatchHints(Action available, int maximumPaths = 10_000)
{
    private readonly Lock gate = new();
    private readonly Queue<string> pending = new();
    private readonly HashSet<string> pendingPaths = new(StringComparer.Ordinal);
    private List<WalkNotice> notices = [];
    private bool walkNeeded;
    private bool limitReported;

    private bool HasSomething => pending.Count > 0 || walkNeeded || notices.Count > 0;

    public WatchBatch Take(int maxFiles)
    {
        List<string> paths = [];
        lock (gate)
        {
            while (paths.Count < maxFiles && pending.TryDequeue(out var path))
            {
                pendingPaths.Remove(path);
                paths.Add(path);
            }

            var batch = new WatchBatch(paths, walkNeeded, notices);
            walkNeeded = false;
            notices = [];
            return batch;
        }
    }

    /// <summary>Notes a file; false when there is no room for it, and a walk is asked for.</summary>
    public bool TryAdd(string path)
    {
        var noted = true;
        Change(() =>
        {
            if (pendingPaths.Contains(path))
            {
                return;
            }

            noted = pendingPaths.Count < maximumPaths;
            walkNeeded |= !noted;
            if (noted)
            {
                pendingPaths.Add(path);
                pending.Enqueue(path);
            }
        });
        return noted;
    }

    /// <summary>Events were lost.</summary>
    public void NeedWalk() => Change(() => walkNeeded = true);

    /// <summary>The kernel refuses to watch more; told once, as the periodic walks find what is not watched.</summary>
    public void ReportLimit(string source, int error, string limit) => Change(() =>
    {
        if (!limitReported)
        {
            limitReported = true;
            walkNeeded = true;
            notices.Add(new WalkNotice("", new Failure(
                FailureScope.Source,
                FailureNature.Lasting,
                Errno.Name(error),
                $"The source '{SourcePath.ForDisplay(source)}' is not watched as a whole: the kernel's limit fs.inotify.{limit} is reached. Files in the rest of it are found by the periodic walk only.",
                $"Raise it: sysctl fs.inotify.{limit}=1048576 (and in /etc/sysctl.d to keep it), then restart.")));
        }
    });

    private void Change(Action change)
    {
        bool wake;
        lock (gate)
        {
            wake = !HasSomething;
            change();
            wake &= HasSomething;
        }

        if (wake)
        {
            available();
        }
    }
}
