namespace Akka.Pipeline.Node.Tests.Inspecting;

using System.Text.RegularExpressions;
using Akka.Pipeline.Node.Tests.Programs;

public sealed partial class The_sandbox : NodeTest
{
    [Fact]
    public async Task Run_with_sandbox_makes_samples_and_shows_them_as_files()
    {
        Directory.Delete(Path.Combine(Root, "output"), recursive: true);
        Environment.Remove("AWS_ACCESS_KEY_ID");
        Environment.Remove("AWS_SECRET_ACCESS_KEY");

        (await RunAsync("run", "--once", "--sandbox")).Exits(0).Says("Sandbox: S3 at http://127.0.0.1:", "Stored 26 files");

        Assert.Empty(Left());
        Assert.Equal(24, Directory.GetFiles(Path.Combine(Data, "sandbox", "demo-renders", "shot-010")).Length);
        Assert.Equal(24 << 20, new FileInfo(Path.Combine(Data, "sandbox", "demo-logs", "simulation.bin")).Length);
    }

    [Fact]
    public async Task The_sandbox_of_its_own_says_how_to_use_it_and_takes_what_run_sends()
    {
        await using var server = Start(["sandbox", "--listen", "127.0.0.1:0", "--root", Path.Combine(Root, "store")]);
        await server.SaysAsync("--endpoint-url");
        var said = server.Errors;
        Environment["AWS_ACCESS_KEY_ID"] = AccessKeyIn().Match(said).Groups["value"].Value;
        Environment["AWS_SECRET_ACCESS_KEY"] = SecretKeyIn().Match(said).Groups["value"].Value;
        Write($"{Bucket}/folder/file", "content");

        (await RunAsync("run", "--once", "--endpoint", EndpointIn().Match(said).Groups["value"].Value)).Exits(0);

        Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(Root, "store", Bucket, "folder", "file")));
        await server.TerminateAsync();
        (await server.EndAsync()).Exits(0);
    }

    [GeneratedRegex("AWS_ACCESS_KEY_ID=(?<value>\\S+)", RegexOptions.CultureInvariant)]
    private static partial Regex AccessKeyIn();

    [GeneratedRegex("AWS_SECRET_ACCESS_KEY=(?<value>\\S+)", RegexOptions.CultureInvariant)]
    private static partial Regex SecretKeyIn();

    [GeneratedRegex("run --endpoint (?<value>\\S+)", RegexOptions.CultureInvariant)]
    private static partial Regex EndpointIn();
}
