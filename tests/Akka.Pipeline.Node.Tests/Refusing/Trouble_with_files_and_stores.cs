namespace Akka.Pipeline.Node.Tests.Refusing;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

/// <summary>What fails is listed and kept; everything else goes.</summary>
public sealed class Trouble_with_files_and_stores : NodeTest
{
    [Fact]
    public async Task An_unreadable_file_is_listed_and_kept_and_all_others_go()
    {
        var secret = Write($"{Bucket}/unreadable", "x");
        SetMode(secret, UnixFileMode.None);
        Write($"{Bucket}/readable", "y");

        await using var run = Start(["run", "--once", "--json", "--endpoint", Endpoint], WithoutPrivilege);

        var ended = (await run.EndAsync()).Exits(1).Says($"{Bucket}/unreadable", "1 set aside", "pipeline files --failed");
        Assert.Equal(["readable"], await Store.KeysAsync(Bucket));
        Assert.Equal([$"{Bucket}/unreadable"], Left());
        var left = Assert.Single(ended.Json).GetProperty("left").GetProperty("default");
        Assert.Equal(1, left.GetProperty("setAside").GetInt32());
        Assert.Equal($"{Bucket}/unreadable", left.GetProperty("examples")[0].GetProperty("path").GetString());
        (await RunAsync("files", "--failed")).Exits(0).Shows("set-aside", $"{Bucket}/unreadable", "after 3 attempts");
    }

    [Fact]
    public async Task An_unreadable_folder_is_listed_and_all_others_go()
    {
        Write($"{Bucket}/closed/hidden", "x");
        Write("lost+found/fragment", "of the file system's own");
        var closed = Path.Combine(Source, Bucket, "closed");
        var fragments = Path.Combine(Source, "lost+found");
        SetMode(closed, UnixFileMode.None);
        SetMode(fragments, UnixFileMode.None);
        Write($"{Bucket}/readable", "y");
        try
        {
            await using var run = Start(["run", "--once", "--endpoint", Endpoint], WithoutPrivilege);
            var ended = (await run.EndAsync()).Exits(1).Says("left in the source: 1 that could not be looked into", $"  {Bucket}/closed: Cannot read the folder", "chmod");
            Assert.DoesNotContain("  lost+found:", ended.Errors, StringComparison.Ordinal);
            Assert.Equal(["readable"], await Store.KeysAsync(Bucket));
        }
        finally
        {
            SetMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            SetMode(fragments, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_keeps_its_uploaded_file_and_says_so()
    {
        var file = Write($"{Bucket}/locked/file", "x");
        var folder = Path.GetDirectoryName(file)!;
        SetMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await using var run = Start(["run", "--once", "--endpoint", Endpoint], WithoutPrivilege);
            (await run.EndAsync()).Exits(1).Says($"{Bucket}/locked/file");
            Assert.Equal(["locked/file"], await Store.KeysAsync(Bucket));
            Assert.True(File.Exists(file));
        }
        finally
        {
            SetMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_folder_that_cannot_name_a_bucket_is_refused_with_the_alias_that_cures_it()
    {
        Write("distributed_colony/a", "a");
        Write("distributed_colony/b", "b");
        Write("fine-bucket/c", "c");

        var run = await OnceAsync();

        run.Exits(1).Says("cannot name a bucket", "bucket-names { \"distributed_colony\" = distributed-colony }", "2 kept back");
        Assert.Equal(["distributed_colony/a", "distributed_colony/b"], Left());
        Assert.Equal(["c"], await Store.KeysAsync("fine-bucket"));

        Configure("pipeline.route-defaults { bucket-names { \"distributed_colony\" = distributed-colony } }");
        (await OnceAsync()).Exits(0);
        Assert.Equal(["a", "b"], await Store.KeysAsync("distributed-colony"));
    }

    [Fact]
    public async Task A_file_directly_in_the_source_is_reported_and_kept()
    {
        Write("lost.txt", "x");
        Write($"{Bucket}/fine", "y");

        (await OnceAsync()).Exits(1).Says("'lost.txt' lies directly in the source", "s3://bucket");

        Assert.Equal(["lost.txt"], Left());
        Assert.Equal(["fine"], await Store.KeysAsync(Bucket));
    }

    [Fact]
    public async Task A_moment_of_trouble_with_the_store_and_a_missing_bucket_hold_back_the_bucket_only()
    {
        for (var n = 0; n < 20; n++)
        {
            Write($"missing-bucket/{n}", "stays");
            Write($"{Bucket}/{n}", "goes");
        }

        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Error, Status = 404, Code = "NoSuchBucket", Bucket = "missing-bucket" });
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Error, Status = 405, Code = "MethodNotAllowed", Times = 2 });

        (await OnceAsync()).Exits(1).Says("no bucket named missing-bucket", "20 kept back");

        Assert.Equal(20, (await Store.KeysAsync(Bucket)).Count);
        Assert.Equal(20, Left().Count);
    }

    [Fact]
    public async Task An_object_of_unknown_origin_gives_way_to_the_file()
    {
        Write($"{Bucket}/taken", "ours");
        await Store.Client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = Bucket, Key = "taken", ContentBody = "an older version" });

        (await OnceAsync()).Exits(0);

        Assert.Equal("ours"u8.ToArray(), await Store.ReadAsync(Bucket, "taken"));
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Two_files_with_one_key_do_not_overwrite_each_other()
    {
        Configure($"pipeline.route-defaults {{ target = \"s3://{Bucket}\", key = \"{{name}}\" }}");
        Write("one/same", "first");
        (await OnceAsync()).Exits(0);
        Write("two/same", "second");

        (await OnceAsync()).Exits(1).Says("two/same", "1 set aside");

        Assert.Equal(["two/same"], Left());
        Assert.Equal("first"u8.ToArray(), await Store.ReadAsync(Bucket, "same"));
    }

    [Fact]
    public async Task A_store_that_is_down_keeps_every_file_and_a_run_once_gives_up()
    {
        Write($"{Bucket}/a", "a");
        Write($"{Bucket}/b", "b");
        var endpoint = Endpoint;
        await StopSandboxAsync();

        (await RunAsync("run", "--once", "--endpoint", endpoint)).Exits(1).Says("refuses connections", "Check that the store runs", "2 kept back");

        Assert.Equal(2, Left().Count);
    }

    [Fact]
    public async Task A_daemon_goes_on_by_itself_when_the_store_comes_up()
    {
        Write($"{Bucket}/a", "a");
        var port = Sandbox.Endpoint.Port;
        await StopSandboxAsync();
        await using var daemon = StartDaemon();
        await daemon.SaysAsync("refuses connections");

        await StartSandboxAsync(port);

        await StoredAsync("a");
        await daemon.SaysAsync("works again");
        await Eventually.TrueAsync(() => Left().Count == 0, "the file to be removed");
    }

    [Fact]
    public async Task A_store_that_asks_to_slow_down_gets_everything_in_the_end()
    {
        Configure("pipeline.upload { repeats = 10 }");
        for (var n = 0; n < 40; n++)
        {
            Write($"{Bucket}/{n}", Bytes(1000, n));
        }

        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.SlowDown, Times = 10 });
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.CommitThenReset, Operations = [S3Operation.PutObject], Times = 5 });

        (await OnceAsync()).Exits(0);

        Assert.Equal(40, (await Store.KeysAsync(Bucket)).Count);
        Assert.Empty(Left());
    }
}
