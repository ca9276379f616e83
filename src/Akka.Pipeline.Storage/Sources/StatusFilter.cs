namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Posix;

/// <summary>The size and age limits of a route at one moment.</summary>
internal readonly struct StatusFilter(SourceSettings settings, DateTimeOffset now)
{
    // The kernel sets the time of change, so a preserved or invented mtime does not make a fresh file old; "too old" is about what the writer says.
    private readonly long youngestChangedUnixNs = settings.MinimumAge > TimeSpan.Zero ? UnixNs(now - settings.MinimumAge) : long.MaxValue;
    private readonly long oldestModifiedUnixNs = settings.MaximumAge is { } limit ? UnixNs(now - limit) : long.MinValue;
    private readonly long smallestBytes = settings.MinimumSizeBytes;
    private readonly long largestBytes = settings.MaximumSizeBytes ?? long.MaxValue;

    public bool TakesAll => smallestBytes <= 0 && largestBytes == long.MaxValue && youngestChangedUnixNs == long.MaxValue && oldestModifiedUnixNs == long.MinValue;

    public bool Takes(in FileStatus status) =>
        status.SizeBytes >= smallestBytes
        && status.SizeBytes <= largestBytes
        && status.ChangedUnixNs <= youngestChangedUnixNs
        && status.ModifiedUnixNs >= oldestModifiedUnixNs;

    private static long UnixNs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
