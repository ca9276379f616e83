namespace Akka.Pipeline.Node.Tests.Uploading;

using System.Diagnostics;
using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Storage.Tests.S3;

/// <summary>The same program on a real S3 server, judged by the AWS command line.</summary>
public sealed class Arriving_on_ceph : NodeTest
{
    private const string ForCeph = "pipeline { store { checksum = auto, conditional-put = auto, conditional-complete = auto } }\n";

    private static int buckets;

    [Fact]
    public async Task Files_of_all_names_and_sizes_arrive_byte_for_byte_and_leave_the_source()
    {
        Configure(ForCeph + OddFiles.Settings);
        var ceph = await UseCephAsync();
        var bucket = await NewBucketAsync(ceph);
        var files = OddFiles.All();
        foreach (var (path, content) in files)
        {
            Write($"{bucket}/{path}", content);
        }

        var run = await RunAsync("run", "--once", "--endpoint", ceph.Endpoint.ToString());

        run.Exits(0);
        Assert.Empty(Left());
        await DownloadedAreAsync(ceph, bucket, files);
    }

    [Fact]
    public async Task An_unknown_bucket_holds_back_its_own_files_only()
    {
        Configure(ForCeph);
        var ceph = await UseCephAsync();
        var bucket = await NewBucketAsync(ceph);
        Write($"{bucket}/goes", "goes");
        Write("no-such-bucket-anywhere/stays", "stays");

        var run = await RunAsync("run", "--once", "--endpoint", ceph.Endpoint.ToString());

        run.Exits(1).Says("no bucket named no-such-bucket-anywhere", "Create it, or alias");
        Assert.Equal(["no-such-bucket-anywhere/stays"], Left());
        using var view = new StoreView(ceph.Endpoint, ceph.AccessKey, ceph.SecretKey);
        Assert.Equal(["goes"], await view.KeysAsync(bucket));
        (await RunAsync("files", "--failed")).Exits(0).Shows("blocked", "no-such-bucket-anywhere");
    }

    [Fact]
    public async Task A_bucket_of_somebody_else_is_denied_and_holds_back_its_own_files_only()
    {
        Configure(ForCeph);
        var ceph = await UseCephAsync();
        var foreign = await NewBucketAsync(ceph);
        Environment["AWS_ACCESS_KEY_ID"] = ceph.LimitedAccessKey;
        Environment["AWS_SECRET_ACCESS_KEY"] = ceph.LimitedSecretKey;
        using var own = new StoreView(ceph.Endpoint, ceph.LimitedAccessKey, ceph.LimitedSecretKey);
        var mine = $"limited-{System.Environment.ProcessId}";
        await own.Client.PutBucketAsync(mine);
        Write($"{foreign}/stays", "stays");
        Write($"{mine}/goes", "goes");

        var run = await RunAsync("run", "--once", "--endpoint", ceph.Endpoint.ToString());

        run.Exits(1).Says("denies", foreign, "s3:PutObject");
        Assert.Equal([$"{foreign}/stays"], Left());
        Assert.Equal(["goes"], await own.KeysAsync(mine));
    }

    [Fact]
    public async Task A_wrong_secret_key_ends_with_exit_code_3()
    {
        Configure(ForCeph);
        var ceph = await UseCephAsync();
        Write($"{await NewBucketAsync(ceph)}/stays", "stays");
        Environment["AWS_SECRET_ACCESS_KEY"] = "this-is-not-the-secret-key-of-anybody";

        (await RunAsync("run", "--once", "--endpoint", ceph.Endpoint.ToString())).Exits(3).Says("secret key", "Set AWS_ACCESS_KEY_ID");

        Assert.Single(Left());
    }

    [Fact]
    public async Task What_is_there_already_is_not_written_again()
    {
        Configure(ForCeph);
        var ceph = await UseCephAsync();
        var bucket = await NewBucketAsync(ceph);
        using var view = new StoreView(ceph.Endpoint, ceph.AccessKey, ceph.SecretKey);
        await view.Client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = bucket, Key = "same", ContentBody = "same", UseChunkEncoding = false });
        var before = (await view.Client.GetObjectMetadataAsync(bucket, "same")).LastModified;
        Write($"{bucket}/same", "same");

        (await RunAsync("run", "--once", "--endpoint", ceph.Endpoint.ToString())).Exits(0).Says("1 of them were there already");

        Assert.Empty(Left());
        Assert.Equal(before, (await view.Client.GetObjectMetadataAsync(bucket, "same")).LastModified);
    }

    private async Task<CephCluster> UseCephAsync()
    {
        var ceph = await CephCluster.GetAsync();
        Environment["AWS_ACCESS_KEY_ID"] = ceph.AccessKey;
        Environment["AWS_SECRET_ACCESS_KEY"] = ceph.SecretKey;
        return ceph;
    }

    private static async Task<string> NewBucketAsync(CephCluster ceph)
    {
        using var view = new StoreView(ceph.Endpoint, ceph.AccessKey, ceph.SecretKey);
        var bucket = $"node-{System.Environment.ProcessId}-{Interlocked.Increment(ref buckets)}";
        await view.Client.PutBucketAsync(bucket);
        return bucket;
    }

    private async Task DownloadedAreAsync(CephCluster ceph, string bucket, Dictionary<string, byte[]> files)
    {
        var folder = Path.Combine(Root, "downloaded");
        var start = new ProcessStartInfo("/usr/bin/aws", ["--endpoint-url", ceph.Endpoint.ToString(), "s3", "sync", $"s3://{bucket}", folder, "--only-show-errors"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["AWS_REGION"] = "us-east-1";
        using var aws = Process.Start(start)!;
        var said = await Task.WhenAll(aws.StandardError.ReadToEndAsync(), aws.StandardOutput.ReadToEndAsync());
        await aws.WaitForExitAsync();
        Assert.True(aws.ExitCode == 0, string.Concat(said));
        var downloaded = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), downloaded);
        foreach (var (path, content) in files)
        {
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder, path))), $"'{path}' holds other bytes.");
        }
    }
}
