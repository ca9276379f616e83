namespace Akka.Pipeline.Storage.S3;

using System.Globalization;
using System.Net;
using System.Net.Http;
using Akka.Pipeline.Core.Spot;

/// <summary>
/// Notices of the EC2 instance metadata service, version 2 (docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html and
/// configuring-instance-metadata-service.html, 2026-11). Its token is renewed in time, and at once when it is refused. Looks come one after the other.
/// </summary>
public sealed class Ec2Notices : IInstanceNotices
{
    /// <summary>How long one look may take in all.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>The look is over by then; this only ends what the handler goes on with after it.</summary>
    internal static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(6);

    private readonly HttpClient http;
    private readonly Uri endpoint;
    private readonly TimeProvider time;
    private string? token;
    private long tokenSince;

    private Ec2Notices(Uri endpoint, TimeProvider time)
    {
        this.endpoint = endpoint;
        this.time = time;
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = ConnectTimeout })
        {
            MaxResponseContentBufferSize = InstanceNotice.MaximumCharacters,
        };
    }

    public string Address => endpoint.ToString().TrimEnd('/');

    /// <summary>The service that the environment names, or the usual address; null where AWS_EC2_METADATA_DISABLED is true, or the environment names no address.</summary>
    /// <param name="environment">Gives the value of an environment variable, or null.</param>
    /// <param name="time">The clocks.</param>
    public static Ec2Notices? Create(Func<string, string?> environment, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(environment);
        try
        {
            return Ec2Metadata.IsDisabled(environment) || Ec2Metadata.EndpointOf(environment) is not { Scheme: "http" or "https" } endpoint ? null : new Ec2Notices(endpoint, time);
        }
        catch (UriFormatException)
        {
            return null;
        }
    }

    public async Task<InstanceLook> LookAsync(CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(Limit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            var (action, serverTime) = await AskAsync("/latest/meta-data/spot/instance-action", limit.Token);
            var (rebalance, _) = await AskAsync("/latest/meta-data/events/recommendations/rebalance", limit.Token);
            return new InstanceLook(IsReachable: true, action, rebalance, serverTime);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or FormatException or InvalidOperationException)
        {
            cancellation.ThrowIfCancellationRequested();
            return InstanceLook.Unreachable;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<(string? Text, DateTimeOffset? ServerTime)> AskAsync(string path, CancellationToken cancellation)
    {
        if (token is null || time.GetElapsedTime(tokenSince) > TokenLife / 2)
        {
            await RenewTokenAsync(cancellation);
        }

        var answer = await GetAsync(path, cancellation);
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
        {
            answer.Dispose();
            await RenewTokenAsync(cancellation);
            answer = await GetAsync(path, cancellation);
        }

        using (answer)
        {
            return answer.StatusCode switch
            {
                HttpStatusCode.NotFound => (null, answer.Headers.Date),
                HttpStatusCode.OK => (await answer.Content.ReadAsStringAsync(cancellation), answer.Headers.Date),
                _ => throw new HttpRequestException($"The instance metadata service answered {(int)answer.StatusCode}."),
            };
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, path));
        request.Headers.Add("X-aws-ec2-metadata-token", token);
        return await http.SendAsync(request, cancellation);
    }

    private async Task RenewTokenAsync(CancellationToken cancellation)
    {
        token = null;
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(endpoint, "/latest/api/token"));
        request.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", ((int)TokenLife.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        using var answer = await http.SendAsync(request, cancellation);
        answer.EnsureSuccessStatusCode();
        token = (await answer.Content.ReadAsStringAsync(cancellation)).Trim();
        tokenSince = time.GetTimestamp();
    }
}
