namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Node.Settings;

/// <summary>What `pipeline run` was asked to do.</summary>
public sealed record RunOptions(string? ConfigurationFile, Overrides Overrides, bool Once, bool DryRun, bool Sandbox, bool Json, bool Background);
