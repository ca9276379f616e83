namespace Akka.Pipeline.Storage.Tests.Ledgers;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>Values for ledger tests; equal arguments give equal values.</summary>
internal static class LedgerFacts
{
    public const string Store = "https://s3.eu-west-1.amazonaws.com";

    public static readonly Failure SomeFailure = new(FailureScope.File, FailureNature.Lasting, "EACCES", "The file cannot be read.", "Give the right to read it.");

    public static DateTimeOffset Time(int seconds) => new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(seconds);

    public static Fingerprint Version(int number) => new(1_000 + number, 1_700_000_000_123_456_789 + number, 66_306, 4_000_000 + (ulong)number);

    public static string Md5(char digit) => new(digit, 32);

    public static StoredVersion Stored(string key, int version) =>
        new(Version(version), Store, new ObjectAddress("bucket", key), Md5((char)('0' + (version % 10))), new DigestSet(Md5((char)('0' + (version % 10)))), null, Time(version));

    public static FileFailed Failed(string path, int version, int attempts = 1) =>
        new("shots", path, Version(version), new Trouble(attempts, Time(100 + attempts), SomeFailure), SetAside: false, Time(version));

    public static PartFacts Part(int number) => new(number, 8 << 20, Md5((char)('0' + (number % 10))), new DigestSet(Crc32C: $"{number:x8}"));

    public static MultipartProgress Upload(string path, string uploadId) =>
        new("shots", path, Version(1), Store, new ObjectAddress("bucket", "key of big"), "[null]", uploadId, 8 << 20, [], Time(1));

    public static MultipartIntent Intent(string path, int seconds) => new("shots", path, Store, new ObjectAddress("bucket", "key of big"), Time(seconds));
}
