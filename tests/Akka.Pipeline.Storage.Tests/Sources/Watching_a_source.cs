namespace Akka.Pipeline.Storage.Tests.Sources;

using Akka.Pipeline.Core.Files;

public sealed class Watching_a_source : IDisposable
{
    private readonly ScratchFolder scratch = new();
    private readonly SemaphoreSlim available = new(0);
    private readonly HashSet<string> hinted = [];
    private readonly List<WalkNotice> notices = [];
    private bool walkNeeded;

    public void Dispose()
    {
        available.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public void Finished_and_renamed_files_are_hinted_and_unfinished_ones_are_not()
    {
        Directory.CreateDirectory(scratch.At("sub"));
        using var folder = scratch.Open(s => s with { Exclude = ["*.tmp"] });
        using var watch = Start(folder);
        using var unfinished = File.Create(scratch.At("open"));
        File.WriteAllText(scratch.At("sub/data.tmp"), "x");
        File.Move(scratch.At("sub/data.tmp"), scratch.At("sub/renamed"));
        scratch.Write("done");

        AwaitHints(watch, "sub/renamed", "done");
        Assert.DoesNotContain("open", hinted);
        Assert.DoesNotContain("sub/data.tmp", hinted);
        unfinished.Dispose();
        AwaitHints(watch, "open");
        Assert.False(walkNeeded);
    }

    [Fact]
    public void Files_in_new_folders_are_not_missed()
    {
        using var folder = scratch.Open();
        using var watch = Start(folder);
        using var made = ScratchFolder.Bash($"cd '{scratch.Source}'; for i in {{1..200}}; do mkdir -p n$i/m/k; echo x > n$i/m/k/f; done").WaitForEnd();

        AwaitHints(watch, [.. Enumerable.Range(1, 200).Select(i => $"n{i}/m/k/f")]);
    }

    [Fact]
    public void A_folder_renamed_into_or_within_the_source_brings_its_files_and_its_new_path()
    {
        var outside = Path.Combine(scratch.Path, "outside");
        Directory.CreateDirectory(Path.Combine(outside, "deep"));
        File.WriteAllText(Path.Combine(outside, "deep", "f"), "x");
        using var folder = scratch.Open();
        using var watch = Start(folder);

        Directory.Move(outside, scratch.At("in"));
        AwaitHints(watch, "in/deep/f");
        Directory.Move(scratch.At("in"), scratch.At("again"));
        AwaitHints(watch, "again/deep/f");
        File.WriteAllText(scratch.At("again/deep/g"), "x");
        AwaitHints(watch, "again/deep/g");
    }

    [Fact]
    public void A_folder_moved_out_of_the_source_is_forgotten()
    {
        scratch.Write("sub/deep/f");
        using var folder = scratch.Open();
        using var watch = Start(folder);
        Directory.Move(scratch.At("sub"), Path.Combine(scratch.Path, "out"));
        scratch.Write("marker1");
        AwaitHints(watch, "marker1");
        hinted.Clear();

        File.WriteAllText(Path.Combine(scratch.Path, "out/deep/late"), "x");
        scratch.Write("marker2");
        AwaitHints(watch, "marker2");

        Assert.Equal(["marker2"], hinted);
    }

    [Fact]
    public void More_hints_than_there_is_room_for_ask_for_a_walk()
    {
        using var folder = scratch.Open();
        using var watch = folder.StartWatch(() => available.Release())!;
        ScratchFolder.Walk(folder);
        var number = 0;

        // More come than are taken, so at some time there is no room, whoever is faster.
        ScratchFolder.Await(
            () =>
            {
                for (var i = 0; i < 1_000; i++)
                {
                    File.Create(scratch.At($"f{number++}")).Dispose();
                }

                return watch.Take(1).WalkNeeded;
            },
            "the overflow");
    }

    [Fact]
    public void The_size_filter_holds_for_hints_too()
    {
        using var folder = scratch.Open(s => s with { MinimumSizeBytes = 3 });
        using var watch = Start(folder);
        scratch.Write("small", "1");
        scratch.Write("large", "12345");

        AwaitHints(watch, "large");
        Assert.Equal(["large"], hinted);
    }

    [Fact]
    public void Watching_can_be_switched_off_and_ends_with_the_watch()
    {
        using var off = scratch.Open(s => s with { Watch = false });
        Assert.Null(off.StartWatch(() => { }));

        using var folder = scratch.Open();
        using (Start(folder))
        {
            ScratchFolder.Await(() => WatchThreads() == 1, "the thread begins");
        }

        ScratchFolder.Await(() => WatchThreads() == 0, "the thread ends");
        ScratchFolder.Walk(folder);
    }

    /// <summary>The kernel's own list of this process's threads; only this class starts watches, and its tests run one after the other.</summary>
    private static int WatchThreads() =>
        Directory.GetDirectories("/proc/self/task").Count(task => NameOf(task) == "source watch");

    // A thread of the pool may end between the listing and the look at its name.
    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private ISourceWatch Start(ISourceFolder folder)
    {
        var watch = folder.StartWatch(() => available.Release())!;
        ScratchFolder.Walk(folder);
        return watch;
    }

    /// <summary>Takes hints, as the callback announces them, until all of these have come.</summary>
    private void AwaitHints(ISourceWatch watch, params string[] paths)
    {
        while (!hinted.IsSupersetOf(paths))
        {
            Assert.True(available.Wait(TimeSpan.FromSeconds(20)), $"No hint for {string.Join(", ", paths.Except(hinted).Take(5))}.");
            WatchBatch batch;
            do
            {
                batch = watch.Take(50);
                hinted.UnionWith(batch.Paths);
                notices.AddRange(batch.Notices);
                walkNeeded |= batch.WalkNeeded;
            }
            while (batch.Paths.Count > 0);
        }
    }
}
