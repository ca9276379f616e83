namespace Akka.Pipeline.Sandbox.Signing;

using System.Collections.Concurrent;
using System.Globalization;
using Akka.Pipeline.Sandbox.Protocol;

/// <summary>Decides whether a request was signed with the sandbox's key, by its Authorization header or by a presigned query.</summary>
internal sealed class RequestAuthenticator(SandboxOptions options)
{
    /// <summary>How far a signature's time may be off, and still be taken (AWS: 15 minutes).</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan MaxPresignedLife = TimeSpan.FromDays(7);
    private const string TimestampFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const int MaxCachedKeys = 64;

    private readonly ConcurrentDictionary<(string Date, string Region), byte[]> _signingKeys = new();

    /// <exception cref="S3Exception">The request is not authentic; the error says why.</exception>
    public Payload Authenticate(S3Request request)
    {
        if (options.BelievesClients)
        {
            return PayloadOf(request.Header("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD", null);
        }

        if (request.Query.Has("X-Amz-Algorithm") || request.Query.Has("X-Amz-Signature"))
        {
            return AuthenticateQuery(request);
        }

        var authorization = request.Header("authorization");
        return authorization is null ? throw S3Errors.AccessDenied() : AuthenticateHeader(request, authorization);
    }

    private Payload AuthenticateHeader(S3Request request, string authorization)
    {
        if (!authorization.StartsWith(SignatureV4.Algorithm + " ", StringComparison.Ordinal))
        {
            throw S3Errors.InvalidRequest("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
        }

        string? credential = null, signedHeaders = null, signature = null;
        foreach (var field in authorization[SignatureV4.Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = field.IndexOf('=');
            var value = equals < 0 ? "" : field[(equals + 1)..];
            switch (equals < 0 ? field : field[..equals])
            {
                case "Credential": credential = value; break;
                case "SignedHeaders": signedHeaders = value; break;
                case "Signature": signature = value; break;
                default: throw Malformed("it holds a field that is not known");
            }
        }

        if (credential is null || signedHeaders is null || signature is null)
        {
            throw Malformed("Credential, SignedHeaders and Signature are needed");
        }

        var scope = CredentialScope.Parse(credential) ?? throw Malformed("the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        CheckScope(scope);
        var timestamp = request.Header("x-amz-date") ?? TimestampOfDate(request.Header("date"));
        var signedAt = ParseTimestamp(timestamp);
        if (signedAt is null || timestamp is null)
        {
            throw S3Errors.AccessDenied("AWS authentication requires a valid Date or x-amz-date header");
        }

        var now = options.Clock.GetUtcNow();
        if ((now - signedAt.Value).Duration() > MaxSkew)
        {
            throw new S3Exception(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
            {
                Details =
                [
                    new("RequestTime", timestamp),
                    new("ServerTime", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")),
                    new("MaxAllowedSkewMilliseconds", $"{MaxSkew.TotalMilliseconds}"),
                ],
            };
        }

        if (!timestamp.StartsWith(scope.Date, StringComparison.Ordinal))
        {
            throw Malformed($"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{timestamp[..8]}\".");
        }

        var contentSha256 = request.Header("x-amz-content-sha256")
            ?? throw S3Errors.InvalidRequest("Missing required header for this request: x-amz-content-sha256");
        var signingKey = Verify(request, scope, timestamp, signedHeaders, contentSha256, signature, query: request.Query.Pairs);
        CheckToken(request.Header("x-amz-security-token"));
        return PayloadOf(contentSha256, new SignatureChain(signingKey, timestamp, scope.Text, signature));
    }

    private Payload AuthenticateQuery(S3Request request)
    {
        var query = request.Query;
        if (query["X-Amz-Algorithm"] != SignatureV4.Algorithm)
        {
            throw QueryError("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
        }

        if (query["X-Amz-Credential"] is not { } credential || query["X-Amz-Date"] is not { } timestamp || query["X-Amz-Expires"] is not { } expires
            || query["X-Amz-SignedHeaders"] is not { } signedHeaders || query["X-Amz-Signature"] is not { } signature)
        {
            throw QueryError("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }

        var scope = CredentialScope.Parse(credential) ?? throw QueryError("Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        CheckScope(scope);
        var signedAt = ParseTimestamp(timestamp) ?? throw QueryError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var lifeSeconds))
        {
            throw QueryError("X-Amz-Expires should be a number");
        }

        if (lifeSeconds < 1 || lifeSeconds > MaxPresignedLife.TotalSeconds)
        {
            throw QueryError("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds");
        }

        if (!timestamp.StartsWith(scope.Date, StringComparison.Ordinal))
        {
            throw QueryError($"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{timestamp[..8]}\".");
        }

        var now = options.Clock.GetUtcNow();
        if (signedAt - now > MaxSkew)
        {
            throw S3Errors.AccessDenied("Request is not yet valid");
        }

        if (now > signedAt.AddSeconds(lifeSeconds))
        {
            throw new S3Exception(403, "AccessDenied", "Request has expired")
            {
                Details =
                [
                    new("X-Amz-Expires", expires),
                    new("Expires", signedAt.AddSeconds(lifeSeconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")),
                    new("ServerTime", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")),
                ],
            };
        }

        var contentSha256 = request.Header("x-amz-content-sha256") ?? query["X-Amz-Content-Sha256"] ?? "UNSIGNED-PAYLOAD";
        var signingKey = Verify(
            request, scope, timestamp, signedHeaders, contentSha256, signature, query.Pairs.Where(pair => pair.Key != "X-Amz-Signature"));
        CheckToken(query["X-Amz-Security-Token"] ?? request.Header("x-amz-security-token"));
        return PayloadOf(contentSha256, new SignatureChain(signingKey, timestamp, scope.Text, signature));
    }

    private byte[] Verify(
        S3Request request, CredentialScope scope, string timestamp, string signedHeaders, string payloadHash, string signature, IEnumerable<KeyValuePair<string, string>> query)
    {
        var names = signedHeaders.Split(';', StringSplitOptions.RemoveEmptyEntries);
        var signed = names.ToHashSet(StringComparer.Ordinal);
        var unsigned = request.Headers
            .Select(header => header.Key.ToLowerInvariant())
            .Where(name => (name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal)) && !signed.Contains(name))
            .ToList();
        // A presigned query may leave the hash of the body to a header of its own.
        if (request.Query.Has("X-Amz-Signature"))
        {
            unsigned.Remove("x-amz-content-sha256");
        }

        if (unsigned.Count > 0)
        {
            throw new S3Exception(403, "AccessDenied", "There were headers present in the request which were not signed")
            {
                Details = [new("HeadersNotSigned", string.Join(", ", unsigned))],
            };
        }

        var headers = names.Select(name => new KeyValuePair<string, string>(name, request.Header(name) ?? ""));
        var canonical = SignatureV4.CanonicalRequest(request.Method, request.Target.CanonicalPath, query, headers, payloadHash);
        var signingKey = SigningKey(scope);
        var stringToSign = SignatureV4.StringToSign(timestamp, scope.Text, canonical);
        if (!SignatureV4.SameSignature(SignatureV4.Sign(signingKey, stringToSign), signature))
        {
            throw new S3Exception(403, "SignatureDoesNotMatch", S3Errors.SignatureDoesNotMatch().Message)
            {
                Details =
                [
                    new("AWSAccessKeyId", scope.AccessKey), new("StringToSign", stringToSign), new("SignatureProvided", signature), new("CanonicalRequest", canonical),
                ],
            };
        }

        return signingKey;
    }

    private byte[] SigningKey(CredentialScope scope)
    {
        if (_signingKeys.TryGetValue((scope.Date, scope.Region), out var known))
        {
            return known;
        }

        if (_signingKeys.Count >= MaxCachedKeys)
        {
            _signingKeys.Clear();
        }

        return _signingKeys[(scope.Date, scope.Region)] = SignatureV4.SigningKey(options.SecretKey, scope.Date, scope.Region, "s3");
    }

    private void CheckScope(CredentialScope scope)
    {
        if (scope.Service != "s3" || scope.Terminator != "aws4_request")
        {
            throw Malformed($"incorrect service \"{scope.Service}\". This endpoint belongs to \"s3\".");
        }

        if (options.StrictRegion && scope.Region != options.Region)
        {
            throw new S3Exception(
                400, "AuthorizationHeaderMalformed", $"The authorization header is malformed; the region '{scope.Region}' is wrong; expecting '{options.Region}'")
            {
                Details = [new("Region", options.Region)],
                Headers = [new("x-amz-bucket-region", options.Region)],
            };
        }

        if (scope.AccessKey != options.AccessKey)
        {
            throw new S3Exception(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
            {
                Details = [new("AWSAccessKeyId", scope.AccessKey)],
            };
        }
    }

    private void CheckToken(string? token)
    {
        if (token is not null && !options.SessionTokens.Contains(token))
        {
            throw new S3Exception(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
        }
    }

    private static Payload PayloadOf(string contentSha256, SignatureChain? chain) => contentSha256 switch
    {
        "UNSIGNED-PAYLOAD" => new(PayloadMode.Unsigned, null, null),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => new(PayloadMode.SignedChunks, null, chain),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => new(PayloadMode.SignedChunksWithTrailer, null, chain),
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => new(PayloadMode.UnsignedChunksWithTrailer, null, null),
        { Length: 64 } when contentSha256.All(char.IsAsciiHexDigit) => new(PayloadMode.Sha256, contentSha256.ToLowerInvariant(), null),
        _ => throw S3Errors.InvalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value."),
    };

    private static DateTimeOffset? ParseTimestamp(string? timestamp) =>
        DateTimeOffset.TryParseExact(timestamp, TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    private static string? TimestampOfDate(string? date) =>
        DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.UtcDateTime.ToString(TimestampFormat) : null;

    private static S3Exception Malformed(string why) => new(400, "AuthorizationHeaderMalformed", $"The authorization header is malformed; {why}");

    private static S3Exception QueryError(string why) => new(400, "AuthorizationQueryParametersError", why);
}

/// <summary>The credential of a signature: who signed, and for what day, region and service.</summary>
internal sealed record CredentialScope(string AccessKey, string Date, string Region, string Service, string Terminator)
{
    public string Text { get; } = $"{Date}/{Region}/{Service}/{Terminator}";

    public static CredentialScope? Parse(string credential)
    {
        // An access key may hold slashes, the scope behind it may not.
        var fields = credential.Split('/');
        return fields.Length < 5 || fields[^4].Length != 8 ? null : new(string.Join('/', fields[..^4]), fields[^4], fields[^3], fields[^2], fields[^1]);
    }
}
