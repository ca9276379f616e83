namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// Refuses to start where this process may open too few files. It could not even load its own parts when it comes to need them, and a type of .NET that failed to load once
/// stays unusable until the end of the process, so waiting would not help either.
/// </summary>
public static class HandleCheck
{
    /// <summary>Without this much the program cannot read its configuration (measured with .NET 10: 50 to 60).</summary>
    private const int ForAnything = 128;

    /// <summary>The runtime, the parts of the program, ledger, walks, watches and removals (measured with .NET 10: about 230 and 50).</summary>
    private const int ForRunning = 384;

    /// <summary>What is wrong with the limit for any command, or null.</summary>
    public static string? ProblemForAnything() => OpenFileLimit.Current < ForAnything ? Explain(ForAnything, "") : null;

    /// <exception cref="ConfigurationException">The limit is too low for what is configured.</exception>
    public static void CheckForRunning(NodeConfiguration configuration)
    {
        var needed = ForRunning + configuration.Settings.Uploads.Slots + configuration.RequestsAtOnce;
        if (OpenFileLimit.Current < needed)
        {
            throw new ConfigurationException(Explain(needed, $", or lower pipeline.upload.slots ({configuration.Settings.Uploads.Slots}) and requests-at-once ({configuration.RequestsAtOnce})"));
        }
    }

    private static string Explain(int needed, string orElse) =>
        $"This process may have {OpenFileLimit.Current} files open at once, and it needs {needed}. Raise the limit (ulimit -Hn, LimitNOFILE= in the systemd unit, or --ulimit nofile= of the container){orElse}.";
}
