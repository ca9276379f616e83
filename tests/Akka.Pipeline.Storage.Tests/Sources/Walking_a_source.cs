namespace Akka.Pipeline.Storage.Tests.Sources;

using System.Diagnostics;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

public sealed class Walking_a_source : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Every_file_is_found_once_with_its_fingerprint()
    {
        scratch.Write("a.txt", "12345");
        scratch.Write("bucket/deep/er/b c%+#.txt");
        scratch.Write("bucket/émoji 🎉.txt");
        Directory.CreateDirectory(scratch.At("empty"));
        using var folder = scratch.Open();

        var (files, notices) = ScratchFolder.Walk(folder);

        Assert.Empty(notices);
        Assert.Equal(["a.txt", "bucket/deep/er/b c%+#.txt", "bucket/émoji 🎉.txt"], files.Select(f => f.Path).Order(StringComparer.Ordinal));
        var a = files.Single(f => f.Path == "a.txt");
        Assert.Equal(5, a.Fingerprint.SizeBytes);
        Assert.Equal((File.GetLastWriteTimeUtc(scratch.At("a.txt")) - DateTime.UnixEpoch).Ticks, a.Fingerprint.ModifiedUnixNs / 100);
        Assert.Equal(ulong.Parse(Output("stat", "-c", "%i", scratch.At("a.txt"))), a.Fingerprint.Inode);
    }

    [Fact]
    public void A_walk_comes_in_batches_of_the_wanted_size()
    {
        for (var i = 0; i < 25; i++)
        {
            scratch.Write($"f{i}");
        }

        using var folder = scratch.Open();
        using var walk = folder.StartWalk();
        var sizes = new List<int>();
        WalkBatch batch;
        do
        {
            batch = walk.Next(10);
            sizes.Add(batch.Files.Count);
        }
        while (!batch.Ended);

        Assert.Equal(25, sizes.Sum());
        Assert.All(sizes, s => Assert.InRange(s, 0, 10));
    }

    [Fact]
    public void A_name_that_is_no_text_comes_through_and_can_be_opened()
    {
        using var made = ScratchFolder.Bash($"cd '{scratch.Source}' && mkdir $'d\\xff' && printf hello > $'d\\xff/a\\xfe\\nb'").WaitForEnd();
        using var folder = scratch.Open();

        var file = Assert.Single(ScratchFolder.Walk(folder).Files);

        Assert.False(SourcePath.IsText(file.Path));
        Assert.Equal("d\\xff/a\\xfe\\nb", SourcePath.ForDisplay(file.Path));
        using var open = folder.Open(file.Path);
        var buffer = new byte[10];
        Assert.Equal(5, open.Read(buffer, 0));
        Assert.Equal(RemovalOutcome.Removed, folder.Remove([new RemovalRequest(file.Path, file.Fingerprint)], null)[0].Outcome);
    }

    [Fact]
    public void Globs_size_and_age_keep_files_out()
    {
        scratch.Write("keep.txt", "123");
        scratch.Write("small.txt", "1");
        scratch.Write("large.txt", "1234567890");
        scratch.Write("note.tmp", "123");
        scratch.Write("tmp/inside.txt", "123");
        scratch.Write("old.txt", "123");
        File.SetLastWriteTimeUtc(scratch.At("old.txt"), DateTime.UtcNow.AddDays(-10));
        using var folder = scratch.Open(s => s with
        {
            Include = ["**/*.txt"],
            Exclude = ["tmp/**", "*.tmp"],
            MinimumSizeBytes = 2,
            MaximumSizeBytes = 5,
            MaximumAge = TimeSpan.FromDays(5),
        });

        Assert.Equal(["keep.txt"], ScratchFolder.Paths(folder));
    }

    [Fact]
    public void A_fresh_file_with_an_old_time_is_still_too_young()
    {
        scratch.Write("fresh.txt");
        File.SetLastWriteTimeUtc(scratch.At("fresh.txt"), DateTime.UtcNow.AddDays(-10));
        using var strict = scratch.Open(s => s with { MinimumAge = TimeSpan.FromMinutes(5) });
        using var lax = scratch.Open();

        Assert.Empty(ScratchFolder.Paths(strict));
        Assert.Single(ScratchFolder.Paths(lax));
    }

    [Fact]
    public void An_excluded_folder_is_not_even_opened()
    {
        scratch.Write("tmp/inside.txt");
        scratch.Write("good.txt");
        using var folder = scratch.Open(s => s with { Exclude = ["tmp/**"] });
        using var trace = ScratchFolder.Bash($"chmod 0 '{scratch.At("tmp")}'").WaitForEnd();
        var opened = File.GetLastAccessTimeUtc(scratch.At("tmp"));

        var (files, notices) = ScratchFolder.Walk(folder);

        Assert.Equal(["good.txt"], files.Select(f => f.Path));
        Assert.Empty(notices);
        Assert.Equal(opened, File.GetLastAccessTimeUtc(scratch.At("tmp")));
    }

    [Fact]
    public void Pipes_sockets_and_links_are_passed_over_and_a_pipe_is_reported_once()
    {
        scratch.Write("file");
        using var made = ScratchFolder.Bash($"cd '{scratch.Source}' && mkfifo pipe && ln -s file link && ln -s / outside && ln -s nowhere dangling").WaitForEnd();
        using var folder = scratch.Open();

        var first = ScratchFolder.Walk(folder);
        var second = ScratchFolder.Walk(folder);

        Assert.Equal(["file"], first.Files.Select(f => f.Path));
        var notice = Assert.Single(first.Notices);
        Assert.Equal("pipe", notice.Path);
        Assert.Contains("a pipe", notice.Failure.Cause, StringComparison.Ordinal);
        Assert.Empty(second.Notices);
    }

    [Fact]
    public void Links_are_followed_on_request_but_neither_out_of_the_source_nor_in_circles()
    {
        Directory.CreateDirectory(Path.Combine(scratch.Path, "outside"));
        File.WriteAllText(Path.Combine(scratch.Path, "outside", "secret"), "secret");
        scratch.Write("real/file");
        using var made = ScratchFolder.Bash(
            $"cd '{scratch.Source}' && ln -s real/file link && ln -s \"$PWD/real\" folder && ln -s .. real/up && ln -s ../outside out && ln -s ../outside/secret out2 && ln -s loop loop").WaitForEnd();
        using var folder = scratch.Open(s => s with { FollowLinks = true });

        var (files, notices) = ScratchFolder.Walk(folder);

        Assert.Equal(["folder/file", "link", "real/file"], files.Select(f => f.Path).Order(StringComparer.Ordinal));
        Assert.Equal(["loop", "out", "out2"], notices.Select(n => n.Path).Order(StringComparer.Ordinal));
        Assert.All(notices, n => Assert.Equal("LinkLeavesSource", n.Failure.Code));
        Assert.Throws<SourceException>(() => folder.Open("out2"));
        Assert.Throws<SourceException>(() => folder.Open("out/secret"));
        folder.Open("link").Dispose();
        folder.Open("folder/file").Dispose();
    }

    [Fact]
    public void Without_the_request_no_link_is_followed_by_any_member()
    {
        scratch.Write("real/file");
        using var made = ScratchFolder.Bash($"cd '{scratch.Source}' && ln -s real/file link && ln -s real folder").WaitForEnd();
        using var folder = scratch.Open();
        var fingerprint = ScratchFolder.Request(folder, "real/file").Uploaded;

        Assert.True(Assert.Throws<SourceException>(() => folder.Open("link")).IsGone);
        Assert.True(Assert.Throws<SourceException>(() => folder.Open("folder/file")).IsGone);
        Assert.All(folder.Observe(["link", "folder/file", "../source/real/file", "real/../real/file"]), o => Assert.Null(o.Sighting));
        Assert.All(folder.Remove([new("link", fingerprint), new("folder/file", fingerprint)], null), r => Assert.Equal(RemovalOutcome.Gone, r.Outcome));
        Assert.True(File.Exists(scratch.At("real/file")));
    }

    [Fact]
    public void A_missing_source_is_an_error_and_never_an_empty_folder()
    {
        using var folder = scratch.Open();
        Directory.Delete(scratch.Source);

        var missing = Assert.Throws<SourceException>(() => folder.StartWalk());

        Assert.Equal(FailureScope.Source, missing.Failure.Scope);
        Assert.Equal("SourceMissing", missing.Failure.Code);
        Assert.False(missing.IsGone);
        Assert.Throws<SourceException>(() => folder.Observe(["a"]));
        Assert.Throws<SourceException>(() => scratch.Open());
    }

    [Fact]
    public void A_source_that_vanishes_during_the_walk_is_an_error()
    {
        scratch.Write("a");
        scratch.Write("b");
        using var folder = scratch.Open();
        using var walk = folder.StartWalk();
        walk.Next(1);
        Directory.Delete(scratch.Source, recursive: true);

        Assert.Throws<SourceException>(() =>
        {
            while (!walk.Next(10).Ended)
            {
            }
        });
    }

    [Fact]
    public void A_folder_renamed_or_removed_under_the_walk_does_no_harm()
    {
        for (var i = 0; i < 40; i++)
        {
            scratch.Write($"d{i}/x/file");
        }

        using var folder = scratch.Open();
        using var walk = folder.StartWalk();
        var found = walk.Next(3).Files.Select(f => f.Path).ToList();
        for (var i = 0; i < 40; i += 2)
        {
            Directory.Delete(scratch.At($"d{i}"), recursive: true);
        }

        for (var i = 1; i < 40; i += 2)
        {
            Directory.Move(scratch.At($"d{i}"), scratch.At($"m{i}"));
        }

        WalkBatch batch;
        do
        {
            batch = walk.Next(10);
            Assert.Empty(batch.Notices);
            found.AddRange(batch.Files.Select(f => f.Path));
        }
        while (!batch.Ended);

        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.Equal(20, ScratchFolder.Paths(folder).Length);
    }

    [Fact]
    public void A_tree_deeper_than_one_path_can_name_is_walked()
    {
        // Each level by its own cd, as no single path would be short enough.
        using var made = ScratchFolder.Bash($"cd '{scratch.Source}' && n=$(printf 'n%.0s' {{1..200}}) && for i in {{1..40}}; do mkdir $n && cd $n; done && echo x > leaf").WaitForEnd();
        using var folder = scratch.Open();

        var file = Assert.Single(ScratchFolder.Walk(folder).Files);

        Assert.Equal(40 * 201 + 4, file.Path.Length);
        folder.Open(file.Path).Dispose();
        Assert.Equal(RemovalOutcome.Removed, folder.Remove([new RemovalRequest(file.Path, file.Fingerprint)], null)[0].Outcome);
    }

    [FactWithMounts]
    public void A_source_whose_volume_is_unmounted_is_an_error_and_other_volumes_below_it_are_walked()
    {
        using var mounted = ScratchFolder.Bash($"mkdir '{scratch.At("below")}'; mount -t tmpfs none '{scratch.Source}'; mkdir '{scratch.At("below")}'; mount -t tmpfs none '{scratch.At("below")}'").WaitForEnd();
        try
        {
            scratch.Write("a");
            scratch.Write("below/b");
            using var folder = scratch.Open();
            Assert.Equal(["a", "below/b"], ScratchFolder.Paths(folder));
            Assert.Equal(WriterState.None, folder.Observe(["below/b"])[0].Writer);
            Assert.All(folder.Remove([ScratchFolder.Request(folder, "a"), ScratchFolder.Request(folder, "below/b")], null), r => Assert.Equal(RemovalOutcome.Removed, r.Outcome));

            ScratchFolder.Bash($"umount '{scratch.At("below")}'; umount '{scratch.Source}'").WaitForEnd().Dispose();
            Assert.Equal("SourceMoved", Assert.Throws<SourceException>(() => folder.StartWalk()).Failure.Code);
        }
        finally
        {
            ScratchFolder.Bash($"umount '{scratch.At("below")}' 2>/dev/null; umount '{scratch.Source}' 2>/dev/null").WaitForEnd().Dispose();
        }
    }

    [Fact]
    public void A_file_of_that_name_is_no_source()
    {
        File.WriteAllText(Path.Combine(scratch.Path, "plain"), "");
        var error = Assert.Throws<SourceException>(() => scratch.Open(s => s with { Folder = Path.Combine(scratch.Path, "plain") }));
        Assert.Equal("SourceIsNoFolder", error.Failure.Code);
    }

    [Fact]
    public void The_walk_leaves_no_handle_open()
    {
        scratch.Write("a/b/c/file");
        using var folder = scratch.Open();
        var before = HandlesBelow(scratch.Path);
        using (var walk = folder.StartWalk())
        {
            walk.Next(1);
        }

        ScratchFolder.Walk(folder);
        var request = ScratchFolder.Request(folder, "a/b/c/file");
        folder.Remove([request, request], null);
        Assert.Equal(before, HandlesBelow(scratch.Path));
    }

    [Fact]
    public void The_traits_name_the_file_system()
    {
        using var folder = scratch.Open();
        Assert.Equal(Output("stat", "-f", "-c", "%T", scratch.Source).Replace("ext2/ext3", "ext4", StringComparison.Ordinal), folder.Traits.FileSystem.Replace("overlay", "overlayfs", StringComparison.Ordinal));
        Assert.False(folder.Traits.IsNetwork);
        Assert.True(folder.Traits.CanWatch);
    }

    internal static string Output(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return process.StandardOutput.ReadToEnd().Trim();
    }

    private static int HandlesBelow(string path) =>
        Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(path, StringComparison.Ordinal) == true);
}
