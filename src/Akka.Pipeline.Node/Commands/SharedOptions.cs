namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using Akka.Pipeline.Node.Settings;

/// <summary>Options that several commands understand.</summary>
internal sealed class SharedOptions
{
    public Option<string?> File { get; } = new("--config", "-c") { Description = "Configuration file (HOCON). Without it: pipeline.conf in this folder, if there is one.", HelpName = "FILE.conf" };

    public Option<string?> Data { get; } = new("--data") { Description = "Data folder: ledger and lock. Default: data.", HelpName = "DIR" };

    public Option<bool> Json { get; } = new("--json") { Description = "Machine-readable output on stdout." };

    public Option<string?> Region { get; } = new("--region", "-r") { Description = "AWS region.", HelpName = "REGION" };

    public Option<string?> Profile { get; } = new("--profile", "-p") { Description = "AWS profile.", HelpName = "PROFILE" };

    public Option<string?> Endpoint { get; } = new("--endpoint") { Description = "URL of an S3-compatible store, for all targets.", HelpName = "URL" };

    public void AddTo(Command command, bool withStore)
    {
        command.Add(File);
        command.Add(Data);
        command.Add(Json);
        if (withStore)
        {
            command.Add(Region);
            command.Add(Profile);
            command.Add(Endpoint);
        }
    }

    public Overrides Overrides(ParseResult parsed) => new(
        Region: Value(parsed, Region), Profile: Value(parsed, Profile), Endpoint: Value(parsed, Endpoint), DataFolder: parsed.GetValue(Data));

    public NodeConfiguration Read(ParseResult parsed) =>
        ConfigurationReader.Read(parsed.GetValue(File), Overrides(parsed), once: false, Environment.GetEnvironmentVariable);

    private static string? Value(ParseResult parsed, Option<string?> option) => parsed.GetResult(option) is null ? null : parsed.GetValue(option);
}
