namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using Amazon.S3;

public sealed class RestartTests : SandboxTest
{
    private string Journal => Path.Combine(Root, ".sandbox", "buckets", Bucket + ".jsonl");

    private string Temporary(string name) => Path.Combine(Root, ".sandbox", "temporary", name);

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "a", ContentBody = "x", ContentType = "text/x-try", TagSet = [new() { Key = "t", Value = "v" }] });
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "a/b", ContentBody = "below" });
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "gone", ContentBody = "x" });
        await S3.DeleteObjectAsync(Bucket, "gone");
        await RestartAsync();
        Assert.Equal(["a", "a/b"], (await S3.ListObjectsV2Async(new() { BucketName = Bucket })).S3Objects.Select(found => found.Key));
        using var got = await S3.GetObjectAsync(Bucket, "a");
        Assert.Equal(("text/x-try", 1), (got.Headers.ContentType, got.TagCount));
        Assert.Equal("below", (await Raw().SendAsync("GET", $"/{Bucket}/a/b")).Text);
        Assert.Equal("NoSuchKey", (await Raw().SendAsync("GET", $"/{Bucket}/gone")).Code);
    }

    [Fact]
    public async Task A_commit_that_a_crash_cut_in_two_is_finished()
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "old" });
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "new" });
        await Server.DisposeAsync();
        // As if the process had ended between the journal's line and the rename.
        var line = (await File.ReadAllLinesAsync(Journal))[^1];
        var temporary = System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("Temporary").GetString()!;
        File.Move(Path.Combine(Root, Bucket, "k"), Temporary(temporary));
        await File.WriteAllTextAsync(Path.Combine(Root, Bucket, "k"), "old");
        await File.WriteAllTextAsync(Temporary("left-over"), "never committed");

        await StartAsync(Options);
        Assert.Equal("new", (await Raw().SendAsync("GET", $"/{Bucket}/k")).Text);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Root, ".sandbox", "temporary")));
    }

    [Fact]
    public async Task A_deletion_that_a_crash_cut_in_two_is_finished()
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "f/k", ContentBody = "x" });
        await S3.DeleteObjectAsync(Bucket, "f/k");
        await Server.DisposeAsync();
        Directory.CreateDirectory(Path.Combine(Root, Bucket, "f"));
        await File.WriteAllTextAsync(Path.Combine(Root, Bucket, "f", "k"), "x");
        await StartAsync(Options);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, Bucket)));
    }

    [Fact]
    public async Task A_torn_line_at_the_end_of_the_journal_counts_as_never_written()
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "x" });
        await Server.DisposeAsync();
        await File.AppendAllTextAsync(Journal, "{\"Put\":{\"Key\":\"to");
        await StartAsync(Options);
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "l", ContentBody = "x" });
        await RestartAsync();
        Assert.Equal(["k", "l"], (await S3.ListObjectsV2Async(new() { BucketName = Bucket })).S3Objects.Select(found => found.Key));
    }

    [Fact]
    public async Task A_journal_that_grew_long_is_written_anew()
    {
        for (var i = 0; i < 300; i++)
        {
            await Raw().SendAsync("PUT", $"/{Bucket}/k", body: [(byte)i]);
        }

        await RestartAsync();
        Assert.Single(await File.ReadAllLinesAsync(Journal));
        Assert.Equal(new[] { (byte)(299 & 0xFF) }, (await Raw().SendAsync("GET", $"/{Bucket}/k")).Body);
    }

    [Fact]
    public async Task Two_servers_do_not_share_a_folder()
    {
        var error = await Assert.ThrowsAsync<IOException>(() => SandboxServer.StartAsync(Options));
        Assert.Contains(Root, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_the_disk_refuses_leaves_the_old_object()
    {
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "old" });
        // A folder where no folder may be made.
        await File.WriteAllTextAsync(Path.Combine(Root, Bucket, "f"), "");
        await File.WriteAllTextAsync(Path.Combine(Root, Bucket, "f%d"), "");
        Assert.Equal(HttpStatusCode.InternalServerError, (await Raw().SendAsync("PUT", $"/{Bucket}/f/k", body: [1])).Status);
        Assert.Equal("NoSuchKey", (await Raw().SendAsync("GET", $"/{Bucket}/f/k")).Code);
        Assert.Equal("old", (await Raw().SendAsync("GET", $"/{Bucket}/k")).Text);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Root, ".sandbox", "temporary")));
    }

    [Fact]
    public async Task A_taken_address_is_told()
    {
        var other = Options with { RootFolder = Root + "-2", Port = Server.Endpoint.Port };
        await Assert.ThrowsAnyAsync<IOException>(() => SandboxServer.StartAsync(other));
        // The folder was let go again.
        await using var server = await SandboxServer.StartAsync(other with { Port = 0 });
        Directory.Delete(Root + "-2", recursive: true);
    }

    [Fact]
    public async Task Flushing_to_the_disk_changes_nothing_that_can_be_seen()
    {
        await RestartAsync(Options with { FlushToDisk = true });
        await S3.PutObjectAsync(new() { BucketName = Bucket, Key = "k", ContentBody = "x" });
        await RestartAsync();
        Assert.Equal("x", (await Raw().SendAsync("GET", $"/{Bucket}/k")).Text);
    }
}
