namespace Akka.Pipeline.Sandbox.Tests;

using System.Diagnostics;

/// <summary>The `aws` command of Debian: a client that this project did not write.</summary>
public sealed class AwsCommandTests : SandboxTest
{
    private const string Command = "/usr/bin/aws";

    [Fact]
    public async Task The_aws_command_copies_lists_and_syncs()
    {
        Assert.True(File.Exists(Command), $"{Command} is missing. Install it: apt-get install awscli (the ./test script does).");
        var source = Path.Combine(Root, ".sandbox", "client");
        Directory.CreateDirectory(Path.Combine(source, "in", "deep folder"));
        await File.WriteAllBytesAsync(Path.Combine(source, "in", "small +%é.bin"), Bytes(1000));
        await File.WriteAllBytesAsync(Path.Combine(source, "in", "deep folder", "large.bin"), Bytes(20 << 20));

        await RunAsync("s3", "mb", "s3://made-by-aws");
        await RunAsync("s3", "cp", Path.Combine(source, "in", "small +%é.bin"), "s3://made-by-aws/one/small +%é.bin", "--no-progress");
        await RunAsync("s3", "sync", Path.Combine(source, "in"), "s3://made-by-aws/all", "--no-progress");
        Assert.True(Server.Statistics.Count(S3Operation.UploadPart) >= 2);
        var list = await RunAsync("s3", "ls", "s3://made-by-aws", "--recursive");
        Assert.Contains("20971520 all/deep folder/large.bin", list, StringComparison.Ordinal);
        Assert.Contains("1000 one/small +%é.bin", list, StringComparison.Ordinal);

        await RunAsync("s3", "sync", "s3://made-by-aws/all", Path.Combine(source, "out"), "--no-progress");
        foreach (var name in new[] { "small +%é.bin", Path.Combine("deep folder", "large.bin") })
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(source, "in", name)), await File.ReadAllBytesAsync(Path.Combine(source, "out", name)));
        }

        await RunAsync("s3", "rm", "s3://made-by-aws", "--recursive");
        await RunAsync("s3", "rb", "s3://made-by-aws");
        Assert.False(Directory.Exists(Path.Combine(Root, "made-by-aws")));
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Command, [.. arguments, "--endpoint-url", Server.Endpoint.ToString().TrimEnd('/')])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AWS_ACCESS_KEY_ID"] = Options.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = Options.SecretKey;
        start.Environment["AWS_DEFAULT_REGION"] = "eu-west-1";
        start.Environment["AWS_CONFIG_FILE"] = "/dev/null";
        start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var name in new[] { "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy" })
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"aws {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
        return await output;
    }
}
