namespace Akka.Pipeline.Node.Running;

/// <summary>What the program tells its caller.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Some files failed; they are listed, and kept.</summary>
    public const int SomeFailed = 1;

    /// <summary>Wrong usage or configuration, or something that the program needs to start is broken; the message says what to do.</summary>
    public const int Wrong = 2;

    /// <summary>No valid credentials; the message says what to do.</summary>
    public const int NoCredentials = 3;

    /// <summary>A second signal asked to stop at once (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
