namespace Akka.Pipeline.Actors.Flow;

using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Spot;
using Akka.Pipeline.Core.Stores;

/// <summary>What all actors of a node share. Time, chance and I/O come in through it.</summary>
/// <param name="Settings">Of the node.</param>
/// <param name="Ledger">For look-ups; changes go through the ledger actor.</param>
/// <param name="Meters">What was done so far.</param>
/// <param name="Time">The clocks.</param>
/// <param name="Chance">A number from 0 to 1, for jitter.</param>
/// <param name="ContentTypeOf">The MIME type of a file name, or null.</param>
/// <param name="Planned">Told in a dry run what would be done; null otherwise.</param>
public sealed record NodeContext(
    NodeSettings Settings,
    ILedger Ledger,
    TransferMeters Meters,
    TimeProvider Time,
    Func<double> Chance,
    Func<string, string?> ContentTypeOf,
    Action<PlannedUpload>? Planned)
{
    /// <summary>Memory and bandwidth of the node, for all its pipelines.</summary>
    public TransferLimits Limits { get; init; } = new(Settings.Uploads, Time);

    /// <summary>How parts of large files are shared with other nodes; null where they are not.</summary>
    internal IPartSharing? Parts { get; init; }

    /// <summary>A reading of the monotonic clock.</summary>
    public TimeSpan MonotonicNow() => Time.GetElapsedTime(0, Time.GetTimestamp());

    /// <summary>The wall clock.</summary>
    public DateTimeOffset Now() => Time.GetUtcNow();
}

/// <summary>The watch over what the cloud announces for this machine.</summary>
/// <param name="Notices">Where it says so.</param>
/// <param name="Interrupted">Told, from an actor's thread, at most once, that the machine will be taken. The host decides what follows.</param>
public sealed record SpotWatching(IInstanceNotices Notices, Action<Interruption> Interrupted);

/// <summary>What a dry run found.</summary>
public sealed record PlannedUpload(string Route, string Path, long SizeBytes, ObjectAddress? Address, Failure? Failure);

/// <summary>How a node works.</summary>
/// <param name="Once">Empty the sources and end.</param>
/// <param name="OnceWriterWait">With <paramref name="Once"/>: how long to wait for files that somebody still writes.</param>
/// <param name="FileRetry">For files.</param>
/// <param name="BlockageRetry">For what many files share: buckets, stores, sources.</param>
/// <param name="Uploads">How uploads are done.</param>
/// <param name="HeldFiles">How many files a route may hold back at once while they are not finished; further ones wait for the next walk.</param>
/// <param name="RetryPoll">How often the ledger is asked whether an operator wants retries.</param>
public sealed record NodeSettings(
    bool Once,
    TimeSpan OnceWriterWait,
    RetrySchedule FileRetry,
    RetrySchedule BlockageRetry,
    UploadSettings Uploads,
    int HeldFiles,
    TimeSpan RetryPoll);

/// <summary>How uploads are done.</summary>
/// <param name="Slots">Files (or batches of small files) under way at once.</param>
/// <param name="PartsAtOnce">Parts of one large file under way at once.</param>
/// <param name="PartSizeBytes">Wished length of a part; it grows with the file where the store limits the number of parts.</param>
/// <param name="MultipartFromBytes">Files of this length and more go in parts.</param>
/// <param name="BufferBytes">Memory for bodies under way, for the whole node.</param>
/// <param name="BatchFiles">Small files that one slot takes at once.</param>
/// <param name="BatchBytes">Their length together.</param>
/// <param name="BandwidthBytesPerSecond">Limit for the whole node, or null.</param>
/// <param name="MoreParts">More parts of a file than that, when there are fewer large files than would fill the store's requests.</param>
public sealed record UploadSettings(
    int Slots,
    int PartsAtOnce,
    long PartSizeBytes,
    long MultipartFromBytes,
    long BufferBytes,
    int BatchFiles,
    long BatchBytes,
    long? BandwidthBytesPerSecond,
    bool MoreParts = false);

/// <summary>A route with its ports.</summary>
public sealed record RouteContext(RouteSettings Settings, ISourceFolder Source, IObjectStore Store)
{
    public string Name => Settings.Name;

    /// <summary>Other nodes work on the same source.</summary>
    public bool IsShared { get; init; }
}
