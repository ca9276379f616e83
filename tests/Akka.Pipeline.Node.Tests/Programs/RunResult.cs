namespace Akka.Pipeline.Node.Tests.Programs;

using System.Text.Json;

/// <summary>How a run of the program ended, and all that it said.</summary>
public sealed record RunResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The objects that `--json` wrote to stdout, a line each. That every line parses is part of the promise.</summary>
    public IReadOnlyList<JsonElement> Json => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Fails with all that was said unless the exit code is this.</summary>
    public RunResult Exits(int code)
    {
        Assert.True(ExitCode == code, $"Exit code {ExitCode} instead of {code}.\n--- stderr\n{Errors}--- stdout\n{Output}---");
        return this;
    }

    /// <summary>Fails unless each text stands on stderr.</summary>
    public RunResult Says(params string[] texts)
    {
        foreach (var text in texts)
        {
            Assert.True(Errors.Contains(text, StringComparison.Ordinal), $"It does not say '{text}'.\n--- stderr\n{Errors}--- stdout\n{Output}---");
        }

        return this;
    }

    /// <summary>Fails unless each text stands on stdout.</summary>
    public RunResult Shows(params string[] texts)
    {
        foreach (var text in texts)
        {
            Assert.True(Output.Contains(text, StringComparison.Ordinal), $"It does not show '{text}'.\n--- stderr\n{Errors}--- stdout\n{Output}---");
        }

        return this;
    }
}
