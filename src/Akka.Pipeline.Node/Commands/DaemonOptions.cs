namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using Akka.Pipeline.Node.Settings;

/// <summary>Options of the daemon, in the foreground and in the background.</summary>
internal sealed class DaemonOptions
{
    private readonly Option<string?> source = new("--dir", "-d") { Description = "Source folder. Default: output/s3.", HelpName = "DIR" };
    private readonly Option<string?> interval = new("--interval", "-i") { Description = "Seconds between walks. Default: 60.", HelpName = "SECONDS" };
    private readonly Option<string?> stable = new("--stable", "-s") { Description = "Seconds that a file must not have changed. Default: 2.", HelpName = "SECONDS" };

    public SharedOptions Shared { get; } = new();

    public Option<bool> Sandbox { get; } = new("--sandbox") { Description = "Upload into a local S3 endpoint instead; makes sample files where there is no source." };

    public void AddTo(Command command)
    {
        command.Add(source);
        command.Add(interval);
        command.Add(stable);
        command.Add(Sandbox);
        Shared.AddTo(command, withStore: true);
    }

    public Overrides Overrides(ParseResult parsed) => Shared.Overrides(parsed) with
    {
        Source = parsed.GetValue(source),
        ScanIntervalSeconds = parsed.GetValue(interval),
        StableAfterSeconds = parsed.GetValue(stable),
    };

    /// <summary>The same options as arguments, for a process of its own.</summary>
    public static IReadOnlyList<string> Arguments(ParseResult parsed, Command command) =>
        [.. parsed.Tokens.Select(token => token.Value).SkipWhile(value => !string.Equals(value, command.Name, StringComparison.Ordinal)).Skip(1)];
}
