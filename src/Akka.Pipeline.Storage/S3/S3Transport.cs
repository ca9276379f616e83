namespace Akka.Pipeline.Storage.S3;

using System.Net;
using System.Net.Http;
using Amazon.Runtime;

/// <summary>
/// The HTTP client below the SDK: pooled, no redirects, no decompression, answers read whole. Its errors leave it as <see cref="S3TroubleException"/> without
/// the original: the SDK (4.0.102) looks for broken connections among all inner exceptions and then sends the request up to ten times more (MaxStaleConnectionRetries, which cannot be set), whatever
/// MaxErrorRetry says. Whether a request is repeated is the caller's choice.
/// </summary>
internal sealed class S3Transport : DelegatingHandler
{
    // Answers to the requests that this store makes are lists of at most 1,000 entries; the longest is about 2 MB.
    private const long MaximumAnswerBytes = 16L << 20;

    // SocketsHttpHandler sends a body of up to 1,024 bytes even after the answer that made it needless (Expect100ErrorSendThreshold, .NET 10), on a connection that it
    // then uses again. A store that does not read it there (Ceph 16.2, seen 2026-11) takes the body for the beginning of the next request.
    private const int BodySentAnywayBytes = 1024;

    private S3Transport(HttpMessageHandler inner)
        : base(inner)
    {
    }

    /// <summary>The SDK's connections to a store; what is sent directly has its own.</summary>
    public static SocketsHttpHandler CreateSockets(S3StoreSettings settings) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = settings.ConnectTimeout,
        MaxConnectionsPerServer = settings.MaximumConnections,

        // A store's addresses change; S3 closes idle connections after some seconds.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),

        // Nobody traces requests, and a header of ours that is not signed is refused.
        ActivityHeadersPropagator = null,
    };

    public static HttpClient CreateClient(SocketsHttpHandler sockets) => new(new S3Transport(sockets)) { Timeout = Timeout.InfiniteTimeSpan };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Uri takes "a/../b" and "a/./b" for "b" and "a/b". They are keys like any other, and the path was signed as it stood.
        if (request.RequestUri is { } uri && uri.OriginalString.Contains("/.", StringComparison.Ordinal))
        {
            request.RequestUri = new Uri(uri.OriginalString, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        }

        if (request.Content?.Headers.ContentLength <= BodySentAnywayBytes)
        {
            request.Headers.ExpectContinue = false;
        }

        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, cancellationToken);

            // An answer to HEAD has no body, and its Content-Length is that of the object.
            if (request.Method != HttpMethod.Head)
            {
                await response.Content.LoadIntoBufferAsync(MaximumAnswerBytes, cancellationToken);
            }

            return response;
        }
        catch (Exception e)
        {
            response?.Dispose();
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw new S3TroubleException(
                e is OperationCanceledException ? new S3Trouble(TroubleKind.NotReached, 0, "ConnectTimeout", "no connection within the connect time-out") : S3TroubleReader.Read(e));
        }
    }
}

/// <summary>Hands the SDK one HTTP client, whose owner is the store.</summary>
internal sealed class SharedHttpClient(HttpClient client) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
