namespace Akka.Pipeline.Node.Tests.Refusing;

using Akka.Pipeline.Node.Tests.Programs;

/// <summary>Exit code 2, and a message that names the thing, the place and the cure.</summary>
public sealed class Wrong_usage : NodeTest
{
    [Theory]
    [InlineData("run --onec", "--onec", "pipeline run --help")]
    [InlineData("runn", "runn", "pipeline --help")]
    [InlineData("", "Name a command", "pipeline --help")]
    [InlineData("run --once --interval soon", "--interval", "number of seconds")]
    [InlineData("run --once --endpoint ftp://127.0.0.1", "flag --endpoint", "https://s3.example.com")]
    [InlineData("run --once -c missing.conf", "missing.conf", "")]
    [InlineData("run --once --dir nowhere", "nowhere", "")]
    [InlineData("sandbox --listen nowhere", "--listen", "127.0.0.1:9100")]
    [InlineData("files", "There is no ledger", "Run the pipeline first")]
    [InlineData("files --route shots", "There is no route 'shots'", "default")]
    public async Task It_ends_with_exit_code_2_and_says_what_would_be_right(string arguments, string problem, string cure)
    {
        var run = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.Exits(2).Says(problem, cure);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("pipeline {\n  upload {\n    slotz = 4\n  }\n}", "pipeline.conf:3:5", "pipeline.upload.slotz", "did you mean 'slots'?")]
    [InlineData("pipeline.upload.slots = many", "pipeline.conf:1:25", "pipeline.upload.slots", "number")]
    [InlineData("pipeline.route-defaults.stable-after = 2", "pipeline.conf:1:40", "stable-after", "has no unit")]
    [InlineData("pipeline.routes { shots { source = }", "pipeline.conf:1:36", "", "")]
    [InlineData("pipeline.routes.shots.target = \"s3://distributed_colony\"", "pipeline.conf:1:32", "distributed_colony", "s3://distributed-colony")]
    [InlineData("pipeline.node.data = output/s3/data", "pipeline.conf:1:22", "inside the source", "outside of every source")]
    public async Task A_wrong_configuration_is_shown_with_its_place(string text, string place, string problem, string cure)
    {
        await File.WriteAllTextAsync(Path.Combine(Root, "pipeline.conf"), text);

        (await OnceAsync()).Exits(2).Says(place, problem, cure);

        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task A_missing_source_is_named_with_what_to_do()
    {
        Directory.Delete(Source);

        (await OnceAsync()).Exits(2).Says("Route default", Source);
    }

    [Fact]
    public async Task A_source_that_is_a_file_is_refused()
    {
        Directory.Delete(Source);
        await File.WriteAllTextAsync(Source, "a file");

        (await OnceAsync()).Exits(2).Says(Source);
    }

    [Fact]
    public async Task Without_credentials_it_ends_with_exit_code_3_and_says_what_to_do()
    {
        Environment.Remove("AWS_ACCESS_KEY_ID");
        Environment.Remove("AWS_SECRET_ACCESS_KEY");
        Write($"{Bucket}/stays", "stays");

        (await OnceAsync()).Exits(3).Says("AWS_ACCESS_KEY_ID", "aws configure");

        Assert.Equal(0, Sandbox.Statistics.Total);
        Assert.Single(Left());
    }

    [Fact]
    public async Task A_wrong_secret_key_ends_with_exit_code_3_and_says_what_to_do()
    {
        Environment["AWS_SECRET_ACCESS_KEY"] = "a-wrong-secret-that-must-not-be-shown";
        Write($"{Bucket}/stays", "stays");

        (await OnceAsync("--json")).Exits(3).Says("secret key", "Set AWS_ACCESS_KEY_ID");

        Assert.Single(Left());
    }

    [Fact]
    public async Task A_daemon_with_a_wrong_secret_key_ends_as_well()
    {
        Environment["AWS_SECRET_ACCESS_KEY"] = "a-wrong-secret-that-must-not-be-shown";
        Write($"{Bucket}/stays", "stays");
        await using var daemon = StartDaemon();

        (await daemon.EndAsync()).Exits(3).Says("secret key");

        Assert.Single(Left());
    }
}
