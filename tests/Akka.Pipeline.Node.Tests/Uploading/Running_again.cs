namespace Akka.Pipeline.Node.Tests.Uploading;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

public sealed class Running_again : NodeTest
{
    private const string Keeping = "pipeline.route-defaults.after-upload = keep\n";

    [Fact]
    public async Task Nothing_changed_in_a_kept_source_makes_no_request_and_one_change_makes_one()
    {
        Configure(Keeping);
        Write($"{Bucket}/a", "a");
        Write($"{Bucket}/folder/b", "b");
        Write("another-bucket/empty", "");
        (await OnceAsync()).Exits(0);
        Assert.Equal(3, Sandbox.Statistics.Total);

        (await OnceAsync()).Exits(0).Says("Stored 0 files", "0 requests");
        Assert.Equal(3, Sandbox.Statistics.Total);

        Write($"{Bucket}/folder/b", "b has changed");
        (await OnceAsync()).Exits(0).Says("Stored 1 file");
        Assert.Equal("b has changed"u8.ToArray(), await Store.ReadAsync(Bucket, "folder/b"));
        Assert.Equal(["a", "folder/b"], await Store.KeysAsync(Bucket));
        Assert.Single(Sandbox.Statistics.Recent, r => r.Operation == S3Operation.PutObject && r.Key == "folder/b" && r.Status == 200 && r.BodyBytes == "b has changed".Length);
        Assert.Equal(3, Left().Count);
    }

    [Fact]
    public async Task Without_its_ledger_it_finds_everything_stored_and_writes_no_object_anew()
    {
        Configure(Keeping + "pipeline.upload { multipart-from = 5MiB, part-size = 5MiB }");
        Write($"{Bucket}/a", "a");
        Write($"{Bucket}/b", Bytes(100_000));

        // Longer than any answer with a body may be.
        Write($"{Bucket}/large", Bytes(17 << 20));
        (await OnceAsync()).Exits(0);
        var before = await StampsAsync();
        Directory.Delete(Data, recursive: true);
        Sandbox.Statistics.Reset();

        (await OnceAsync()).Exits(0).Says("Stored 3 files", "3 of them were there already");

        Assert.DoesNotContain(Sandbox.Statistics.Recent, r => r.Operation is S3Operation.UploadPart or S3Operation.CompleteMultipartUpload);
        Assert.All(Sandbox.Statistics.Recent.Where(r => r.Operation == S3Operation.PutObject), r => Assert.Equal(412, r.Status));
        Assert.Equal(before, await StampsAsync());
        Sandbox.Statistics.Reset();

        (await OnceAsync()).Exits(0);
        Assert.Equal(0, Sandbox.Statistics.Total);
    }

    [Fact]
    public async Task Without_its_ledger_a_file_costs_a_request_and_none_over_64_KiB_its_body()
    {
        const int Small = 1500;
        const int Larger = 40;
        Configure(Keeping);
        for (var n = 0; n < Small; n++)
        {
            Write($"{Bucket}/small/{n:0000}", $"content {n}");
        }

        for (var n = 0; n < Larger; n++)
        {
            Write($"{Bucket}/larger/{n:0000}", Bytes((64 << 10) + 1 + n, n));
        }

        (await OnceAsync()).Exits(0);
        Assert.InRange(Sandbox.Statistics.Total, Small + Larger, Small + Larger + 1);
        Directory.Delete(Data, recursive: true);
        Sandbox.Statistics.Reset();

        (await OnceAsync()).Exits(0).Says("Stored 1,540 files", "1,540 of them were there already");

        Assert.InRange(Sandbox.Statistics.Total, Small + Larger, (Small + Larger) * 1.1);
        Assert.InRange(Sandbox.Statistics.ReceivedBytes, 0, 64 << 10);
    }

    [Fact]
    public async Task A_run_that_deletes_finds_what_a_lost_ledger_had_stored_and_deletes_it()
    {
        Write($"{Bucket}/a", "a");
        await Store.Client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = Bucket, Key = "a", ContentBody = "a" });

        (await OnceAsync()).Exits(0).Says("1 of them were there already", "removed 1");

        Assert.Empty(Left());
    }

    [Fact]
    public async Task What_was_set_aside_is_listed_by_every_run_until_it_is_cured()
    {
        Write("directly.txt", "x");
        (await OnceAsync()).Exits(1);

        (await OnceAsync()).Exits(1).Says("directly.txt", "pipeline retry");

        Directory.CreateDirectory(Path.Combine(Source, Bucket));
        File.Move(Path.Combine(Source, "directly.txt"), Path.Combine(Source, Bucket, "directly.txt"));
        (await OnceAsync()).Exits(0);
        Assert.Equal(["directly.txt"], await Store.KeysAsync(Bucket));
    }

    private async Task<IReadOnlyList<string>> StampsAsync()
    {
        var stamps = new List<string>();
        foreach (var key in await Store.KeysAsync(Bucket))
        {
            var facts = await Store.Client.GetObjectMetadataAsync(Bucket, key);
            stamps.Add($"{key} {facts.ETag} {facts.LastModified:O} {File.GetLastWriteTimeUtc(Path.Combine(Root, "sandbox", Bucket, key)):O}");
        }

        return stamps;
    }
}
