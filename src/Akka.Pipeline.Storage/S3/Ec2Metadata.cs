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

    private const string EndpointVariable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    private const int MaximumAnswerBytes = 4096;
    private static readonly Uri DefaultEndpoint = new("http://169.254.169.254");
    private static readonly Uri DefaultEndpointIPv6 = new("http://[fd00:ec2::254]");

    /// <summary>The instance, or null away from EC2, or where AWS_EC2_METADATA_DISABLED is true.</summary>
    /// <param name="environment">Gives the value of an environment variable, or null.</param>
    /// <param name="time">Counts the limit.</param>
    /// <param name="cancellation">Ends the search early.</param>
    public static async Task<Ec2Instance?> FindAsync(Func<string, string?> environment, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (IsDisabled(environment))
        {
            return null;
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = Ec2Notices.ConnectTimeout }) { MaxResponseContentBufferSize = MaximumAnswerBytes };
        using var late = new CancellationTokenSource(Limit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
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

    /// <summary>
    /// The SDK (AWSSDK.Core 4.0) reads the variable from the process's own environment and puts "/latest/..." behind it: a '/' at its end makes two, and a service that minds
    /// finds nothing. Its users may write it either way.
    /// </summary>
    internal static void NormalizeEndpoint()
    {
        if (Environment.GetEnvironmentVariable(EndpointVariable) is { } given && given.EndsWith('/'))
        {
            Environment.SetEnvironmentVariable(EndpointVariable, given.TrimEnd('/'));
        }
    }

    /// <summary>What is wrong with the address that the environment gives, or null. The SDK fails for good, and not gracefully, over one that is no URL.</summary>
    /// <param name="environment">Gives the value of an environment variable, or null.</param>
    public static string? ProblemWith(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment(EndpointVariable) is { Length: > 0 } given && !(Uri.IsWellFormedUriString(given, UriKind.Absolute) && new Uri(given).Scheme is "http" or "https")
            ? $"environment {EndpointVariable}: '{given}' is no URL; write one such as {DefaultEndpoint.ToString().TrimEnd('/')}, or unset it."
            : null;
    }

    internal static bool IsDisabled(Func<string, string?> environment) => string.Equals(environment("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    internal static Uri EndpointOf(Func<string, string?> environment)
    {
        if (environment(EndpointVariable) is { Length: > 0 } given)
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
