namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

/// <summary>Links, devices, holes, sizes beyond every limit.</summary>
public sealed class Files_that_are_not_simple : NodeTest
{
    private SmallDisk? disk;

    public override async Task DisposeAsync()
    {
        disk?.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Two_names_of_one_file_are_both_uploaded_and_removed_and_one_outside_stays()
    {
        var one = Write($"{Bucket}/one", "shared");
        var outside = Path.Combine(Root, "outside");
        Assert.Equal(0, Shell.Run($"ln '{one}' '{Source}/{Bucket}/two' && ln '{one}' '{outside}'"));

        (await OnceAsync()).Exits(0);

        Assert.Equal(["one", "two"], await Store.KeysAsync(Bucket));
        Assert.Equal("shared"u8.ToArray(), await Store.ReadAsync(Bucket, "two"));
        Assert.Empty(Left());
        Assert.Equal("shared", await File.ReadAllTextAsync(outside));
    }

    [Fact]
    public async Task With_only_one_of_two_names_taken_the_other_stays_whole()
    {
        Configure("pipeline.route-defaults.include = [\"**/one\"]");
        var one = Write($"{Bucket}/one", "shared");
        Assert.Equal(0, Shell.Run($"ln '{one}' '{Source}/{Bucket}/two'"));

        (await OnceAsync()).Exits(0);

        Assert.Equal(["one"], await Store.KeysAsync(Bucket));
        Assert.Equal([$"{Bucket}/two"], Left());
        Assert.Equal("shared", await File.ReadAllTextAsync(Path.Combine(Source, Bucket, "two")));
    }

    [FactWithMounts]
    public async Task Devices_loops_dangling_links_and_links_out_of_the_source_are_passed_over()
    {
        Write($"{Bucket}/file", "x");
        await File.WriteAllTextAsync(Path.Combine(Root, "secret"), "must not be uploaded");
        Assert.Equal(0, Shell.Run(
            $"cd '{Source}/{Bucket}' && mknod null c 1 3 && mknod disk b 7 99 && mkfifo pipe && ln -s loop loop && ln -s b a && ln -s a b && ln -s . here && ln -s .. up && ln -s nowhere dangling"
            + $" && ln -s '{Root}/secret' out && ln -s /etc etc && ln -s '{Root}' '{Source}/a-whole-bucket'"));

        (await OnceAsync()).Exits(0).Says("null' is a device", "disk' is a device", "pipe' is a pipe");

        Assert.Equal(["file"], await Store.KeysAsync(Bucket));
        Assert.Equal([], await Store.KeysAsync("a-whole-bucket"));
        Configure("pipeline.route-defaults.follow-links = true");
        Write($"{Bucket}/file", "x");
        await OnceAsync();
        Assert.DoesNotContain(Sandbox.Statistics.Recent, r => r.Key is not null and not "file");
    }

    [Fact]
    public async Task A_sparse_file_of_200_MiB_arrives_with_its_holes_as_zeros()
    {
        var path = Write($"{Bucket}/sparse", "begin");
        await using (var file = new FileStream(path, FileMode.Open))
        {
            file.Seek((200 << 20) - 3, SeekOrigin.Begin);
            file.Write("end"u8);
        }

        var expected = new byte[200 << 20];
        System.Text.Encoding.ASCII.GetBytes("begin", expected);
        System.Text.Encoding.ASCII.GetBytes("end", expected.AsSpan(expected.Length - 3));

        (await OnceAsync()).Exits(0);

        Assert.True(Enumerable.SequenceEqual(expected, (await Store.ReadAsync(Bucket, "sparse"))!));
        Assert.Empty(Left());
    }

    [FactWithMounts]
    public async Task A_file_beyond_the_largest_object_is_set_aside_with_nothing_sent_and_the_others_go()
    {
        disk = new SmallDisk(Source, "size=1m");
        Write($"{Bucket}/small", "small");
        Write($"{Bucket}/huge", "");
        Assert.Equal(0, Shell.Run($"truncate -s 60T '{Source}/{Bucket}/huge'"));

        (await OnceAsync()).Exits(1).Says($"{Bucket}/huge", $"{60L << 40} bytes", "1 set aside");

        Assert.Equal(["small"], await Store.KeysAsync(Bucket));
        Assert.Equal([$"{Bucket}/huge"], Left());
        Assert.DoesNotContain(Sandbox.Statistics.Recent, r => r.Operation is S3Operation.CreateMultipartUpload or S3Operation.UploadPart);
    }
}
