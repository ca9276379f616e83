namespace Akka.Pipeline.Sandbox;

using System.Security.Cryptography.X509Certificates;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Settings of a <see cref="SandboxServer"/>.</summary>
public sealed record SandboxOptions
{
    /// <summary>Folder that holds a folder for each bucket, and `.sandbox` with what the server remembers. Made when missing. Not used in <see cref="NullMode"/>.</summary>
    public string RootFolder { get; init; } = "";

    /// <summary>Host name or address to listen on: an IP address, `localhost`, or `*` for all.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 takes a free one, to be read from <see cref="SandboxServer.Endpoint"/>.</summary>
    public int Port { get; init; }

    /// <summary>The one access key id that is known.</summary>
    public string AccessKey { get; init; } = "AKIASANDBOX";

    /// <summary>The secret that goes with <see cref="AccessKey"/>.</summary>
    public string SecretKey { get; init; } = "sandbox-secret-key";

    /// <summary>Session tokens that are taken with the key. A token that is not in the list is refused with InvalidToken; a request without a token is always taken.</summary>
    public IReadOnlyCollection<string> SessionTokens { get; init; } = [];

    /// <summary>Region that buckets are said to be in.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Whether a signature made for another region than <see cref="Region"/> is refused. Otherwise every region is taken.</summary>
    public bool StrictRegion { get; init; }

    /// <summary>Whether the first write to an unknown bucket with a valid name makes the bucket.</summary>
    public bool CreateBucketsOnDemand { get; init; }

    /// <summary>Host names besides <see cref="Host"/> and `localhost` under which `bucket.name` names a bucket.</summary>
    public IReadOnlyList<string> VirtualHosts { get; init; } = [];

    /// <summary>Certificate with its private key; with one the server speaks https only.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// For benchmarks: bodies are read, hashed and checked, and thrown away. Buckets and what is known of objects are in memory only,
    /// and reading an object's body is answered by 501.
    /// </summary>
    public bool NullMode { get; init; }

    /// <summary>
    /// For benchmarks, with <see cref="NullMode"/>: costs as little as it can. Signatures are not looked at; checksums and Content-MD5 are taken as the client says them.
    /// A body about which only its SHA-256 is said gets its true MD5 as entity tag, one about which nothing is said a made-up one.
    /// </summary>
    public bool BelievesClients { get; init; }

    /// <summary>Whether a write is answered only after the data was flushed to the disk. Off: a write survives the end of the process, not a power loss.</summary>
    public bool FlushToDisk { get; init; }

    /// <summary>Whether `/_sandbox/faults` and `/_sandbox/statistics` are served, to anyone and unsigned.</summary>
    public bool ControlEndpoint { get; init; }

    /// <summary>How many of the last requests <see cref="SandboxStatistics"/> remembers; 0 or more.</summary>
    public int RecentRequests { get; init; } = 1000;

    /// <summary>
    /// Called with each object that was written, before the answer and before the next write to its bucket: for tests that must see every version. It must
    /// not ask the server for anything. Not called in <see cref="NullMode"/>.
    /// </summary>
    public Action<SandboxWrite>? Written { get; init; }

    /// <summary>Smallest size of a part that is not the last, in bytes (AWS: 5 MiB). Lower it to keep tests small.</summary>
    public long MinPartSizeBytes { get; init; } = 5L << 20;

    /// <summary>The clock by which signatures age and objects are dated.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal Action<ObjectRecord, string>? Told(S3Request request) => Written is { } written
        ? (record, file) => written(new SandboxWrite(request.Bucket, record.Key, file, request.Faults.Rule?.Fault))
        : null;

    /// <inheritdoc />
    public override string ToString() => $"{nameof(SandboxOptions)} {{ RootFolder = {RootFolder}, Host = {Host}, Port = {Port}, AccessKey = {AccessKey} }}";
}

/// <summary>An object that was written.</summary>
/// <param name="File">Full path of the file with its bytes, until <see cref="SandboxOptions.Written"/> returns.</param>
/// <param name="Fault">The fault that hit the request.</param>
public sealed record SandboxWrite(string Bucket, string Key, string File, FaultKind? Fault);
