namespace Akka.Pipeline.Node.Tests.Watching;

using System.Diagnostics;
using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

/// <summary>The next walk is an hour away in all of these, so what arrives was noticed when it happened.</summary>
public sealed class The_daemon : NodeTest
{
    [Fact]
    public async Task A_finished_file_is_on_its_way_within_a_second()
    {
        await using var daemon = await WatchingAsync();
        var quickest = TimeSpan.MaxValue;

        // A busy machine may delay one of them, not all.
        for (var n = 0; n < 8 && quickest > TimeSpan.FromSeconds(1); n++)
        {
            Write($"{Bucket}/file-{n}", "finished");
            var took = await StoredAsync($"file-{n}");
            quickest = took < quickest ? took : quickest;
        }

        Assert.InRange(quickest, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1.1));
        await Eventually.TrueAsync(() => Left().Count == 0, "the local files to be removed");
    }

    [Fact]
    public async Task Files_in_new_folders_below_new_folders_are_noticed()
    {
        await using var daemon = await WatchingAsync();

        Write($"{Bucket}/new/newer/newest/deep", "deep");
        Write("new-bucket/file", "top");

        await StoredAsync("new/newer/newest/deep");
        await StoredAsync("file", "new-bucket");
        Write($"{Bucket}/new/newer/newest/second", "into a folder that is known now");
        await StoredAsync("new/newer/newest/second");
    }

    [Fact]
    public async Task A_file_or_folder_that_is_renamed_into_place_is_noticed()
    {
        await using var daemon = await WatchingAsync();
        var staging = Directory.CreateDirectory(Path.Combine(Root, "staging")).FullName;

        await File.WriteAllTextAsync(Path.Combine(staging, "file"), "from outside");
        File.Move(Path.Combine(staging, "file"), Path.Combine(Source, Bucket, "moved-in"));
        await StoredAsync("moved-in");

        var temporary = Write($"{Bucket}/frame.png.tmp", "under a temporary name");
        File.Move(temporary, Path.Combine(Source, Bucket, "frame.png"));
        await StoredAsync("frame.png");

        Directory.CreateDirectory(Path.Combine(staging, "folder", "inner"));
        await File.WriteAllTextAsync(Path.Combine(staging, "folder", "inner", "file"), "in a folder");
        Directory.Move(Path.Combine(staging, "folder"), Path.Combine(Source, Bucket, "folder"));
        await StoredAsync("folder/inner/file");
        Assert.DoesNotContain(Sandbox.Statistics.Recent, r => r.Key == "frame.png.tmp");
    }

    [Fact]
    public async Task A_file_that_a_slow_writer_keeps_open_goes_when_it_is_closed_and_whole()
    {
        await using var daemon = await WatchingAsync();
        var slow = Path.Combine(Source, Bucket, "slow.log");
        using var writer = Process.Start(new ProcessStartInfo("bash", ["-c", "exec 3>>\"$1\"; while read -r line; do echo \"$line\" >&3; done; exec 3>&-; cat >/dev/null", "bash", slow])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        })!;
        var expected = "";
        for (var n = 1; n <= 4; n++)
        {
            await writer.StandardInput.WriteLineAsync($"line {n}");
            await writer.StandardInput.FlushAsync();
            expected += $"line {n}\n";
            await Eventually.TrueAsync(() => File.Exists(slow) && new FileInfo(slow).Length == expected.Length, "the line to be written");

            // These were written after the line, one after the other, and each had its quiet time: the slow file has had three times as much.
            for (var m = 1; m <= 3; m++)
            {
                Write($"{Bucket}/meanwhile-{n}-{m}", "closed");
                await StoredAsync($"meanwhile-{n}-{m}");
            }

            Assert.DoesNotContain(Sandbox.Statistics.Recent, r => r.Key == "slow.log");
        }

        writer.StandardInput.Close();
        await writer.WaitForExitAsync();

        await StoredAsync("slow.log");
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString((await Store.ReadAsync(Bucket, "slow.log"))!));
        Assert.Single(Sandbox.Statistics.Recent, r => r.Key == "slow.log" && r.Operation == S3Operation.PutObject);
    }

    [Fact]
    public async Task A_file_that_is_rewritten_while_it_is_quiet_goes_with_its_last_content()
    {
        await using var daemon = await WatchingAsync();
        Write($"{Bucket}/rewritten", "first");
        Write($"{Bucket}/rewritten", "second, and longer");

        await Eventually.TrueAsync(() => Left().Count == 0, "the file to go");

        Assert.Equal("second, and longer"u8.ToArray(), await Store.ReadAsync(Bucket, "rewritten"));
    }

    [Fact]
    public async Task A_walk_finds_files_where_nothing_is_watched()
    {
        Configure("pipeline.route-defaults { watch = false, scan-interval = 200ms }");
        await using var daemon = await WatchingAsync();

        Write($"{Bucket}/new/found-by-a-walk", "x");

        await StoredAsync("new/found-by-a-walk");
    }

    [Fact]
    public async Task With_once_a_file_that_stays_open_is_listed_and_kept()
    {
        var open = Write($"{Bucket}/open", "still open");
        Write($"{Bucket}/closed", "closed");
        await using var writer = new FileStream(open, FileMode.Append);

        (await OnceAsync()).Exits(1).Says("waiting up to", "still being written", "1 still being written");

        Assert.Equal([$"{Bucket}/open"], Left());
        Assert.Equal(["closed"], await Store.KeysAsync(Bucket));
    }

    // With a first file through, the first walk is over or about to be, and the watch is on.
    private async Task<PipelineProcess> WatchingAsync()
    {
        Write($"{Bucket}/first", "first");
        var daemon = StartDaemon();
        await StoredAsync("first");
        return daemon;
    }
}
