namespace Akka.Pipeline.Storage.S3.Direct;

using System.Collections;
using System.Collections.Concurrent;
using System.Net.Http;
using Amazon.Runtime.Endpoints;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>Where the objects of a bucket are written to.</summary>
/// <param name="Origin">Scheme, host and port, without a slash at the end.</param>
/// <param name="Host">As the header Host has it.</param>
/// <param name="PathPrefix">What stands before a key in the path, encoded; begins and ends with a slash.</param>
/// <param name="Region">What signatures name.</param>
internal sealed record BucketEndpoint(string Origin, string Host, string PathPrefix, string Region);

/// <summary>The endpoint of each bucket, by the SDK's own rules, each asked for once; and the regions that stores told of.</summary>
internal sealed class BucketEndpoints(string region, Func<string, AmazonS3Config> configure)
{
    private const int LongestRegion = 32;

    private readonly ConcurrentDictionary<string, Known> buckets = new(StringComparer.Ordinal);

    /// <summary>Null where the rules ask for something else than Signature Version 4 of the service s3 (directory buckets, access points of several regions), and where a proxy is on the way: that is for the SDK.</summary>
    public BucketEndpoint? Of(string bucket) => (buckets.TryGetValue(bucket, out var known) ? known : buckets.GetOrAdd(bucket, b => new Known(Resolve(b, region)))).Endpoint;

    /// <summary>A store named the region of a bucket.</summary>
    /// <returns>Whether another request will be another one than that to <paramref name="refused"/>.</returns>
    public bool Learn(string bucket, BucketEndpoint refused, string told)
    {
        // It becomes part of a host name, so it has to look like a region.
        if (told.Length is 0 or > LongestRegion || !told.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || string.Equals(told, refused.Region, StringComparison.Ordinal))
        {
            return false;
        }

        var endpoint = Resolve(bucket, told);
        buckets[bucket] = new Known(endpoint);
        return endpoint is not null;
    }

    private BucketEndpoint? Resolve(string bucket, string inRegion)
    {
        var found = configure(inRegion).DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new PutObjectRequest { BucketName = bucket, Key = "key" }));
        if (found.Headers is { Count: > 0 } || Scheme(found) is not { } scheme || scheme["name"] is not "sigv4" || scheme["signingName"] is not "s3" || scheme["signingRegion"] is not string signingRegion)
        {
            return null;
        }

        var url = new Uri(found.URL);
        if (!HttpClient.DefaultProxy.IsBypassed(url))
        {
            return null;
        }

        var name = url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost;
        var host = url.IsDefaultPort ? name : $"{name}:{url.Port}";
        var path = url.AbsolutePath;
        return new BucketEndpoint($"{url.Scheme}://{host}", host, path.EndsWith('/') ? path : path + "/", signingRegion);
    }

    private static IPropertyBag? Scheme(Endpoint found) =>
        found.Attributes?["authSchemes"] is IEnumerable schemes ? schemes.OfType<IPropertyBag>().FirstOrDefault() : null;

    private sealed record Known(BucketEndpoint? Endpoint);
}
