namespace Akka.Pipeline.Core.Fleet;

/// <summary>A node's session. Later sessions have greater numbers, whatever their node: the number is the epoch that fences.</summary>
public readonly record struct SessionId(long Epoch);

/// <summary>Who joins.</summary>
/// <param name="Name">The node's name (pipeline.node.name).</param>
/// <param name="Host">The machine.</param>
/// <param name="ProcessId">Its process there.</param>
public sealed record NodeIdentity(string Name, string Host, long ProcessId);

/// <summary>A session that began.</summary>
/// <param name="Id">Its id.</param>
/// <param name="GoodFor">How long it lives, counted by the caller's monotonic clock from before it asked.</param>
public sealed record SessionGrant(SessionId Id, TimeSpan GoodFor);

/// <summary>The answer to a renewal.</summary>
/// <param name="Alive">False: the session has ended and nothing is held any more.</param>
/// <param name="GoodFor">How long it lives now, counted by the caller's monotonic clock from before it asked; zero when it has ended.</param>
/// <param name="Draining">It was told to drain.</param>
public sealed record Renewal(bool Alive, TimeSpan GoodFor, bool Draining);

/// <summary>What a node says of its speed; for display.</summary>
public sealed record NodeRates(double FilesPerSecond, double BytesPerSecond);

/// <summary>Whether a node is there.</summary>
public enum NodeState
{
    /// <summary>It renews.</summary>
    Up,

    /// <summary>It finishes what it holds and takes nothing more.</summary>
    Draining,

    /// <summary>It left by itself.</summary>
    Left,

    /// <summary>Its time was over without a renewal.</summary>
    Expired,
}

/// <summary>A session for `pipeline nodes`.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Node">Whose.</param>
/// <param name="State">Whether it is there.</param>
/// <param name="JoinedAt">When it began.</param>
/// <param name="RenewedAt">When it last renewed.</param>
/// <param name="EndedAt">When it ended, if it was ended.</param>
/// <param name="Rates">What it said last.</param>
/// <param name="Batches">Batches that it holds.</param>
/// <param name="Files">Files in them.</param>
/// <param name="Bytes">Their size in bytes.</param>
/// <param name="Parts">Parts that it holds.</param>
/// <param name="Routes">Routes that it walks.</param>
public sealed record NodeReport(
    SessionId Session,
    NodeIdentity Node,
    NodeState State,
    DateTimeOffset JoinedAt,
    DateTimeOffset RenewedAt,
    DateTimeOffset? EndedAt,
    NodeRates Rates,
    long Batches,
    long Files,
    long Bytes,
    long Parts,
    IReadOnlyList<string> Routes);

/// <summary>What became of a call on behalf of a session.</summary>
public enum FleetOutcome
{
    /// <summary>It is done and durable.</summary>
    Done,

    /// <summary>The session has ended: nothing was done, and nothing that it held is its own any more.</summary>
    SessionEnded,

    /// <summary>The session lives, but has given a claim back that the call needs, or the scan lease is not its own: nothing was done.</summary>
    ClaimLost,
}

/// <summary>The answer to a claim.</summary>
/// <param name="Alive">False: the session has ended.</param>
/// <param name="Items">What was claimed.</param>
public sealed record Claimed<T>(bool Alive, IReadOnlyList<T> Items);

/// <summary>All that a session holds.</summary>
public sealed record Holdings(IReadOnlyList<BatchClaim> Batches, IReadOnlyList<PartClaim> Parts);

/// <summary>What may be new.</summary>
[Flags]
public enum FleetNews
{
    None = 0,

    /// <summary>Batches wait.</summary>
    Batches = 1,

    /// <summary>Parts wait, or were finished.</summary>
    Parts = 2,

    /// <summary>A session ended: its scan leases are free.</summary>
    Sessions = 4,

    /// <summary>All of it: the connection was lost meanwhile.</summary>
    Anything = Batches | Parts | Sessions,
}
