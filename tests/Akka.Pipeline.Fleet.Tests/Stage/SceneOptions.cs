namespace Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>How large a scene is.</summary>
/// <param name="Nodes">How many at once.</param>
/// <param name="Files">Small files.</param>
/// <param name="Large">Large files.</param>
/// <param name="LargeBytes">Length of each.</param>
/// <param name="SessionTimeout">Of the nodes.</param>
/// <param name="Pause">Between two blows (kills, freezes), and how long an outage takes.</param>
/// <param name="Seed">Of contents and choices.</param>
/// <param name="Limit">For all of the work.</param>
/// <param name="Work">Where the folders of the run are made.</param>
internal sealed record SceneOptions(int Nodes, int Files, int Large, long LargeBytes, TimeSpan SessionTimeout, TimeSpan Pause, int Seed, TimeSpan Limit, string Work)
{
    private static readonly TimeSpan EverydayTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Small batches, so that there are enough of them for few files.</summary>
    public bool IsSmall => Files < 10_000 && LargeBytes < 256 << 20;

    public long PartSizeBytes => IsSmall ? 5L << 20 : 8L << 20;

    public long MultipartFromBytes => IsSmall ? 8L << 20 : 16L << 20;

    /// <summary>Limit of each node in bytes a second; null for none.</summary>
    public long? BandwidthBytes { get; init; }

    /// <summary>How long the store takes before it answers a write, so that little work lasts as long as a blow needs.</summary>
    public TimeSpan StoreLatency { get; init; }

    /// <summary>How long a node that is told to go may finish what is under way.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long before its end a machine is told of it; null where the nodes are on no such machines.</summary>
    public TimeSpan? Notice { get; init; }

    /// <summary>Whether the audit trail is printed at the end.</summary>
    public bool ShowsAudit { get; init; }

    /// <summary>How long a request may make no progress.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>With the timeouts of everyday use: where nobody dies a slow machine must not look like a dead one.</summary>
    public SceneOptions Patient() => this with { SessionTimeout = EverydayTimeout, RequestTimeout = EverydayTimeout };

    public override string ToString() => $"{Nodes} nodes, {Files} files and {Large} of {LargeBytes >> 20} MiB, session {SessionTimeout.TotalSeconds:0.#} s, seed {Seed}";
}
