namespace Akka.Pipeline.Storage.S3;

using System.Net.Http;

/// <summary>The EC2 instance that this process runs on.</summary>
/// <param name="InstanceId">Such as i-0123456789abcdef0.</param>
/// <param name="Region">Where it runs.</param>
public sealed record Ec2Instance(string InstanceId, string Region);

/// <summary>Recognises EC2 by its instance metadata service, version 2 (docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html, 2026-11).</summary>
public static class Ec2Metadata
{
    /// <summary>How long finding out may take in all.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private const int MaximumAnswerBytes = 4096;
    private static readonly Uri DefaultEndpoint = new("http://169.254.169.254");
    private static readonly Uri DefaultEndpointIPv6 = new("http://[fd00:ec2::254]");

    /// <summary>The instance, or null away from EC2, or where AWS_EC2_METADATA_DISABLED is true.</summary>
    /// <param name="environment">Gives the value of an environment variable, or null.</param>
    /// <param name="cancellation">Ends the search early.</param>
    public static async Task<Ec2Instance?> FindAsync(Func<string, string?> environment, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (string.Equals(environment("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = Limit }) { MaxResponseContentBufferSize = MaximumAnswerBytes };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            var endpoint = EndpointOf(environment);
            var token = await AskAsync(http, HttpMethod.Put, new Uri(endpoint, "/latest/api/token"), "X-aws-ec2-metadata-token-ttl-seconds", "60", limit.Token);
            var id = await AskAsync(http, HttpMethod.Get, new Uri(endpoint, "/latest/meta-data/instance-id"), "X-aws-ec2-metadata-token", token, limit.Token);
            var region = await AskAsync(http, HttpMethod.Get, new Uri(endpoint, "/latest/meta-data/placement/region"), "X-aws-ec2-metadata-token", token, limit.Token);
            return id.StartsWith("i-", StringComparison.Ordinal) && region.Length is > 0 and < 64 && region.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
                ? new Ec2Instance(id, region)
                : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or UriFormatException or FormatException)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static Uri EndpointOf(Func<string, string?> environment)
    {
        if (environment("AWS_EC2_METADATA_SERVICE_ENDPOINT") is { Length: > 0 } given)
        {
            return new Uri(given.EndsWith('/') ? given : given + "/");
        }

        return string.Equals(environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), "ipv6", StringComparison.OrdinalIgnoreCase) ? DefaultEndpointIPv6 : DefaultEndpoint;
    }

    private static async Task<string> AskAsync(HttpClient http, HttpMethod method, Uri address, string header, string value, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Add(header, value);
        using var response = await http.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadAsStringAsync(cancellation)).Trim();
    }
}
