namespace Akka.Pipeline.Storage.S3;

/// <summary>How the integrity of what is sent is proved to the store.</summary>
public enum ChecksumMode
{
    /// <summary>CRC-32C for AWS's own endpoints, MD5 for any other.</summary>
    Auto,

    /// <summary>x-amz-checksum-crc32c, which the store must echo; multipart uploads carry a checksum of the whole object.</summary>
    Crc32C,

    /// <summary>Content-MD5, and the ETag compared; understood by every S3-compatible store.</summary>
    Md5,

    /// <summary>x-amz-checksum-sha256, which the store must echo; of several parts each one has its own.</summary>
    Sha256,
}

/// <summary>Who sees to it that a conditional write depends on its condition.</summary>
public enum ConditionSupport
{
    /// <summary>AWS is trusted. Any other store is tried out once for PUT (see <see cref="S3ObjectStore"/>), and not trusted for CompleteMultipartUpload.</summary>
    Auto,

    /// <summary>The store does, atomically.</summary>
    Native,

    /// <summary>We look first and write then: two writers at the same instant may both write.</summary>
    Emulated,
}

/// <summary>Who sends the two requests that carry bytes, PutObject and UploadPart.</summary>
public enum DataPlane
{
    /// <summary>Our own connections; buckets that are not signed for with Signature Version 4, and stores behind a proxy, go through the AWS SDK all the same.</summary>
    Direct,

    /// <summary>The AWS SDK, as for all other requests.</summary>
    Sdk,
}

/// <summary>How to talk to one S3 store.</summary>
public sealed record S3StoreSettings
{
    /// <summary>http or https URL of an S3-compatible store, or null for AWS itself.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Region, or null to find out (see <see cref="S3Access.ResolveAsync"/>).</summary>
    public string? Region { get; init; }

    /// <summary>Name of a profile of the shared AWS configuration, or null for the usual chain.</summary>
    public string? Profile { get; init; }

    /// <summary>The bucket stands in the path instead of the host name; null: yes for an <see cref="Endpoint"/> that is not AWS's.</summary>
    public bool? PathStyle { get; init; }

    public ChecksumMode Checksum { get; init; }

    public ConditionSupport ConditionalPut { get; init; }

    public ConditionSupport ConditionalComplete { get; init; }

    public DataPlane DataPlane { get; init; }

    /// <summary>
    /// The signature of <see cref="DataPlane.Direct"/> covers the body itself with a SHA-256, so that nobody on an http line can exchange it for another one of the same checksum.
    /// Without, it covers the checksum. (The SDK does it over http and not over https, whatever is said here.)
    /// </summary>
    public bool SignPayload { get; init; }

    /// <summary>How long establishing a connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request may go without any progress: no byte of its body taken, no answer. It bounds stalls, not the length of a large upload.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections open at once, 1 or more; further requests wait for one.</summary>
    public int MaximumConnections { get; init; } = 256;

    /// <summary>Whether the endpoint is AWS's own.</summary>
    public bool IsAws => Endpoint is null || IsAwsHost(Endpoint.IdnHost);

    /// <summary>What <see cref="Checksum"/> comes to.</summary>
    public ChecksumMode EffectiveChecksum => Checksum != ChecksumMode.Auto ? Checksum : IsAws ? ChecksumMode.Crc32C : ChecksumMode.Md5;

    /// <summary>For messages: never with credentials, even if the URL has some.</summary>
    public string Describe(string region) => Endpoint is null ? $"AWS S3 ({region})" : $"s3://{Endpoint.Authority}";

    // docs.aws.amazon.com/general/latest/gr/s3.html, 2026-11
    private static bool IsAwsHost(string host) =>
        host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".api.aws", StringComparison.OrdinalIgnoreCase);
}
