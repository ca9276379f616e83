namespace Akka.Pipeline.Storage.S3;

using System.Collections.Concurrent;
using System.Net.Http;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3.Direct;
using Akka.Pipeline.Storage.Threads;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>An S3 store, AWS's or another's, through the AWS SDK.</summary>
/// <remarks>
/// Conditions: where the store itself cannot be relied on (<see cref="ConditionSupport"/>) a conditional write looks first and writes then, which is not atomic;
/// <see cref="StoreTraits.ConditionalWrites"/> is false then only if the settings say so, because a store is tried out with the first small object that is written to it: one request more in
/// the life of this object, none for AWS.
/// </remarks>
public sealed partial class S3ObjectStore : IObjectStore
{
    // The trial of conditions sends the body again, so it waits for a small one.
    private const long MaximumTrialBodyBytes = 1L << 20;

    private readonly S3StoreSettings settings;
    private readonly string region;
    private readonly string? profile;
    private readonly ChecksumMode checksum;
    private readonly HttpClient http;
    private readonly AmazonS3Client client;
    private readonly StoreConnections connections;
    private readonly WaitingThreads threads;
    private readonly ISender sender;
    private readonly ConditionTrial conditions;
    private readonly ConcurrentDictionary<string, bool> knownBuckets = new(StringComparer.Ordinal);

    /// <param name="settings">How to talk to it.</param>
    /// <param name="access">Who we are.</param>
    /// <param name="time">What signatures are dated by; null: this machine's clock.</param>
    public S3ObjectStore(S3StoreSettings settings, S3Access access, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(access);
        this.settings = settings;
        region = access.Region;
        profile = access.Profile;
        checksum = settings.EffectiveChecksum;
        var sockets = S3Transport.CreateSockets(settings);
        http = S3Transport.CreateClient(sockets);
        client = new AmazonS3Client(access.Credentials, Configure(settings, region, http));
        var sdk = new SdkSender(client, checksum, settings.Endpoint is null || settings.Endpoint.Scheme == Uri.UriSchemeHttps);
        connections = new StoreConnections(settings.ConnectTimeout);
        threads = new WaitingThreads(settings.MaximumConnections, connections.CloseResting);
        sender = settings.DataPlane == DataPlane.Sdk
            ? sdk
            : new DirectSender(
                threads,
                connections,
                new BucketEndpoints(region, r => Configure(settings, r, http)),
                access.Credentials,
                new SigningClock(time ?? TimeProvider.System),
                checksum,
                settings.SignPayload,
                sdk);
        conditions = new ConditionTrial(settings.ConditionalPut == ConditionSupport.Auto && settings.IsAws ? ConditionSupport.Native : settings.ConditionalPut);
        Traits = new StoreTraits(
            settings.Describe(region),
            checksum switch
            {
                ChecksumMode.Crc32C => DigestKinds.Crc32C,
                ChecksumMode.Sha256 => DigestKinds.Sha256,
                _ => DigestKinds.Md5,
            }
            | (settings is { SignPayload: true, DataPlane: DataPlane.Direct } ? DigestKinds.Sha256 : DigestKinds.None),
            FullObjectChecksum: checksum == ChecksumMode.Crc32C,
            MultipartLimits.S3,
            ConditionalWrites: settings.ConditionalPut != ConditionSupport.Emulated,
            ConditionalComplete: settings.ConditionalComplete == ConditionSupport.Native || (settings.ConditionalComplete == ConditionSupport.Auto && settings.IsAws));
    }

    public StoreTraits Traits { get; }

    public async Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation) => (await LookAsync(address, cancellation))?.Facts;

    public async Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Condition is not { } condition)
        {
            return WriteResult.Stored(await SendAsync(request, Precondition.None, cancellation));
        }

        if (conditions.MustEmulate)
        {
            return await LookThenPutAsync(request, condition, cancellation);
        }

        var quoted = conditions.Quoted;
        try
        {
            var stored = await SendAsync(request, Precondition.Of(condition, quoted), cancellation);
            if (condition.ExpectedETag is null && request.Body.LengthBytes <= MaximumTrialBodyBytes && conditions.TryBegin())
            {
                await TryConditionsOutAsync(request, cancellation);
            }

            return WriteResult.Stored(stored);
        }
        catch (StoreException e) when (e.Failure.Code == "PreconditionFailed")
        {
            conditions.SawRefusal();
            return condition.ExpectedETag is { } expected
                ? await PutPastRefusalAsync(request, expected, quoted, cancellation)
                : WriteResult.ConditionFailed;
        }
        catch (StoreException e) when (e.Failure.Code == "NoSuchKey")
        {
            return WriteResult.ConditionFailed; // If-Match, and nothing is there.
        }
        catch (StoreException e) when (e.Failure.Code is "NotImplemented" or "InvalidArgument" or "InvalidRequest" && !conditions.IsNative)
        {
            // Perhaps it is the condition that the store does not want: without it the request goes through, or fails for the same reason again.
            var result = await LookThenPutAsync(request, condition, cancellation);
            conditions.SawNoSupport();
            return result;
        }
    }

    public ValueTask DisposeAsync()
    {
        threads.Dispose();
        connections.Dispose();
        client.Dispose();
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static AmazonS3Config Configure(S3StoreSettings settings, string region, HttpClient http)
    {
        var config = new AmazonS3Config
        {
            MaxErrorRetry = 0,
            ThrottleRetries = false,
            DisableLogging = true,
            HttpClientFactory = new SharedHttpClient(http),
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            ForcePathStyle = settings.PathStyle ?? !settings.IsAws,

            // What the environment says of endpoints was weighed when the settings were made.
            IgnoreConfiguredEndpointUrls = true,
        };
        if (settings.Endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else
        {
            config.ServiceURL = settings.Endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
            config.AuthenticationRegion = region;
        }

        return config;
    }

    private async Task<Look?> LookAsync(ObjectAddress address, CancellationToken cancellation)
    {
        try
        {
            return await CallAsync(S3Operation.HeadObject, address, clock => HeadObjectAsync(address, clock), cancellation);
        }
        catch (StoreException e) when (e.Failure.Code == "NoSuchKey")
        {
            // An answer to HEAD has no body, so a missing bucket looks like a missing key.
            if (!knownBuckets.ContainsKey(address.Bucket))
            {
                await FindBucketAsync(address.Bucket, cancellation);
            }

            return null;
        }
    }

    private async Task<Look?> HeadObjectAsync(ObjectAddress address, StallClock clock)
    {
        var answer = await client.GetObjectMetadataAsync(
            new GetObjectMetadataRequest
            {
                BucketName = address.Bucket,
                Key = address.Key,
                ChecksumMode = checksum == ChecksumMode.Md5 ? null : Amazon.S3.ChecksumMode.ENABLED,
            },
            clock.Token);
        var eTag = S3Digests.Unquote(answer.ETag);
        if (eTag.Length == 0)
        {
            throw new S3TroubleException(new S3Trouble(TroubleKind.Unreadable, (int)answer.HttpStatusCode, "UnreadableAnswer"));
        }

        var opaque = S3Attributes.MakesETagOpaque(answer.ServerSideEncryptionMethod?.Value) || answer.ServerSideEncryptionCustomerMethod is { Value.Length: > 0 };
        var digests = S3Digests.Read(opaque ? null : S3Digests.Md5Of(eTag), answer.ChecksumCRC32C, answer.ChecksumSHA256, answer.ChecksumType?.Value);
        return new Look(new ObjectFacts(answer.ContentLength, eTag, digests, answer.VersionId), opaque);
    }

    // Without the right to list a bucket HeadBucket is denied, and then it exists.
    private async Task FindBucketAsync(string bucket, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(
                S3Operation.HeadBucket,
                new ObjectAddress(bucket, ""),
                clock => client.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket }, clock.Token),
                cancellation);
        }
        catch (StoreException e) when (e.Failure.Code == "AccessDenied")
        {
            knownBuckets.TryAdd(bucket, true);
        }
    }

    private async Task<ObjectFacts> SendAsync(PutRequest request, Precondition condition, CancellationToken cancellation)
    {
        var answer = await CallAsync(S3Operation.PutObject, request.Address, clock => sender.PutAsync(request, condition, clock), cancellation);
        Confirm(S3Operation.PutObject, request.Address, request.Body, answer);
        if (checksum == ChecksumMode.Md5 && !answer.ETagIsOpaque && S3Digests.Md5Of(answer.ETag) is null)
        {
            await ConfirmByLookAsync(request, answer, cancellation);
        }

        return new ObjectFacts(request.Body.LengthBytes, answer.ETag, request.Body.Digests, answer.VersionId);
    }

    private async Task<WriteResult> LookThenPutAsync(PutRequest request, WriteCondition condition, CancellationToken cancellation) =>
        Holds(condition, await HeadAsync(request.Address, cancellation))
            ? WriteResult.Stored(await SendAsync(request, Precondition.None, cancellation))
            : WriteResult.ConditionFailed;

    private static bool Holds(WriteCondition condition, ObjectFacts? there) =>
        condition.ExpectedETag is null ? there is null : string.Equals(there?.ETag, condition.ExpectedETag, StringComparison.Ordinal);

    // The ETag is the expected one and the store says it is not: then it may compare it with the quotes, or without, or cannot compare it at all. In a
    // bucket with versions Ceph refuses every If-Match (16.2, seen 2026-11), and no new version of a file would ever get there.
    private async Task<WriteResult> PutPastRefusalAsync(PutRequest request, string expected, bool quoted, CancellationToken cancellation)
    {
        if (!Holds(WriteCondition.IfMatches(expected), await HeadAsync(request.Address, cancellation)))
        {
            return WriteResult.ConditionFailed;
        }

        if (conditions.QuotesKnown)
        {
            return await LookThenPutAsync(request, WriteCondition.IfMatches(expected), cancellation);
        }

        try
        {
            var stored = await SendAsync(request, Precondition.Of(WriteCondition.IfMatches(expected), !quoted), cancellation);
            conditions.LearnQuotes(!quoted);
            return WriteResult.Stored(stored);
        }
        catch (StoreException e) when (e.Failure.Code is "PreconditionFailed")
        {
            return await LookThenPutAsync(request, WriteCondition.IfMatches(expected), cancellation);
        }
        catch (StoreException e) when (e.Failure.Code is "NoSuchKey")
        {
            return WriteResult.ConditionFailed;
        }
    }

    // The object is written and confirmed: whatever the trial comes to, it takes nothing from that.
    private async Task TryConditionsOutAsync(PutRequest request, CancellationToken cancellation)
    {
        bool? honoured = null;
        try
        {
            await SendAsync(request, Precondition.Of(WriteCondition.IfAbsent, quoted: true), cancellation);
            honoured = false;
        }
        catch (StoreException e) when (e.Failure.Code is "PreconditionFailed" or "ConditionalRequestConflict")
        {
            honoured = true;
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // Not known yet; the next small object is another occasion.
        }
        finally
        {
            conditions.Conclude(honoured);
        }
    }

    private S3Question Ask(S3Operation operation, ObjectAddress address) =>
        new(operation, Traits.Name, address.Bucket, address.Key, region, settings.IsAws, profile);

    /// <summary>One request: its time-out, and its errors as a <see cref="Failure"/>.</summary>
    private async Task<T> CallAsync<T>(S3Operation operation, ObjectAddress address, Func<StallClock, Task<T>> send, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (address.Key.StartsWith('/'))
        {
            throw new StoreException(S3Failures.LeadingSlash(Ask(operation, address)));
        }

        using var clock = new StallClock(settings.RequestTimeout, cancellation);
        try
        {
            var answer = await send(clock);
            knownBuckets.TryAdd(address.Bucket, true);
            return answer;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e) when (e is not StoreException)
        {
            var failure = S3Failures.Classify(Ask(operation, address), clock.Token.IsCancellationRequested ? new S3Trouble(TroubleKind.AnswerLost, 0, "Timeout") : S3TroubleReader.Read(e));
            if (failure.Code == "NoSuchBucket")
            {
                knownBuckets.TryRemove(address.Bucket, out _);
            }

            // What a store says in its errors is shown only as far as it was cleaned, so its own exception is not passed on.
            throw new StoreException(failure, e is AmazonServiceException or S3TroubleException ? null : e);
        }
    }

    /// <param name="Facts">What the store says.</param>
    /// <param name="ETagIsOpaque">Encryption makes the ETag something else than what MD5 makes of the content.</param>
    private sealed record Look(ObjectFacts Facts, bool ETagIsOpaque);
}
