namespace Akka.Pipeline.Core.Tests;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>Plain values that the tests build on.</summary>
internal static class Facts
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    public static readonly long NoonNs = UnixNs(Noon);
    public static readonly Failure Refused = new(FailureScope.Bucket, FailureNature.Lasting, "NoSuchBucket", "There is no bucket 'b'.", "Create it.");
    public static readonly RouteSettings Route = new(
        "shots",
        new SourceSettings("/in", ["**"], [], 0, null, TimeSpan.Zero, null, false, true),
        new FixedBucket("b", "", KeyTemplate.Path),
        TimeSpan.FromSeconds(60),
        TimeSpan.FromSeconds(2),
        DedupeMode.Checksum,
        ConflictMode.SetAside,
        AfterUpload.Delete,
        null,
        false,
        new ObjectSettings(null, null, null, null, new Dictionary<string, string>(StringComparer.Ordinal)));

    public static long UnixNs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    public static Fingerprint Version(int n) => new(100 + n, NoonNs - (1_000_000_000L * 60) + n, 1, 7);

    public static FileSighting Seen(int version, string path = "a") => new(path, Version(version), NoonNs - 1);

    public static StoredVersion Stored(int version, string key = "a") =>
        new(Version(version), "store", new ObjectAddress("b", key), $"etag{version}", DigestSet.Unknown, null, Noon);

    public static LedgerEntry Entry(int version, FileProgress progress, Trouble? trouble = null, StoredVersion? stored = null) =>
        new("shots", "a", Version(version), progress, stored, trouble, Noon);
}
