namespace Akka.Pipeline.Storage.Tests.S3;

using System.Diagnostics;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;

/// <summary>What the store wrote to a real server, as a command line that this project did not write sees it.</summary>
public sealed class Looking_with_other_eyes
{
    [Fact]
    public async Task The_aws_command_reads_the_same_bytes_under_the_same_names()
    {
        var cluster = await CephCluster.GetAsync();
        using var looker = new S3Looker(cluster.Endpoint, cluster.AccessKey, cluster.SecretKey);
        var bucket = await looker.NewBucketAsync();
        await using var store = Open(cluster);
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["plain.txt"] = "plain"u8.ToArray(),
            ["a b/100% +plus #1?.bin"] = BodyOf.Bytes(70_000, 1),
            ["nfd-e\u0301/😀"] = BodyOf.Bytes(10, 2),
            ["empty"] = [],
        };
        foreach (var (key, content) in contents)
        {
            await store.PutAsync(new PutRequest(new ObjectAddress(bucket, key), new BodyOf(content, store.Traits), ObjectAttributes.None, WriteCondition.IfAbsent), CancellationToken.None);
        }

        var large = new ObjectAddress(bucket, "large");
        contents[large.Key] = BodyOf.Bytes((5 << 20) + 17, 3);
        var id = await store.CreateMultipartAsync(new CreateMultipartRequest(large, ObjectAttributes.None), CancellationToken.None);
        var parts = new List<PartFacts>();
        foreach (var part in new[] { contents[large.Key][..(5 << 20)], contents[large.Key][(5 << 20)..] })
        {
            parts.Add(await store.UploadPartAsync(new PartRequest(large, id, parts.Count + 1, new BodyOf(part, store.Traits)), CancellationToken.None));
        }

        await store.CompleteMultipartAsync(new CompleteMultipartRequest(large, id, parts, contents[large.Key].Length, DigestSet.Unknown, null), CancellationToken.None);

        var folder = Directory.CreateTempSubdirectory("akka-pipeline-eyes-");
        try
        {
            await RunAwsAsync(cluster, "s3", "cp", "--recursive", "--no-progress", $"s3://{bucket}/", folder.FullName);
            Assert.Equal(
                contents.Keys.Order(StringComparer.Ordinal),
                folder.EnumerateFiles("*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder.FullName, f.FullName)).Order(StringComparer.Ordinal));
            foreach (var (key, content) in contents)
            {
                Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder.FullName, key)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Content_type_and_tags_are_the_routes()
    {
        var cluster = await CephCluster.GetAsync();
        using var looker = new S3Looker(cluster.Endpoint, cluster.AccessKey, cluster.SecretKey);
        var address = new ObjectAddress(await looker.NewBucketAsync(), "dressed");
        await using var store = Open(cluster);
        var tags = new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "a b", ["path"] = "x/y=z+1" };
        var attributes = new ObjectAttributes("image/png", "STANDARD", null, null, tags);
        await store.PutAsync(new PutRequest(address, BodyOf.Text("x", store.Traits), attributes, WriteCondition.IfAbsent), CancellationToken.None);
        var described = await looker.DescribeAsync(address);
        Assert.Equal("image/png", described.ContentType);
        Assert.Null(described.ContentEncoding);
        Assert.Equal(tags, await looker.TagsAsync(address));
    }

    [Fact]
    public async Task Another_users_bucket_is_denied_and_the_permission_named()
    {
        var cluster = await CephCluster.GetAsync();
        using var looker = new S3Looker(cluster.Endpoint, cluster.AccessKey, cluster.SecretKey);
        var address = new ObjectAddress(await looker.NewBucketAsync(), "forbidden");
        await using var store = new S3ObjectStore(new S3StoreSettings { Endpoint = cluster.Endpoint }, S3Access.WithKeys(cluster.LimitedAccessKey, cluster.LimitedSecretKey, "us-east-1"));
        var error = await Assert.ThrowsAsync<StoreException>(() =>
            store.PutAsync(new PutRequest(address, BodyOf.Text("x", store.Traits), ObjectAttributes.None, WriteCondition.IfAbsent), CancellationToken.None));
        Assert.Equal((FailureScope.Bucket, FailureNature.Lasting, "AccessDenied"), (error.Failure.Scope, error.Failure.Nature, error.Failure.Code));
        Assert.Contains($"s3:PutObject on bucket {address.Bucket}", error.Failure.Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TESTACCESSKEY000001", "wrong", "SignatureDoesNotMatch")]
    [InlineData("NOSUCHKEY", "wrong", "InvalidAccessKeyId")]
    public async Task A_real_servers_refusal_of_credentials_is_recognised(string accessKey, string secretKey, string code)
    {
        var cluster = await CephCluster.GetAsync();
        await using var store = new S3ObjectStore(new S3StoreSettings { Endpoint = cluster.Endpoint }, S3Access.WithKeys(accessKey, secretKey, "us-east-1"));
        var error = await Assert.ThrowsAsync<StoreException>(() =>
            store.PutAsync(new PutRequest(new ObjectAddress("any-bucket", "x"), BodyOf.Text("x", store.Traits), ObjectAttributes.None, null), CancellationToken.None));
        Assert.Equal((FailureScope.Store, FailureNature.Credentials, code), (error.Failure.Scope, error.Failure.Nature, error.Failure.Code));
    }

    private static S3ObjectStore Open(CephCluster cluster) =>
        new(new S3StoreSettings { Endpoint = cluster.Endpoint }, S3Access.WithKeys(cluster.AccessKey, cluster.SecretKey, "us-east-1"));

    private static async Task RunAwsAsync(CephCluster cluster, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/aws", ["--endpoint-url", cluster.Endpoint.AbsoluteUri, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AWS_ACCESS_KEY_ID"] = cluster.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = cluster.SecretKey;
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var aws = Process.Start(start)!;
        var output = aws.StandardOutput.ReadToEndAsync();
        var errors = aws.StandardError.ReadToEndAsync();
        await aws.WaitForExitAsync();
        Assert.True(aws.ExitCode == 0, await output + await errors);
    }
}
