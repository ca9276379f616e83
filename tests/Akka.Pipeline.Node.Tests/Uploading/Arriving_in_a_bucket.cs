namespace Akka.Pipeline.Node.Tests.Uploading;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

public sealed class Arriving_in_a_bucket : NodeTest
{
    [Fact]
    public async Task The_first_folder_names_the_bucket_and_the_rest_is_the_key()
    {
        Write($"{Bucket}/images_shots/file.png", "pixels");

        var run = await OnceAsync();

        run.Exits(0).Says("Stored 1 file");
        await Store.HoldsExactlyAsync(Bucket, new Dictionary<string, byte[]> { ["images_shots/file.png"] = "pixels"u8.ToArray() });
        Assert.Empty(Left());
        Assert.Equal(1, Sandbox.Statistics.Count(S3Operation.PutObject));
        Assert.Equal("image/png", (await Store.Client.GetObjectMetadataAsync(Bucket, "images_shots/file.png")).Headers.ContentType);
    }

    [Fact]
    public async Task Files_of_all_names_and_sizes_arrive_byte_for_byte_and_leave_the_source()
    {
        Configure(OddFiles.Settings);
        var files = OddFiles.All();
        foreach (var (path, content) in files)
        {
            Write($"{Bucket}/{path}", content);
        }

        var run = await OnceAsync("--json");

        run.Exits(0);
        await Store.HoldsExactlyAsync(Bucket, files);
        Assert.Empty(Left());
        var told = Assert.Single(run.Json);
        Assert.Equal(files.Count, told.GetProperty("filesStored").GetInt32());
        Assert.Equal(files.Values.Sum(content => (long)content.Length), told.GetProperty("bytesStored").GetInt64());
        Assert.Equal(3, Sandbox.Statistics.Count(S3Operation.CompleteMultipartUpload));
    }

    [Fact]
    public async Task A_path_of_more_than_1024_bytes_is_set_aside_and_all_others_go()
    {
        var longPath = string.Join('/', Enumerable.Repeat(new string('n', 250), 5));
        Write($"{Bucket}/{longPath}", "too long");
        Write($"{Bucket}/fine", "fine");

        var run = await OnceAsync();

        run.Exits(1).Says("1254 bytes", "1024", "1 set aside");
        Assert.Equal([$"{Bucket}/{longPath}"], Left());
        Assert.Equal(["fine"], await Store.KeysAsync(Bucket));
    }

    [Fact]
    public async Task A_name_that_is_no_text_is_set_aside_and_shown_with_its_bytes()
    {
        var folder = Path.GetDirectoryName(Write($"{Bucket}/fine", "fine"))!;
        using (var shell = System.Diagnostics.Process.Start("bash", ["-c", "printf x > \"$1\"/$'caf\\xe9'", "bash", folder]))
        {
            await shell.WaitForExitAsync();
        }

        var run = await OnceAsync();

        run.Exits(1).Says("caf\\xe9", "Rename the file.");
        Assert.Equal(["fine"], await Store.KeysAsync(Bucket));
        Assert.Single(Left());
    }

    [Fact]
    public async Task The_bandwidth_limit_is_kept()
    {
        Configure("pipeline.upload { bandwidth = 2MiB, batch-size = 64KiB }");
        for (var n = 0; n < 24; n++)
        {
            Write($"{Bucket}/{n}", Bytes(256 << 10, n));
        }

        var run = await OnceAsync("--json");

        // 6 MiB, of which one second's worth may go in a burst.
        run.Exits(0);
        Assert.InRange(Assert.Single(run.Json).GetProperty("seconds").GetDouble(), 1.8, 60);
    }
}
