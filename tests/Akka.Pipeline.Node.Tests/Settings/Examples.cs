namespace Akka.Pipeline.Node.Tests.Settings;

using System.Reflection;
using Akka.Pipeline.Node.Settings;

/// <summary>The example configurations of deploy/ are read as a node reads them.</summary>
public sealed class Examples : IDisposable
{
    private const string Database = "postgres://node:secret@db.example/fleet";

    private static readonly string Deploy = Path.Combine(
        typeof(Examples).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Root").Value!, "deploy");

    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-examples-").FullName;

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        foreach (var file in Paths())
        {
            files.Add(file);
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void An_example_is_valid_and_shares_its_routes(string example)
    {
        // Where a container has its secret the test has none.
        var secret = Path.Combine(folder, "database.conf");
        File.WriteAllText(secret, $"pipeline.fleet.database = \"{Database}\"\n");
        var copy = Path.Combine(folder, "pipeline.conf");
        File.WriteAllText(copy, File.ReadAllText(Path.Combine(Deploy, example)).Replace("/run/secrets/database.conf", secret, StringComparison.Ordinal));

        var read = ConfigurationReader.Read(copy, new Overrides(), once: false, name => name == "PIPELINE_DATABASE" ? Database : null);

        Assert.NotNull(read.Fleet);
        Assert.NotEmpty(read.Routes);
        Assert.All(read.Routes, route => Assert.True(route.IsShared, $"Route {route.Settings.Name} of {example} is no shared one."));
    }

    [Fact]
    public void There_are_examples_to_read() => Assert.Equal(["cdk/pipeline.example.conf", "docker/pipeline.conf"], Paths());

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static IReadOnlyList<string> Paths() =>
    [
        .. Directory.EnumerateFiles(Deploy, "*.conf", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Deploy, file))
            .Where(file => !file.Contains("node_modules", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];
}
