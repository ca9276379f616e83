namespace Akka.Pipeline.Storage.Tests.Sources;

using System.Diagnostics;
using System.Text.RegularExpressions;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;

public sealed partial class Removing_files : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void The_uploaded_version_is_removed_and_nothing_is_left_behind()
    {
        scratch.Write("a/one");
        scratch.Write("a/two");
        scratch.Write("three");
        using var folder = scratch.Open();
        var requests = new[] { ScratchFolder.Request(folder, "a/one"), ScratchFolder.Request(folder, "three"), ScratchFolder.Request(folder, "a/two") };

        var results = folder.Remove(requests, null);

        Assert.Equal(requests, results.Select(r => r.Request));
        Assert.All(results, r => Assert.Equal((RemovalOutcome.Removed, null), (r.Outcome, r.Failure)));
        Assert.Equal(["a"], Directory.GetFileSystemEntries(scratch.Source).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFileSystemEntries(scratch.At("a")));
    }

    [Fact]
    public void Rounds_that_follow_each_other_share_a_folder_and_leave_nothing_open()
    {
        var paths = Enumerable.Range(0, 700).Select(n => $"large/{n:0000}").Concat(Enumerable.Range(0, 300).Select(n => $"small{n % 30}/{n:0000}")).Concat(["large/zzzz"]).ToArray();
        foreach (var path in paths)
        {
            scratch.Write(path);
        }

        using var folder = scratch.Open();
        var requests = paths.Select(path => ScratchFolder.Request(folder, path)).ToArray();
        var written = requests.Where((_, n) => n % 100 == 0).ToArray();
        foreach (var request in written)
        {
            File.AppendAllText(scratch.At(request.Path), "more");
        }

        var results = folder.Remove(requests, null);

        Assert.All(results, r => Assert.Equal(written.Contains(r.Request) ? RemovalOutcome.Changed : RemovalOutcome.Removed, r.Outcome));
        Assert.Equal(written.Select(r => r.Path).Order(StringComparer.Ordinal), ScratchFolder.Paths(folder).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetDirectories(scratch.Source, SourceSettings.HoldingFolder, SearchOption.AllDirectories));
        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), fd => new FileInfo(fd).LinkTarget?.StartsWith(scratch.Source + "/", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Another_version_stays()
    {
        scratch.Write("grown");
        scratch.Write("replaced");
        scratch.Write("touched");
        using var folder = scratch.Open();
        var requests = new[] { "grown", "replaced", "touched" }.Select(p => ScratchFolder.Request(folder, p)).ToArray();
        File.AppendAllText(scratch.At("grown"), "more");
        File.WriteAllText(scratch.At("other"), "content");
        File.SetLastWriteTimeUtc(scratch.At("other"), File.GetLastWriteTimeUtc(scratch.At("replaced")));
        File.Move(scratch.At("other"), scratch.At("replaced"), overwrite: true);
        File.SetLastWriteTimeUtc(scratch.At("touched"), DateTime.UtcNow.AddSeconds(5));

        Assert.All(folder.Remove(requests, null), r => Assert.Equal(RemovalOutcome.Changed, r.Outcome));
        Assert.Equal(3, ScratchFolder.Paths(folder).Length);
    }

    [Fact]
    public void A_rewrite_in_place_whose_size_and_time_are_those_of_before_stays()
    {
        scratch.Write("rewritten");
        scratch.Write("linked");
        using var folder = scratch.Open();
        var requests = new[] { "rewritten", "linked" }.Select(path => folder.Observe([path])[0].Sighting!).Select(seen => new RemovalRequest(seen.Path, seen.Fingerprint, seen.ChangedUnixNs)).ToArray();
        ScratchFolder.Bash($"cd '{scratch.Source}' && touch -r rewritten ../time && printf CONTENT 1<> rewritten && touch -r ../time rewritten && ln linked another").WaitForEnd().Dispose();
        Assert.Equal(requests[0].Uploaded, folder.Observe(["rewritten"])[0].Sighting!.Fingerprint);

        Assert.Equal([RemovalOutcome.Changed, RemovalOutcome.Removed], folder.Remove(requests, null).Select(r => r.Outcome));
        Assert.Equal("CONTENT", File.ReadAllText(scratch.At("rewritten")));
        Assert.Equal("content", File.ReadAllText(scratch.At("another")));
    }

    [Fact]
    public void A_file_that_somebody_has_open_for_writing_stays_in_its_place()
    {
        var path = scratch.Write("log");
        using var folder = scratch.Open();
        var request = ScratchFolder.Request(folder, "log");
        using var writer = ScratchFolder.Bash($"exec 3>>'{path}'; echo open; read");
        writer.ReadLine();

        Assert.Equal(RemovalOutcome.BeingWritten, folder.Remove([request], null)[0].Outcome);
        Assert.Equal(["log"], ScratchFolder.Paths(folder));
        Assert.False(Directory.Exists(scratch.At(SourceSettings.HoldingFolder)));
    }

    [Fact]
    public void What_is_not_there_is_gone_and_a_path_that_stands_twice_is_removed_once()
    {
        scratch.Write("twice");
        using var folder = scratch.Open();
        var request = ScratchFolder.Request(folder, "twice");

        var results = folder.Remove([request, request, request with { Path = "no/such" }, request with { Path = "../twice" }], null);

        Assert.Equal([RemovalOutcome.Removed, RemovalOutcome.Gone, RemovalOutcome.Gone], results.Take(3).Select(r => r.Outcome));
        Assert.Equal(RemovalOutcome.Failed, results[3].Outcome);
    }

    [Fact]
    public void What_a_killed_process_held_comes_back_with_the_next_walk()
    {
        var holding = scratch.At($"sub/{SourceSettings.HoldingFolder}");
        Directory.CreateDirectory(holding);
        File.WriteAllText(Path.Combine(holding, "a.tar.gz"), "held");
        File.WriteAllText(Path.Combine(holding, "b.txt"), "held");
        File.SetLastWriteTimeUtc(Path.Combine(holding, "b.txt"), DateTime.UnixEpoch.AddSeconds(12));
        scratch.Write("sub/b.txt", "newer");
        using var folder = scratch.Open();

        var notices = ScratchFolder.Walk(folder).Notices;

        Assert.Equal(["sub/a.tar.gz", "sub/b.recovered-12000000000.txt"], notices.Select(n => n.Path).Order(StringComparer.Ordinal));
        Assert.All(notices, n => Assert.Equal("Restored", n.Failure.Code));
        Assert.Equal(["sub/a.tar.gz", "sub/b.recovered-12000000000.txt", "sub/b.txt"], ScratchFolder.Paths(folder));
        Assert.Equal("newer", File.ReadAllText(scratch.At("sub/b.txt")));
        Assert.False(Directory.Exists(holding));
    }

    [Fact]
    public async Task A_live_holder_is_left_alone_by_walks_and_a_second_remover_waits_for_it()
    {
        scratch.Write("file");
        var holding = scratch.At(SourceSettings.HoldingFolder);
        Directory.CreateDirectory(holding);
        File.WriteAllText(Path.Combine(holding, "held"), "held");
        using var folder = scratch.Open();
        var request = ScratchFolder.Request(folder, "file");
        using var holder = ScratchFolder.Bash($"exec 3<'{holding}'; flock 3; echo held; read; rm '{holding}/held'; rmdir '{holding}'; echo gone; read");
        holder.ReadLine();

        Assert.Equal(["file"], ScratchFolder.Paths(folder));
        Assert.True(File.Exists(Path.Combine(holding, "held")));
        var removal = Task.Run(() => folder.Remove([request], null));
        holder.SendLine();
        Assert.Equal(RemovalOutcome.Removed, (await removal)[0].Outcome);
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Source));
    }

    [FactWithMounts]
    public void On_a_disk_with_no_room_for_a_folder_files_are_still_removed()
    {
        using var mounted = ScratchFolder.Bash($"mount -t tmpfs -o nr_inodes=6 none '{scratch.Source}'").WaitForEnd();
        try
        {
            foreach (var name in new[] { "1", "2", "3", "4", "5" })
            {
                scratch.Write(name);
            }

            Assert.Throws<IOException>(() => Directory.CreateDirectory(scratch.At("more")));
            using var folder = scratch.Open();
            using var writer = ScratchFolder.Bash($"exec 3>>'{scratch.At("5")}'; echo open; read");
            var requests = new[] { "1", "2", "3", "4", "5" }.Select(p => ScratchFolder.Request(folder, p)).ToArray();
            writer.ReadLine();
            File.AppendAllText(scratch.At("4"), "more");

            Assert.Equal(
                [RemovalOutcome.Removed, RemovalOutcome.Removed, RemovalOutcome.Removed, RemovalOutcome.Changed, RemovalOutcome.BeingWritten],
                folder.Remove(requests, null).Select(r => r.Outcome));
            Assert.Equal(["4", "5"], Directory.GetFileSystemEntries(scratch.Source).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
        finally
        {
            ScratchFolder.Bash($"umount -l '{scratch.Source}'").WaitForEnd().Dispose();
        }
    }

    [Fact]
    public void What_was_held_beside_its_place_comes_back_unless_its_holder_lives()
    {
        scratch.Write(".pipeline-holding~dead.txt", "dead");
        scratch.Write(".pipeline-holding~live.txt", "live");
        File.SetLastWriteTimeUtc(scratch.At(".pipeline-holding~dead.txt"), DateTime.UnixEpoch.AddSeconds(12));
        scratch.Write("dead.txt", "newer");
        using var holder = ScratchFolder.Bash($"exec 3<'{scratch.At(".pipeline-holding~live.txt")}'; flock 3; echo held; read");
        holder.ReadLine();
        using var folder = scratch.Open();

        Assert.Equal("Restored", Assert.Single(ScratchFolder.Walk(folder).Notices).Failure.Code);
        Assert.Equal(["dead.recovered-12000000000.txt", "dead.txt"], ScratchFolder.Paths(folder));
        Assert.True(File.Exists(scratch.At(".pipeline-holding~live.txt")));
    }

    [Fact]
    public void What_a_dead_holder_left_is_put_back_by_a_removal_too_and_told_by_the_next_walk()
    {
        scratch.Write("file");
        scratch.Write($"{SourceSettings.HoldingFolder}/left", "left");
        using var folder = scratch.Open();

        Assert.Equal(RemovalOutcome.Removed, folder.Remove([ScratchFolder.Request(folder, "file")], null)[0].Outcome);

        var (files, notices) = ScratchFolder.Walk(folder);
        Assert.Equal(["left"], files.Select(f => f.Path));
        Assert.Equal("left", Assert.Single(notices).Path);
    }

    [Fact]
    public void Something_else_of_the_holding_folders_name_is_named_in_the_error()
    {
        scratch.Write("file");
        scratch.Write(SourceSettings.HoldingFolder);
        using var folder = scratch.Open();

        var result = folder.Remove([ScratchFolder.Request(folder, "file")], null)[0];

        Assert.Equal(RemovalOutcome.Failed, result.Outcome);
        Assert.Equal("HoldingFolderTaken", result.Failure!.Code);
        Assert.True(File.Exists(scratch.At("file")));
    }

    [Fact]
    public void Moving_keeps_the_path_and_replaces_nothing_of_other_content()
    {
        var target = Path.Combine(scratch.Path, "done");
        scratch.Write("a/b/file.txt", "new");
        scratch.Write("a/same.txt", "equal");
        Directory.CreateDirectory(Path.Combine(target, "a/b"));
        File.WriteAllText(Path.Combine(target, "a/b/file.txt"), "old");
        File.WriteAllText(Path.Combine(target, "a/same.txt"), "equal");
        using var folder = scratch.Open();

        var results = folder.Remove([ScratchFolder.Request(folder, "a/b/file.txt"), ScratchFolder.Request(folder, "a/same.txt")], target);

        Assert.All(results, r => Assert.Equal((RemovalOutcome.Removed, null), (r.Outcome, r.Failure)));
        Assert.Empty(ScratchFolder.Paths(folder));
        Assert.Equal("old", File.ReadAllText(Path.Combine(target, "a/b/file.txt")));
        Assert.Equal("new", File.ReadAllText(Path.Combine(target, "a/b/file.recovered-1.txt")));
        Assert.Equal(["same.txt"], Directory.GetFiles(Path.Combine(target, "a")).Select(Path.GetFileName));
    }

    [Fact]
    public void Moving_to_another_file_system_copies_first()
    {
        var target = $"/dev/shm/pipeline-test-{Guid.NewGuid():n}";
        try
        {
            scratch.Write("a/file.txt", new string('x', 1_000_000));
            var written = File.GetLastWriteTimeUtc(scratch.At("a/file.txt"));
            using var folder = scratch.Open();

            var result = folder.Remove([ScratchFolder.Request(folder, "a/file.txt")], target)[0];

            Assert.Equal((RemovalOutcome.Removed, null), (result.Outcome, result.Failure));
            Assert.Equal(1_000_000, new FileInfo(Path.Combine(target, "a/file.txt")).Length);
            Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(target, "a/file.txt")));
            Assert.Single(Directory.GetFileSystemEntries(Path.Combine(target, "a")));
            Assert.Empty(ScratchFolder.Paths(folder));
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    [Fact]
    public void A_target_that_cannot_be_used_keeps_the_file_where_it_was()
    {
        scratch.Write("file");
        File.WriteAllText(Path.Combine(scratch.Path, "plain"), "");
        using var folder = scratch.Open();

        var result = folder.Remove([ScratchFolder.Request(folder, "file")], Path.Combine(scratch.Path, "plain"))[0];

        Assert.Equal(RemovalOutcome.Failed, result.Outcome);
        Assert.Equal("ENOTDIR", result.Failure!.Code);
        Assert.Equal(["file"], ScratchFolder.Paths(folder));
    }

    [Fact]
    public void With_links_allowed_a_link_goes_and_its_target_stays()
    {
        scratch.Write("real", "bytes");
        using var made = ScratchFolder.Bash($"ln -s real '{scratch.At("link")}'").WaitForEnd();
        using var folder = scratch.Open(s => s with { FollowLinks = true });

        Assert.Equal(RemovalOutcome.Removed, folder.Remove([ScratchFolder.Request(folder, "link")], null)[0].Outcome);
        Assert.Equal(["real"], ScratchFolder.Paths(folder));
    }

    [Fact]
    public async Task No_line_of_a_writer_that_opens_appends_and_closes_is_ever_lost()
    {
        // The writer pauses for odd moments, so that it meets every step of a removal.
        var path = scratch.At("log");
        var stop = Path.Combine(scratch.Path, "stop");
        using var folder = scratch.Open();
        using var writer = ScratchFolder.Bash(
            $"i=0; while [ ! -e '{stop}' ]; do echo $((++i)) >>'{path}'; for ((k = RANDOM % 2000; k > 0; k--)); do :; done; done; echo $i");
        var ended = Task.Run(writer.ReadLine);
        var stored = new HashSet<int>();
        var outcomes = new int[5];
        var started = Stopwatch.GetTimestamp();
        bool Met(params RemovalOutcome[] wanted) => wanted.All(w => outcomes[(int)w] >= 10);

        // "Uploads" whatever is there, then removes it with the fingerprint of before the upload: stale as often as not.
        while (!ended.IsCompleted || File.Exists(path))
        {
            if (folder.Observe(["log"])[0] is not { Sighting: { } sighting })
            {
                continue;
            }

            byte[] bytes;
            try
            {
                using var file = folder.Open("log");
                bytes = new byte[file.OpenedAs.SizeBytes];
                if (file.OpenedAs != sighting.Fingerprint || file.Read(bytes, 0) != bytes.Length || file.Check().Fingerprint != sighting.Fingerprint)
                {
                    continue;
                }
            }
            catch (SourceException e) when (e.IsGone || e.Failure.Code == "EAGAIN")
            {
                continue;
            }

            var outcome = folder.Remove([new RemovalRequest("log", sighting.Fingerprint)], null)[0].Outcome;
            outcomes[(int)outcome]++;
            if (!File.Exists(stop) && (Met(RemovalOutcome.Removed, RemovalOutcome.Changed, RemovalOutcome.BeingWritten) || Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(60)))
            {
                File.Create(stop).Dispose();
            }

            if (outcome == RemovalOutcome.Removed)
            {
                stored.UnionWith(Numbers(System.Text.Encoding.ASCII.GetString(bytes)));
            }
        }

        var lines = int.Parse(await ended);
        foreach (var left in ScratchFolder.Paths(folder))
        {
            stored.UnionWith(Numbers(File.ReadAllText(scratch.At(left))));
        }

        Assert.Empty(Enumerable.Range(1, lines).Except(stored));
        Assert.True(Met(RemovalOutcome.Removed, RemovalOutcome.Changed), string.Join(' ', outcomes));
    }

    [Fact]
    public void Empty_folders_go_upward_and_the_source_and_full_and_young_ones_stay()
    {
        scratch.Write("a/b/c/file");
        scratch.Write("a/other/file");
        using var folder = scratch.Open();
        File.Delete(scratch.At("a/b/c/file"));

        folder.PruneEmptyFolders(["a/b/c/file", "gone/file", "file"], TimeSpan.FromHours(1));
        Assert.True(Directory.Exists(scratch.At("a/b/c")));

        folder.PruneEmptyFolders(["a/b/c/file", "gone/file", "file"], TimeSpan.Zero);
        Assert.False(Directory.Exists(scratch.At("a/b")));
        Assert.True(Directory.Exists(scratch.At("a/other")));

        File.Delete(scratch.At("a/other/file"));
        folder.PruneEmptyFolders(["a/other/file"], TimeSpan.Zero);
        Assert.True(Directory.Exists(scratch.Source));
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Source));
    }

    private static IEnumerable<int> Numbers(string text) => Line().Matches(text).Select(m => int.Parse(m.Value));

    [GeneratedRegex(@"\d+(?=\n)")]
    private static partial Regex Line();
}
