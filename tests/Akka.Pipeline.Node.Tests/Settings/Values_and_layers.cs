namespace Akka.Pipeline.Node.Tests.Settings;

using Akka.Pipeline.Node.Settings;

public sealed class Values_and_layers : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    [Theory]
    [InlineData("pipeline.upload.slots = 0", "1:25", "0", "from 1 to 1024")]
    [InlineData("pipeline.upload.slots = 1.5", "1:25", "", "")]
    [InlineData("pipeline.upload.part-size = 1MiB", "1:29", "1048576 bytes", "5MiB")]
    [InlineData("pipeline.upload.part-size = 8", "1:29", "no unit", "MiB")]
    [InlineData("pipeline.upload.multipart-from = 6GiB", "1:34", "6442450944 bytes", "5GiB")]
    [InlineData("pipeline.upload.parts-at-once = many", "1:33", "many", "from 1 to 256, or auto")]
    [InlineData("pipeline.upload.parts-at-once = 0", "1:33", "0", "from 1 to 256")]
    [InlineData("pipeline.upload.bandwidth = fast", "1:29", "fast", "")]
    [InlineData("pipeline.upload.bandwidth = 0B", "1:29", "0 bytes", "none")]
    [InlineData("pipeline.shutdown-grace = 5", "1:27", "no unit", "60s")]
    [InlineData("pipeline.shutdown-grace = soon", "1:27", "soon", "")]
    [InlineData("pipeline.retry.file.attempts = 0", "1:32", "0", "from 1")]
    [InlineData("pipeline.route-defaults.stable-after = 10ms", "1:40", "0.01 s", "at least 0.1s")]
    [InlineData("pipeline.route-defaults.watch = perhaps", "1:33", "perhaps", "")]
    [InlineData("pipeline.route-defaults.include = [ 1, { a = b } ]", "1:40", "", "")]
    [InlineData("pipeline.route-defaults.dedupe = name", "1:34", "name", "checksum, size")]
    [InlineData("pipeline.route-defaults.after-upload = burn", "1:40", "burn", "delete, keep, move")]
    [InlineData("pipeline.route-defaults.after-upload = move", "", "move-to", "name the folder")]
    [InlineData("pipeline.route-defaults.move-to = done", "1:35", "after-upload is not move", "after-upload = move")]
    [InlineData("pipeline.route-defaults.target = \"http://bucket\"", "1:34", "http://bucket", "s3://bucket/prefix")]
    [InlineData("pipeline.route-defaults.target = \"file://relative\"", "1:34", "absolute", "file:///folder")]
    [InlineData("pipeline.route-defaults { target = \"s3://b-1\", key = \"{nme}\" }", "1:54", "{nme}", "{name}")]
    [InlineData("pipeline.route-defaults.key = \"{name}\"", "1:31", "first folder", "s3://bucket")]
    [InlineData("pipeline.route-defaults.bucket-names { a = B_C }", "1:44", "B_C", "b-c")]
    [InlineData("pipeline.route-defaults.scope = fleet", "", "pipeline.fleet.database is empty", "PIPELINE_DATABASE")]
    [InlineData("pipeline.store.endpoint = \"http://key:word@host\"", "1:27", "", "without credentials")]
    [InlineData("pipeline.store.data-plane = fast", "1:29", "fast", "direct, sdk")]
    [InlineData("pipeline.store.checksum = crc", "1:27", "crc", "crc32c")]
    [InlineData("pipeline.routes.\"a b\" {}", "1:17", "a b", "letters, digits")]
    [InlineData("pipeline.routes { a { source = x }, b { source = x/y } }", "1:", "overlap", "beside each other")]
    [InlineData("pipeline.routes.a.enabled = false", "1:", "disabled", "enabled = true")]
    [InlineData("pipeline.route-defaults.enabled = false", "", "disabled", "enabled = true")]
    [InlineData("pipeline.routes.a.stroe {}", "1:19", "pipeline.routes.a.stroe", "store")]
    [InlineData("pipeline.routes.a.store.endpiont = x", "1:25", "endpiont", "endpoint")]
    [InlineData("pipelin.upload.slots = 1", "1:1", "pipelin", "pipeline")]
    [InlineData("pipeline.node.name = ${NO_SUCH_VARIABLE}", "1:22", "NO_SUCH_VARIABLE", "")]
    [InlineData("pipeline.upload.slots = 4\npipeline.upload {", "2:17", "", "")]
    [InlineData("include required(\"missing.conf\")", "1:", "missing.conf", "")]
    public void A_wrong_value_is_shown_with_file_line_column_and_what_would_be_right(string text, string place, string problem, string cure)
    {
        File.WriteAllText(file, text);

        var error = Assert.Throws<ConfigurationException>(() => Read());

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(cure, error.Message, StringComparison.Ordinal);

        // A default that another value makes wrong stands in the reference.
        Assert.StartsWith(place.Length == 0 ? "reference.conf:" : $"{file}:{place}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("word", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 4, true)]
    [InlineData("pipeline.upload.parts-at-once = auto", 4, true)]
    [InlineData("pipeline.upload.parts-at-once = 9", 9, false)]
    [InlineData("pipeline.upload.parts-at-once = \"9\"", 9, false)]
    public void Parts_at_once_are_a_number_or_as_many_as_fill_the_line(string text, int parts, bool more)
    {
        File.WriteAllText(file, text);

        var uploads = Read().Settings.Uploads;

        Assert.Equal((parts, more), (uploads.PartsAtOnce, uploads.MoreParts));
    }

    [Fact]
    public void Flags_win_over_environment_over_file_over_reference()
    {
        File.WriteAllText(file, "pipeline.route-defaults { scan-interval = 11s, stable-after = 12s, source = from-file }\npipeline.store { region = file-region }");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["S3_UPLOAD_INTERVAL"] = "21", ["FILE_STABILITY_SECONDS"] = "22", ["S3_ROOT_DIR"] = "from-environment", ["AWS_REGION"] = "environment-region",
        };

        var byFile = Single(Read());
        Assert.Equal((11, 12, "from-file", "file-region"), byFile);
        var byEnvironment = Single(Read(environment: environment));
        Assert.Equal((21, 22, "from-environment", "environment-region"), byEnvironment);
        var byFlags = Single(Read(new Overrides(Source: "from-flag", ScanIntervalSeconds: "31", StableAfterSeconds: "32.5", Region: "flag-region"), environment));
        Assert.Equal((31, 32.5, "from-flag", "flag-region"), byFlags);

        static (double, double, string?, string?) Single(NodeConfiguration configuration)
        {
            var route = Assert.Single(configuration.Routes);
            return (route.Settings.ScanInterval.TotalSeconds, route.Settings.StableAfter.TotalSeconds, Path.GetFileName(route.Settings.Source.Folder), route.S3!.Region);
        }
    }

    [Fact]
    public void Flags_and_environment_reach_every_named_route_and_its_own_store()
    {
        File.WriteAllText(file, "pipeline.routes { a { source = a, scan-interval = 1s, store { endpoint = \"http://own:1\" } }, b { source = b } }");

        var configuration = Read(new Overrides(ScanIntervalSeconds: "5", Endpoint: "http://flag:2"));

        Assert.All(configuration.Routes, route => Assert.Equal((TimeSpan.FromSeconds(5), new Uri("http://flag:2")), (route.Settings.ScanInterval, route.S3!.Endpoint)));
        var error = Assert.Throws<ConfigurationException>(() => Read(new Overrides(Source: "c")));
        Assert.Contains("flag --dir", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_of_its_own_store_falls_back_key_by_key()
    {
        File.WriteAllText(file, "pipeline { store { region = general, checksum = md5 }, routes { a { source = a, store { region = own } }, b { source = b } } }");

        var routes = Read().Routes;

        Assert.Equal(["own", "general"], routes.Select(route => route.S3!.Region));
        Assert.All(routes, route => Assert.Equal(Storage.S3.ChecksumMode.Md5, route.S3!.Checksum));
    }

    [Theory]
    [InlineData("S3_UPLOAD_INTERVAL", "soon")]
    [InlineData("FILE_STABILITY_SECONDS", "-1")]
    [InlineData("FILE_STABILITY_SECONDS", "0")]
    public void A_wrong_environment_variable_is_named(string name, string value)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(environment: new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value }));

        Assert.StartsWith($"environment {name}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unset_and_an_empty_environment_variable_are_the_same()
    {
        var empty = new Dictionary<string, string>(StringComparer.Ordinal) { ["S3_UPLOAD_INTERVAL"] = "", ["S3_ROOT_DIR"] = "", ["AWS_REGION"] = "", ["FILE_STABILITY_SECONDS"] = "" };

        Assert.Equal(TimeSpan.FromSeconds(60), Assert.Single(Read(environment: empty).Routes).Settings.ScanInterval);
    }

    public void Dispose() => File.Delete(file);

    private NodeConfiguration Read(Overrides? overrides = null, Dictionary<string, string>? environment = null) =>
        ConfigurationReader.Read(file, overrides ?? new Overrides(), once: false, name => environment?.GetValueOrDefault(name));
}
