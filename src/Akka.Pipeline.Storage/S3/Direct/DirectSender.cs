namespace Akka.Pipeline.Storage.S3.Direct;

using System.Globalization;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Threads;
using Amazon.Runtime;

/// <summary>
/// Sends bytes over connections and with signatures of its own. It repeats a request only to sign it better: once for the store's time, once for the bucket's region;
/// both are remembered, and in either case the store has refused the request before it looked at the bytes.
/// </summary>
/// <param name="threads">Where requests wait; its owner disposes of it.</param>
/// <param name="connections">To the store; their owner disposes of them.</param>
/// <param name="endpoints">Where to.</param>
/// <param name="identity">Asked before every request, because credentials are renewed.</param>
/// <param name="clock">What signatures are dated by.</param>
/// <param name="checksum">Which checksum goes with the bytes; not <see cref="ChecksumMode.Auto"/>.</param>
/// <param name="signPayload">The signature covers the body's SHA-256, which the body then has to know.</param>
/// <param name="sdk">For what is reached through a proxy, and for buckets that want another kind of signature.</param>
internal sealed class DirectSender(
    WaitingThreads threads, StoreConnections connections, BucketEndpoints endpoints, AWSCredentials identity, SigningClock clock, ChecksumMode checksum, bool signPayload, ISender sdk) : ISender
{
    // A refusal is worth waiting for before this much is sent for nothing; below it the wait costs more than the bytes.
    private const long AsksFirstFromBytes = 1L << 20;
    private const int HeadRoomBytes = 8 << 10;

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
            var credentials = await identity.GetCredentialsAsync();
            await (sending.IsPart ? threads.EnterAnew() : threads.Enter());
            var time = clock.Now();
            if (Exchange(endpoint, sending, credentials, time, stall, out var refusal, out var storeTime) is { } answer)
            {
                return answer;
            }

            if (!timeCorrected && IsOfTime(refusal!) && storeTime is { } told && clock.Correct(time, told))
            {
                timeCorrected = true;
            }
            else if (!regionLearned && IsOfRegion(refusal!) && endpoints.Learn(sending.Address.Bucket, endpoint, refusal!.RegionHint!) && endpoints.Of(sending.Address.Bucket) is { } other)
            {
                endpoint = other;
                regionLearned = true;
            }
            else
            {
                throw new S3TroubleException(refusal!);
            }

            stall.Touch();
        }
    }

    private static bool IsOfTime(S3Trouble refusal) => refusal.Code is "RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture";

    // A Location is not followed: only the SDK's rules say where a bucket of a region is, and who gets to see a signature.
    private static bool IsOfRegion(S3Trouble refusal) =>
        refusal.RegionHint is not null && (refusal.Status is 301 or 307 || refusal.Code is "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "IncorrectEndpoint");

    /// <summary>One request and its answer; null when it is refused.</summary>
    private SendAnswer? Exchange(BucketEndpoint endpoint, in Sending sending, ImmutableCredentials credentials, SigningTime time, StallClock stall, out S3Trouble? refusal, out DateTimeOffset? storeTime)
    {
        var connection = connections.Take(endpoint.Origin, stall.Token);
        var abort = stall.Token.UnsafeRegister(static connection => ((StoreConnection)connection!).Abort(), connection);
        var head = new SigningText(stackalloc byte[HeadRoomBytes]);
        try
        {
            var asks = sending.Body.LengthBytes > AsksFirstFromBytes && sending.Condition != Precondition.None && (connection.IsUsed || !connection.IsEncrypted);
            WriteHead(ref head, endpoint, sending, credentials, time, asks);
            var isSent = Send(connection, ref head, asks, sending.Body, stall);
            (refusal, storeTime) = (null, null);
            if (connection.Status is >= 200 and < 300)
            {
                // The checksum that it repeats it has from the head: it proves nothing of a body that did not go.
                if (!isSent)
                {
                    throw new S3TroubleException(new S3Trouble(TroubleKind.Unreadable, connection.Status, "UnreadableAnswer", "the store says that it has a body which was not sent to its end"));
                }

                var answer = DirectAnswer.Read(connection);
                DirectAnswer.Drain(connection);
                GiveBack(isSent);
                return answer;
            }

            storeTime = DirectAnswer.DateOf(connection);
            refusal = DirectAnswer.ReadRefusal(connection);
            GiveBack(isSent);
            return null;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException && stall.Token.IsCancellationRequested)
        {
            throw new OperationCanceledException(stall.Token);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            head.Dispose();
            abort.Dispose();
            connection?.Dispose();
        }

        // Once nothing can abort it any more. An answer to half a request leaves the other half to be taken for the next request.
        void GiveBack(bool isSent)
        {
            abort.Dispose();
            if (isSent && !stall.Token.IsCancellationRequested)
            {
                connections.Give(connection!);
                connection = null;
            }
        }
    }

    /// <summary>Sends, and reads the head of the final answer.</summary>
    private static bool Send(StoreConnection connection, ref SigningText head, bool asks, IUploadBody body, StallClock stall)
    {
        bool isSent;
        try
        {
            isSent = BodySending.Send(connection, ref head, asks, body, stall);
        }
        catch (Exception e) when (e is SocketException or IOException && !stall.Token.IsCancellationRequested)
        {
            // A store that wants no more of a body says why and closes; what it said may still be there.
            try
            {
                connection.ReadHead();
            }
            catch (Exception nothing) when (nothing is SocketException or IOException or S3TroubleException)
            {
                ExceptionDispatchInfo.Throw(e);
            }

            isSent = false;
        }

        while (connection.Status < 200)
        {
            connection.ReadHead();
        }

        return isSent;
    }

    private void WriteHead(ref SigningText head, BucketEndpoint endpoint, in Sending sending, ImmutableCredentials credentials, SigningTime time, bool asks)
    {
        var body = sending.Body;
        var payload = signPayload || checksum == ChecksumMode.Sha256
            ? body.Digests.Sha256 ?? throw new InvalidOperationException("The body has no SHA-256, which the store's traits ask for.")
            : RequestSigner.UnsignedPayload;
        var path = endpoint.PathPrefix + UriText.OfKey(sending.Address.Key);
        var headers = Headers(endpoint, sending, credentials.Token, payload, time);
        head.Append("PUT "u8);
        head.Append(path);
        if (sending.IsPart)
        {
            head.Append((byte)'?');
            head.Append(sending.Query);
        }

        head.Append(" HTTP/1.1\r\n"u8);
        foreach (var (name, value) in headers.All)
        {
            AppendHeader(ref head, name, value);
        }

        AppendHeader(ref head, "authorization", RequestSigner.Sign("PUT", path, sending.Query, headers.All, payload, keys.For(credentials, time.Day, endpoint.Region), time));
        head.Append("user-agent: akka-pipeline\r\ncontent-length: "u8);
        head.Append(body.LengthBytes);
        head.Append(asks ? "\r\nexpect: 100-continue\r\n\r\n"u8 : "\r\n\r\n"u8);
    }

    private static void AppendHeader(ref SigningText head, string name, string value)
    {
        // It comes from configurations, stores, ledgers and credentials, and a line end in it would begin a header that nobody wrote.
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new S3TroubleException(new S3Trouble(TroubleKind.Refused, 0, "InvalidArgument", $"a header cannot hold the value of {name}, which is not plain ASCII"));
        }

        head.Append(name);
        head.Append(": "u8);
        head.Append(value);
        head.Append("\r\n"u8);
    }

    private SignedHeaders Headers(BucketEndpoint endpoint, in Sending sending, string? token, string payload, SigningTime time)
    {
        var digests = sending.Body.Digests;
        var attributes = sending.Attributes;
        var headers = default(SignedHeaders);
        headers.Add("content-md5", checksum == ChecksumMode.Md5 ? S3Digests.ToBase64(digests.Md5) : null);
        headers.Add("content-type", attributes?.ContentType);
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
            headers.Add("x-amz-server-side-encryption", attributes.ServerSideEncryption);
            headers.Add("x-amz-server-side-encryption-aws-kms-key-id", attributes.KmsKeyId);
            headers.Add("x-amz-storage-class", attributes.StorageClass);
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
    private readonly record struct Sending(ObjectAddress Address, IUploadBody Body, ObjectAttributes? Attributes, Precondition Condition, string Query)
    {
        public bool IsPart => Query.Length > 0;
    }
}
