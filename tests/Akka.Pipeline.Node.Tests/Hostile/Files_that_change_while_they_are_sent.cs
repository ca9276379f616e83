namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

/// <summary>What the suites of other uploaders ask, asked of the program as a whole: the source changes in the middle of an upload in parts.</summary>
public sealed class Files_that_change_while_they_are_sent : NodeTest
{
    private const int PartSize = 5 << 20;
    private const string Path = $"{Bucket}/large";

    [Theory]
    [InlineData("truncated")]
    [InlineData("replaced")]
    [InlineData("rewritten")]
    [InlineData("rewritten with its time set back")]
    [InlineData("appended")]
    public async Task The_last_version_arrives_whole_and_no_mixture_ever_does(string how)
    {
        var last = Bytes(how == "truncated" ? PartSize + 7 : how == "appended" ? (3 * PartSize) + 5 : 3 * PartSize, seed: how == "truncated" ? 1 : 2);
        var file = Write(Path, Bytes(3 * PartSize, seed: 1));
        if (how is "truncated" or "appended")
        {
            last = how == "truncated" ? Bytes(3 * PartSize, seed: 1)[..(PartSize + 7)] : [.. Bytes(3 * PartSize, seed: 1), 1, 2, 3, 4, 5];
        }

        await using var daemon = await UploadingAsync();
        switch (how)
        {
            case "truncated":
                await using (var open = new FileStream(file, FileMode.Open))
                {
                    open.SetLength(last.Length);
                }

                break;
            case "replaced":
                await File.WriteAllBytesAsync(file + ".new", last);
                File.Move(file + ".new", file, overwrite: true);
                break;
            case "appended":
                await using (var open = new FileStream(file, FileMode.Append))
                {
                    await open.WriteAsync(last.AsMemory(3 * PartSize));
                }

                break;
            default:
                var time = File.GetLastWriteTimeUtc(file);
                await using (var open = new FileStream(file, FileMode.Open))
                {
                    await open.WriteAsync(last);
                }

                if (how != "rewritten")
                {
                    Assert.Equal(0, Shell.Run($"touch -d '{time:O}' '{file}'"));
                }

                break;
        }

        Sandbox.Faults.Clear();
        await Eventually.TrueAsync(() => Left().Count == 0, "the file to be stored and removed", () => daemon.Errors);
        Assert.Equal(last, await Store.ReadAsync(Bucket, "large"));
        Assert.Equal(1, Sandbox.Statistics.Recent.Count(r => r.Status == 200 && r.Key == "large" && r.Operation is S3Operation.PutObject or S3Operation.CompleteMultipartUpload));
        await NothingIsLeftOpenAsync(daemon);
    }

    [Fact]
    public async Task A_file_that_is_deleted_while_it_is_sent_never_appears_and_leaves_no_parts()
    {
        var file = Write(Path, Bytes(3 * PartSize));
        await using var daemon = await UploadingAsync();
        File.Delete(file);
        Sandbox.Faults.Clear();

        Write($"{Bucket}/after", "after");
        await StoredAsync("after");
        await daemon.TerminateAsync();
        (await daemon.EndAsync()).Exits(0);
        (await OnceAsync()).Exits(0);

        Assert.DoesNotContain("large", await Store.KeysAsync(Bucket));
        Assert.Empty((await Store.Client.ListMultipartUploadsAsync(Bucket)).MultipartUploads ?? []);
    }

    [Fact]
    public async Task An_upload_that_is_aborted_by_somebody_in_the_middle_begins_anew()
    {
        Write(Path, Bytes(3 * PartSize));
        await using var daemon = await UploadingAsync();
        foreach (var upload in (await Store.Client.ListMultipartUploadsAsync(Bucket)).MultipartUploads)
        {
            await Store.Client.AbortMultipartUploadAsync(Bucket, upload.Key, upload.UploadId);
        }

        Sandbox.Faults.Clear();
        await Eventually.TrueAsync(() => Left().Count == 0, "the file to be stored and removed", () => daemon.Errors);
        Assert.Equal(Bytes(3 * PartSize), await Store.ReadAsync(Bucket, "large"));
        await NothingIsLeftOpenAsync(daemon);
    }

    // With the first part there and the others held up.
    private async Task<PipelineProcess> UploadingAsync()
    {
        Configure("pipeline { upload { multipart-from = 5MiB, part-size = 5MiB, parts-at-once = 1 }, route-defaults.scan-interval = 300ms }");
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.UploadPart], Before = TimeSpan.FromSeconds(2), Skip = 1 });
        var daemon = StartDaemon();
        await Eventually.TrueAsync(() => Sandbox.Statistics.Recent.Any(r => r.Operation == S3Operation.UploadPart && r.Status == 200), "the first part to arrive", () => daemon.Errors);
        return daemon;
    }

    private async Task NothingIsLeftOpenAsync(PipelineProcess daemon)
    {
        await daemon.TerminateAsync();
        (await daemon.EndAsync()).Exits(0);
        (await OnceAsync()).Exits(0);
        Assert.Empty((await Store.Client.ListMultipartUploadsAsync(Bucket)).MultipartUploads ?? []);
    }
}
