namespace Akka.Pipeline.Node.Tests.Uploading;

using System.Diagnostics;
using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

public sealed class What_a_route_can_say : NodeTest
{
    [Fact]
    public async Task Move_puts_uploaded_files_into_a_folder_under_their_paths()
    {
        Configure("pipeline.route-defaults { after-upload = move, move-to = done }");
        Write($"{Bucket}/deep/file", "content");

        (await OnceAsync()).Exits(0);

        Assert.Equal(["deep/file"], await Store.KeysAsync(Bucket));
        Assert.Empty(Left());
        Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(Root, "done", Bucket, "deep", "file")));
    }

    [Fact]
    public async Task Empty_folders_go_where_that_is_asked_for_and_stay_elsewhere()
    {
        Write($"{Bucket}/a/b/file", "x");
        Directory.CreateDirectory(Path.Combine(Source, Bucket, "was-empty-before"));
        (await OnceAsync()).Exits(0);
        Assert.True(Directory.Exists(Path.Combine(Source, Bucket, "a", "b")));

        Configure("pipeline.route-defaults.prune-empty-folders = true");
        Write($"{Bucket}/a/c/file", "y");
        (await OnceAsync()).Exits(0);

        Assert.Equal(["b"], Directory.GetDirectories(Path.Combine(Source, Bucket, "a")).Select(Path.GetFileName));
        Assert.True(Directory.Exists(Path.Combine(Source, Bucket, "was-empty-before")));

        Write("pruned-bucket/only/file", "z");
        (await OnceAsync()).Exits(0);
        Assert.False(Directory.Exists(Path.Combine(Source, "pruned-bucket")));
        Assert.True(Directory.Exists(Source));
        Assert.Equal(2, (await Store.KeysAsync(Bucket)).Count);
    }

    [Fact]
    public async Task A_folder_can_be_the_target()
    {
        var target = Path.Combine(Root, "target");
        Directory.CreateDirectory(target);
        Configure($"pipeline.route-defaults {{ target = \"file://{target}\" }}");
        Environment.Remove("AWS_ACCESS_KEY_ID");
        Environment.Remove("AWS_SECRET_ACCESS_KEY");
        var content = Bytes(3 << 20);
        Write("folder/a name.bin", content);
        Write("directly", "x");

        (await RunAsync("run", "--once")).Exits(0);

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(target, "folder", "a name.bin")));
        Assert.True(File.Exists(Path.Combine(target, "directly")));
        Assert.Empty(Left());
        Assert.Equal(0, Sandbox.Statistics.Total);
        (await RunAsync("verify")).Exits(0).Says("2 right");
    }

    [Fact]
    public async Task Include_exclude_size_and_temporary_names_choose_the_files()
    {
        Configure("pipeline.route-defaults { include = [\"**/*.png\", \"keep/**\"], exclude = [\"**/draft/**\"], minimum-size = 2B, maximum-size = 10B }");
        foreach (var name in new[] { "a.png", "deep/b.png", "c.txt", "draft/d.png", "e.png.tmp", "f.png.part", ".~g.png", ".nfs0001.png" })
        {
            Write($"{Bucket}/{name}", "four");
        }

        Write($"{Bucket}/small.png", "1");
        Write($"{Bucket}/long.png", "more than ten bytes");

        (await OnceAsync()).Exits(0);

        Assert.Equal(["a.png", "deep/b.png"], await Store.KeysAsync(Bucket));
        Assert.Equal(8, Left().Count);
    }

    [Fact]
    public async Task Links_pipes_and_sockets_stay_with_one_line_of_log_each()
    {
        Write($"{Bucket}/file", "x");
        await File.WriteAllTextAsync(Path.Combine(Root, "outside.txt"), "must not be uploaded");
        File.CreateSymbolicLink(Path.Combine(Source, Bucket, "link"), Path.Combine(Root, "outside.txt"));
        var folder = Path.Combine(Source, Bucket);
        using (var mkfifo = Process.Start("mkfifo", [Path.Combine(folder, "pipe")]))
        {
            await mkfifo.WaitForExitAsync();
        }

        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(folder, "socket")));

        var run = (await OnceAsync()).Exits(0).Says("pipe' is a pipe and is passed over", "socket' is a socket and is passed over");

        Assert.Equal(["file"], await Store.KeysAsync(Bucket));
        Assert.Single(run.Errors.Split('\n'), line => line.Contains("is a pipe", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(Root, "outside.txt")));
    }

    [Fact]
    public async Task Links_are_followed_where_the_route_says_so_but_never_out_of_the_source()
    {
        Configure("pipeline.route-defaults { follow-links = true, after-upload = keep }");
        Write($"{Bucket}/file", "x");
        await File.WriteAllTextAsync(Path.Combine(Root, "outside.txt"), "must not be uploaded");
        File.CreateSymbolicLink(Path.Combine(Source, Bucket, "inside"), "file");
        File.CreateSymbolicLink(Path.Combine(Source, Bucket, "outside"), Path.Combine(Root, "outside.txt"));
        File.CreateSymbolicLink(Path.Combine(Source, Bucket, "circle"), ".");

        (await OnceAsync()).Says("leads out of the source");

        Assert.Equal(["file", "inside"], await Store.KeysAsync(Bucket));
    }

    [Fact]
    public async Task Two_routes_go_to_their_own_targets()
    {
        Configure(
            """
            pipeline.routes {
              shots { source = shots, target = "s3://the-shots/raw", key = "{stem}/{year}{extension}" }
              logs  { source = logs, target = "s3://the-logs", after-upload = keep }
              off   { source = nowhere, enabled = false }
            }
            """);
        Directory.CreateDirectory(Path.Combine(Root, "shots", "one"));
        Directory.CreateDirectory(Path.Combine(Root, "logs"));
        var shot = Path.Combine(Root, "shots", "one", "frame.png");
        await File.WriteAllTextAsync(shot, "x");
        File.SetLastWriteTimeUtc(shot, new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc));
        await File.WriteAllTextAsync(Path.Combine(Root, "logs", "today.log"), "y");

        (await OnceAsync()).Exits(0);

        Assert.Equal(["raw/frame/2024.png"], await Store.KeysAsync("the-shots"));
        Assert.Equal(["today.log"], await Store.KeysAsync("the-logs"));
        Assert.False(File.Exists(shot));
        Assert.True(File.Exists(Path.Combine(Root, "logs", "today.log")));
        Assert.Equal(2, (await RunAsync("routes", "--json")).Exits(0).Json.Count);
    }

    [Fact]
    public async Task Tags_storage_class_encryption_and_content_type_arrive()
    {
        Configure(
            """
            pipeline.upload { multipart-from = 5MiB, part-size = 5MiB }
            pipeline.route-defaults {
              content-type = "application/x-own", storage-class = STANDARD_IA, server-side-encryption = AES256
              tags { project = "colony 7", "a/b" = "c+d" }
            }
            """);
        Write($"{Bucket}/small.png", "x");
        Write($"{Bucket}/large.png", Bytes(6 << 20));

        (await OnceAsync()).Exits(0);

        foreach (var key in new[] { "small.png", "large.png" })
        {
            var facts = await Store.Client.GetObjectMetadataAsync(Bucket, key);
            Assert.Equal("application/x-own", facts.Headers.ContentType);
            Assert.Equal("STANDARD_IA", facts.StorageClass.Value);
            Assert.Equal("AES256", facts.ServerSideEncryptionMethod.Value);
            var tags = (await Store.Client.GetObjectTaggingAsync(new Amazon.S3.Model.GetObjectTaggingRequest { BucketName = Bucket, Key = key })).Tagging;
            Assert.Equal(["a/b=c+d", "project=colony 7"], tags.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task The_classic_environment_is_understood()
    {
        File.Delete(Path.Combine(Root, "pipeline.conf"));
        Environment["S3_ROOT_DIR"] = "classic";
        Environment["S3_UPLOAD_INTERVAL"] = "3600";
        Environment["FILE_STABILITY_SECONDS"] = "0.1";
        Environment["AWS_REGION"] = "eu-central-1";
        Directory.CreateDirectory(Path.Combine(Root, "classic", Bucket));
        await File.WriteAllTextAsync(Path.Combine(Root, "classic", Bucket, "file"), "x");

        var route = Assert.Single((await RunAsync("routes", "--json")).Exits(0).Json);
        Assert.Equal(Path.Combine(Root, "classic"), route.GetProperty("source").GetString());
        Assert.Equal(3600, route.GetProperty("scanIntervalSeconds").GetDouble());
        Assert.Equal(0.1, route.GetProperty("stableAfterSeconds").GetDouble());

        (await OnceAsync()).Exits(0);
        Assert.Equal(["file"], await Store.KeysAsync(Bucket));
        Assert.False(File.Exists(Path.Combine(Root, "classic", Bucket, "file")));
    }
}
