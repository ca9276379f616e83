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

    private const int FewestAtOnce = 4;

    /// <summary>What is wrong with the limit for any command, or null.</summary>
    public static string? ProblemForAnything() => OpenFileLimit.Current < ForAnything ? Explain(ForAnything) : null;

    /// <summary>What is configured, with fewer slots and requests where more of them would need more files than this process may open.</summary>
    /// <exception cref="ConfigurationException">The limit is too low for any run.</exception>
    public static NodeConfiguration Fit(NodeConfiguration configuration) => Fit(configuration, OpenFileLimit.Current);

    internal static NodeConfiguration Fit(NodeConfiguration configuration, long limit)
    {
        if (limit < ForRunning + (2 * FewestAtOnce))
        {
            throw new ConfigurationException(Explain(ForRunning + (2 * FewestAtOnce)));
        }

        var most = (int)Math.Min(int.MaxValue, (limit - ForRunning) / 2);
        var uploads = configuration.Settings.Uploads;
        return uploads.Slots <= most && configuration.RequestsAtOnce <= most
            ? configuration
            : configuration with
            {
                RequestsAtOnce = Math.Min(configuration.RequestsAtOnce, most),
                Settings = configuration.Settings with { Uploads = uploads with { Slots = Math.Min(uploads.Slots, most) } },
            };
    }

    private static string Explain(int needed) =>
        $"This process may have {OpenFileLimit.Current} files open at once, and it needs {needed}. Raise the limit (ulimit -Hn, LimitNOFILE= in the systemd unit, or --ulimit nofile= of the container).";
}
