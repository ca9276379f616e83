namespace Akka.Pipeline.Sandbox.Protocol;

/// <summary>Bucket and key of a request, from the request line as it was sent: nothing in a key is ever normalised.</summary>
/// <param name="Bucket">Null on the service itself.</param>
/// <param name="Key">Null on a bucket.</param>
/// <param name="CanonicalPath">The path as Signature Version 4 signs it for S3: encoded once.</param>
internal sealed record RequestTarget(string? Bucket, string? Key, string CanonicalPath, QueryParameters Query)
{
    /// <param name="rawTarget">The request target, still encoded, with its query.</param>
    /// <param name="host">The Host header.</param>
    /// <param name="hostSuffixes">Host names under which `bucket.host` names a bucket.</param>
    public static RequestTarget Parse(string rawTarget, string host, IReadOnlyList<string> hostSuffixes)
    {
        var target = rawTarget.AsSpan();
        if (!target.StartsWith("/"))
        {
            var scheme = target.IndexOf("://");
            var slash = scheme < 0 ? -1 : target[(scheme + 3)..].IndexOf('/');
            target = slash < 0 ? "/" : target[(scheme + 3 + slash)..];
        }

        var question = target.IndexOf('?');
        var rawPath = question < 0 ? target : target[..question];
        var query = new QueryParameters(question < 0 ? [] : target[(question + 1)..]);
        var path = UriText.Decode(rawPath, plusIsSpace: false) ?? throw S3Errors.InvalidUri();
        var canonical = UriText.Encode(path, keepSlash: true);

        if (BucketOfHost(host, hostSuffixes) is { } virtualBucket)
        {
            return new(virtualBucket, path.Length > 1 ? path[1..] : null, canonical, query);
        }

        var end = path.IndexOf('/', 1);
        var bucket = end < 0 ? path[1..] : path[1..end];
        var key = end < 0 || end + 1 == path.Length ? null : path[(end + 1)..];
        return new(bucket.Length == 0 && key is null ? null : bucket, key, canonical, query);
    }

    private static string? BucketOfHost(string host, IReadOnlyList<string> hostSuffixes)
    {
        var colon = host.LastIndexOf(':');
        var name = colon > host.LastIndexOf(']') ? host[..colon] : host;
        foreach (var suffix in hostSuffixes)
        {
            if (name.Length > suffix.Length + 1 && name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && name[^(suffix.Length + 1)] == '.')
            {
                return name[..^(suffix.Length + 1)];
            }
        }

        return null;
    }
}
