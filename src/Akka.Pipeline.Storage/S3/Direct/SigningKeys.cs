namespace Akka.Pipeline.Storage.S3.Direct;

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;

/// <summary>A signing key of Signature Version 4, with what it was derived from. Good for one day in one region.</summary>
internal sealed class SigningKey
{
    private readonly string secret;

    public SigningKey(ImmutableCredentials credentials, string day, string region)
    {
        secret = credentials.SecretKey;
        AccessKey = credentials.AccessKey;
        Day = day;
        Scope = $"{day}/{region}/s3/aws4_request";
        Credential = $"{AccessKey}/{Scope}";
        Span<byte> key = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secret), Encoding.UTF8.GetBytes(day), key);
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region), key);
        HMACSHA256.HashData(key, "s3"u8, key);
        HMACSHA256.HashData(key, "aws4_request"u8, key);
        Key = key.ToArray();
    }

    public string AccessKey { get; }

    public string Day { get; }

    /// <summary>Day, region, service and terminator.</summary>
    public string Scope { get; }

    /// <summary>Access key and scope.</summary>
    public string Credential { get; }

    public byte[] Key { get; }

    public bool IsOf(ImmutableCredentials credentials, string day) =>
        string.Equals(Day, day, StringComparison.Ordinal)
        && string.Equals(secret, credentials.SecretKey, StringComparison.Ordinal)
        && string.Equals(AccessKey, credentials.AccessKey, StringComparison.Ordinal);
}

/// <summary>The key in use for each region; another day or other credentials take the place of the last one.</summary>
internal sealed class SigningKeys
{
    private readonly ConcurrentDictionary<string, SigningKey> keys = new(StringComparer.Ordinal);

    public SigningKey For(ImmutableCredentials credentials, string day, string region) =>
        keys.TryGetValue(region, out var key) && key.IsOf(credentials, day) ? key : keys[region] = new SigningKey(credentials, day, region);
}
