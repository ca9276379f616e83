namespace Akka.Pipeline.Storage.S3.Direct;

using System.Globalization;
using System.Net.Http;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;
using Amazon.Runtime;

/// <summary>
/// Sends bytes straight on .NET's HTTP connections, with signatures of its own. It repeats a request only to sign it better: once for the store's time, once for the bucket's region;
/// both are remembered, and in either case the store has refused the request before it looked at the bytes.
/// </summary>
/// <param name="sockets">The connections; their owner disposes of them.</param>
/// <param name="endpoints">Where to.</param>
/// <param name="identity">Asked before every request, because credentials are renewed.</param>
/// <param name="clock">What signatures are dated by.</param>
/// <param name="checksum">Which checksum goes with the bytes; not <see cref="ChecksumMode.Auto"/>.</param>
/// <param name="signPayload">The signature covers the body's SHA-256, which the body then has to know.</param>
/// <param name="sdk">For buckets that want another kind of signature.</param>
internal sealed class DirectSender(
    SocketsHttpHandler sockets, BucketEndpoints endpoints, AWSCredentials identity, SigningClock clock, ChecksumMode checksum, bool signPayload, ISender sdk) : ISender
{
    // A refusal is worth waiting for before this much is sent for nothing; below it the wait costs more than the bytes.
    private const long AsksFirstFromBytes = 1L << 20;
    private const string Agent = "akka-pipeline";

    private static readonly HttpMethod Put = HttpMethod.Put;

    private readonly HttpMessageInvoker http = new(sockets, disposeHandler: false);
    private readonly SigningKeys keys = new();

    public Task<SendAnswer> PutAsync(PutRequest request, Precondition condition, StallClock stall) => endpoints.Of(request.Address.Bucket) is { } endpoint
        ? SendAsync(endpoint, new Sending(request.Address, request.Body, request.Attributes, condition, ""), stall)
        : sdk.PutAsync(request, condition, stall);

    public Task<SendAnswer> UploadPartAsync(PartRequest request, StallClock stall) => endpoints.Of(request.Address.Bucket) is { } endpoint
        ? SendAsync(
            endpoint,
            new Sending(
                request.Address, request.Body, null, Precondition.None, string.Create(CultureInfo.InvariantCulture, $"partNumber={request.PartNumber}&uploadId={UriText.OfValue(request.UploadId)}")),
            stall)
        : sdk.UploadPartAsync(request, stall);

    private async Task<SendAnswer> SendAsync(BucketEndpoint endpoint, Sending sending, StallClock stall)
    {
        bool timeCorrected = false, regionLearned = false;
        while (true)
        {
            var time = clock.Now();
            using var request = Build(endpoint, sending, await identity.GetCredentialsAsync(), time, stall);
            using var response = await ExchangeAsync(request, stall.Token);
            if (response.IsSuccessStatusCode)
            {
                await DirectAnswer.DrainAsync(response, stall.Token);
                return DirectAnswer.Read(response);
            }

            var refusal = await DirectAnswer.ReadRefusalAsync(response, stall.Token);
            if (!timeCorrected && IsOfTime(refusal) && DirectAnswer.DateOf(response) is { } storeTime && clock.Correct(time, storeTime))
            {
                timeCorrected = true;
            }
            else if (!regionLearned && IsOfRegion(refusal) && endpoints.Learn(sending.Address.Bucket, endpoint, refusal.RegionHint!) && endpoints.Of(sending.Address.Bucket) is { } other)
            {
                endpoint = other;
                regionLearned = true;
            }
            else
            {
                throw new S3TroubleException(refusal);
            }

            stall.Touch();
        }
    }

    private static bool IsOfTime(S3Trouble refusal) => refusal.Code is "RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture";

    // A Location is not followed: only the SDK's rules say where a bucket of a region is, and who gets to see a signature.
    private static bool IsOfRegion(S3Trouble refusal) =>
        refusal.RegionHint is not null && (refusal.Status is 301 or 307 || refusal.Code is "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "IncorrectEndpoint");

    private async Task<HttpResponseMessage> ExchangeAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new S3TroubleException(new S3Trouble(TroubleKind.NotReached, 0, "ConnectTimeout", "no connection within the connect time-out"));
        }
    }

    private HttpRequestMessage Build(BucketEndpoint endpoint, in Sending sending, ImmutableCredentials credentials, SigningTime time, StallClock stall)
    {
        var body = sending.Body;
        var payload = signPayload || checksum == ChecksumMode.Sha256
            ? body.Digests.Sha256 ?? throw new InvalidOperationException("The body has no SHA-256, which the store's traits ask for.")
            : RequestSigner.UnsignedPayload;
        var path = endpoint.PathPrefix + UriText.OfKey(sending.Address.Key);
        var headers = Headers(endpoint, sending, credentials.Token, payload, time);
        var content = new DirectBody(body, stall);

        // Uri would take "a/../b" and "a/./b" for "b" and "a/b". They are keys like any other.
        var url = new Uri(
            sending.Query.Length == 0 ? endpoint.Origin + path : $"{endpoint.Origin}{path}?{sending.Query}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(Put, url) { Content = content };
        foreach (var (name, value) in headers.All)
        {
            switch (name)
            {
                case "host":
                    break;
                case "content-md5" or "content-type":
                    content.Headers.TryAddWithoutValidation(name, value);
                    break;
                default:
                    request.Headers.TryAddWithoutValidation(name, value);
                    break;
            }
        }

        request.Headers.TryAddWithoutValidation("Authorization", RequestSigner.Sign("PUT", path, sending.Query, headers.All, payload, keys.For(credentials, time.Day, endpoint.Region), time));
        request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        if (body.LengthBytes > AsksFirstFromBytes && sending.Condition != Precondition.None)
        {
            request.Headers.ExpectContinue = true;
        }

        return request;
    }

    private SignedHeaders Headers(BucketEndpoint endpoint, in Sending sending, string? token, string payload, SigningTime time)
    {
        var digests = sending.Body.Digests;
        var attributes = sending.Attributes;
        var headers = default(SignedHeaders);
        headers.Add("content-md5", checksum == ChecksumMode.Md5 ? S3Digests.ToBase64(digests.Md5) : null);
        headers.AddGiven("content-type", attributes?.ContentType);
        headers.Add("host", endpoint.Host);
        headers.Add("if-match", sending.Condition.IfMatch);
        headers.Add("if-none-match", sending.Condition.IfNoneMatch);
        headers.Add("x-amz-checksum-crc32c", checksum == ChecksumMode.Crc32C ? S3Digests.ToBase64(digests.Crc32C) : null);
        headers.Add("x-amz-checksum-sha256", checksum == ChecksumMode.Sha256 ? S3Digests.ToBase64(digests.Sha256) : null);
        headers.Add("x-amz-content-sha256", payload);
        headers.Add("x-amz-date", time.Timestamp);
        headers.Add("x-amz-security-token", token is { Length: > 0 } ? token : null);
        if (attributes is not null)
        {
            headers.AddGiven("x-amz-server-side-encryption", attributes.ServerSideEncryption);
            headers.AddGiven("x-amz-server-side-encryption-aws-kms-key-id", attributes.KmsKeyId);
            headers.AddGiven("x-amz-storage-class", attributes.StorageClass);
            if (attributes.Tags.Count > 0)
            {
                headers.Add("x-amz-tagging", string.Join('&', attributes.Tags.Select(tag => $"{UriText.OfValue(tag.Key)}={UriText.OfValue(tag.Value)}")));
            }
        }

        return headers;
    }

    /// <param name="Address">Where to.</param>
    /// <param name="Body">The bytes.</param>
    /// <param name="Attributes">Of a new object; null for a part.</param>
    /// <param name="Condition">On what it depends.</param>
    /// <param name="Query">Encoded, in the order of the names; may be empty.</param>
    private readonly record struct Sending(ObjectAddress Address, IUploadBody Body, ObjectAttributes? Attributes, Precondition Condition, string Query);
}
