namespace Akka.Pipeline.Node.Tests.Inspecting;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

public sealed class Looking_into_it : NodeTest
{
    [Fact]
    public async Task Files_lists_what_is_stored_and_what_failed()
    {
        Configure("pipeline.route-defaults.after-upload = keep");
        Write($"{Bucket}/stored \n file", "stored");
        Write("failed", "failed");
        (await OnceAsync()).Exits(1);

        var all = (await RunAsync("files")).Exits(0).Shows($"done       default  {Bucket}/stored \\n file  6 B", "set-aside  default  failed", "lies directly in the source");
        Assert.Equal(2, all.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var failed = (await RunAsync("files", "--failed", "--json")).Exits(0).Json;
        Assert.Equal("failed", Assert.Single(failed).GetProperty("path").GetString());
        Assert.Equal("NoBucketFolder", failed[0].GetProperty("code").GetString());
        Assert.NotEmpty(failed[0].GetProperty("cure").GetString()!);

        var one = (await RunAsync("files", "--json", "--route", "default", "--path", $"{Bucket}/", "--limit", "1")).Exits(0).Json;
        var stored = Assert.Single(one);
        Assert.Equal((Bucket, "stored \n file", 6L), (stored.GetProperty("bucket").GetString(), stored.GetProperty("key").GetString(), stored.GetProperty("sizeBytes").GetInt64()));
        Assert.Equal(0, Sandbox.Statistics.Count(S3Operation.HeadObject));
    }

    [Fact]
    public async Task Routes_shows_each_route_and_how_far_it_is()
    {
        Write($"{Bucket}/a", "four");
        Write("failed", "x");
        (await RunAsync("routes")).Exits(0).Shows($"default: {Source} -> s3://", "stable after 0.1 s");
        Assert.False(Directory.Exists(Data));
        (await OnceAsync()).Exits(1);

        (await RunAsync("routes")).Exits(0).Shows("done      1 file, 4 B", "setaside  1 file, 1 B");
        var route = Assert.Single((await RunAsync("routes", "--json", "--endpoint", Endpoint)).Exits(0).Json);
        Assert.Equal("default", route.GetProperty("route").GetString());
        Assert.Equal(Endpoint, route.GetProperty("endpoint").GetString());
        Assert.Equal(1, route.GetProperty("files").GetProperty("SetAside").GetProperty("files").GetInt64());
    }

    [Fact]
    public async Task Retry_is_taken_up_by_a_running_daemon_within_seconds()
    {
        Configure("pipeline.route-defaults.dedupe = checksum");
        Write($"{Bucket}/refused", "x");
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Error, Status = 400, Code = "InvalidTag", Operations = [S3Operation.PutObject] });
        await using var daemon = StartDaemon();
        await daemon.SaysAsync("is set aside after 3 attempts");
        Sandbox.Faults.Clear();

        var retried = (await RunAsync("retry", "--json")).Exits(0).Json;

        Assert.Equal(1, Assert.Single(retried).GetProperty("retried").GetInt32());
        await StoredAsync("refused");
        await Eventually.TrueAsync(() => Left().Count == 0, "the file to be removed");
        (await RunAsync("retry")).Exits(0).Says("Nothing failed");
    }

    [Fact]
    public async Task Retry_without_a_daemon_is_taken_up_by_the_next_run()
    {
        Write($"{Bucket}/one", "x");
        Write($"{Bucket}/two", "x");
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Error, Status = 400, Code = "InvalidTag", Operations = [S3Operation.PutObject] });
        (await OnceAsync()).Exits(1).Says("2 set aside");
        Sandbox.Faults.Clear();

        (await RunAsync("retry", $"{Bucket}/one")).Exits(0).Says("1 failed");

        (await OnceAsync()).Exits(1).Says("1 set aside", $"{Bucket}/two");
        Assert.Equal(["one"], await Store.KeysAsync(Bucket));
        (await RunAsync("retry")).Exits(0);
        (await OnceAsync()).Exits(0);
        Assert.Equal(["one", "two"], await Store.KeysAsync(Bucket));
    }

    [Fact]
    public async Task A_blocked_bucket_is_listed_and_goes_after_a_retry()
    {
        Configure("pipeline.retry.blockage { first-delay = 1h, maximum-delay = 1h }");
        Write($"{Bucket}/blocked", "x");
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Error, Status = 403, Code = "AccessDenied" });
        await using var daemon = StartDaemon();
        await daemon.SaysAsync("denies PutObject");
        await Eventually.TrueAsync(async () => (await RunAsync("files", "--failed", "--json")).Exits(0).Json is [var blocked] && blocked.GetProperty("code").GetString() == "AccessDenied", "the blockage to be listed");
        Sandbox.Faults.Clear();

        (await RunAsync("retry")).Exits(0).Says("1 failed");

        await StoredAsync("blocked");
        await Eventually.TrueAsync(async () => (await RunAsync("files", "--failed")).Exits(0).Output.Length == 0, "the blockage to be forgotten");
    }

    [Fact]
    public async Task Verify_finds_what_is_missing_and_what_is_different()
    {
        foreach (var name in new[] { "right", "missing", "longer", "other" })
        {
            Write($"{Bucket}/{name}", $"content of {name}");
        }

        (await OnceAsync()).Exits(0);
        (await RunAsync("verify", "--endpoint", Endpoint)).Exits(0).Says("4 right, 0 missing, 0 different");
        await Store.Client.DeleteObjectAsync(Bucket, "missing");
        await Store.Client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = Bucket, Key = "longer", ContentBody = "content of longer and more" });
        await Store.Client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = Bucket, Key = "other", ContentBody = "CONTENT OF OTHER" });

        var run = (await RunAsync("verify", "--endpoint", Endpoint)).Exits(1).Says("1 right, 1 missing, 2 different");
        run.Shows($"missing   s3://{Bucket}/missing", $"different s3://{Bucket}/longer", $"different s3://{Bucket}/other");

        var json = (await RunAsync("verify", "--endpoint", Endpoint, "--json", "--route", "default")).Exits(1).Json;
        Assert.Equal(4, json.Count);
        Assert.Equal(["Different", "Different", "Missing"], json.Take(3).Select(found => found.GetProperty("finding").GetString()).Order());
        Assert.Equal(2, json[3].GetProperty("different").GetInt32());
    }

    [Fact]
    public async Task A_dry_run_says_what_it_would_do_and_changes_nothing()
    {
        Write($"{Bucket}/goes", "12345");
        Write("not_a_bucket/stays", "x");
        Write("direct", "x");
        var before = Snapshot();

        var run = await RunAsync("run", "--dry-run", "--endpoint", Endpoint);

        run.Exits(0).Says($"would upload {Bucket}/goes (5 B) to s3://{Bucket}/goes", "would not upload not_a_bucket/stays: ", "would not upload direct: ", "dry run");
        var json = (await RunAsync("run", "--dry-run", "--json", "--endpoint", Endpoint)).Exits(0).Json;
        Assert.Equal(3, json.Count);
        Assert.Contains(json, planned => planned.GetProperty("key").GetString() == "goes" && planned.GetProperty("bucket").GetString() == Bucket);
        Assert.Equal(0, Sandbox.Statistics.Total);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task A_dry_run_needs_neither_credentials_nor_a_store()
    {
        Environment.Remove("AWS_ACCESS_KEY_ID");
        Environment.Remove("AWS_SECRET_ACCESS_KEY");
        Write($"{Bucket}/goes", "x");

        (await RunAsync("run", "--dry-run", "--endpoint", "http://127.0.0.1:9")).Exits(0).Says("would upload");
    }

    [Fact]
    public async Task A_dry_run_does_not_make_the_target_folder()
    {
        var target = Path.Combine(Root, "target");
        Configure($"pipeline.route-defaults.target = \"file://{target}\"");
        Write("goes", "x");

        (await RunAsync("run", "--dry-run")).Exits(0).Says("would upload goes");

        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public async Task A_dry_run_beside_a_ledger_changes_nothing_either()
    {
        Configure("pipeline.route-defaults.after-upload = keep");
        Write($"{Bucket}/known", "x");
        (await OnceAsync()).Exits(0);
        Write($"{Bucket}/new", "x");
        var requests = Sandbox.Statistics.Total;
        (await RunAsync("files", "--json")).Exits(0);
        var files = (await RunAsync("files")).Output;

        var json = (await RunAsync("run", "--dry-run", "--json", "--endpoint", Endpoint)).Exits(0).Json;

        Assert.Equal($"{Bucket}/new", Assert.Single(json).GetProperty("path").GetString());
        Assert.Equal(requests, Sandbox.Statistics.Total);
        Assert.Equal(files, (await RunAsync("files")).Output);
    }

    [Fact]
    public async Task The_version_names_the_actor_runtime()
    {
        var run = (await RunAsync("--version")).Exits(0);

        Assert.Matches(@"^pipeline \d+\.\d+\.\d+ on Akka\.(NET|Local) \d+\.\d+\.\d+\S*, \.NET 10\.", run.Output);
    }

    [Fact]
    public async Task Help_names_every_command_and_flag()
    {
        (await RunAsync("--help")).Exits(0).Shows("run", "sandbox", "files", "routes", "retry", "verify", "--version");
        (await RunAsync("run", "--help")).Exits(0).Shows(
            "-c, --config", "-d, --dir", "-i, --interval", "-s, --stable", "-r, --region", "-p, --profile", "--endpoint", "--once", "--dry-run", "--sandbox", "--json", "--data");
    }

    private IReadOnlyList<string> Snapshot() =>
        [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Path.Combine(Root, "sandbox"), StringComparison.Ordinal))
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path):O}")
            .Order(StringComparer.Ordinal)];
}
