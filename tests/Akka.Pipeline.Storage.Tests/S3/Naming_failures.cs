namespace Akka.Pipeline.Storage.Tests.S3;

using System.Net.Http;
using System.Net.Sockets;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Storage.S3;

public sealed class Naming_failures
{
    public static readonly TheoryData<int, string, FailureScope, FailureNature, bool> Refusals = new()
    {
        { 404, "NoSuchBucket", FailureScope.Bucket, FailureNature.Lasting, false },
        { 400, "InvalidBucketName", FailureScope.Bucket, FailureNature.Lasting, false },
        { 403, "AccessDenied", FailureScope.Bucket, FailureNature.Lasting, false },
        { 403, "AllAccessDisabled", FailureScope.Bucket, FailureNature.Lasting, false },
        { 403, "", FailureScope.Bucket, FailureNature.Lasting, false },
        { 403, "InvalidAccessKeyId", FailureScope.Store, FailureNature.Credentials, false },
        { 403, "SignatureDoesNotMatch", FailureScope.Store, FailureNature.Credentials, false },
        { 400, "ExpiredToken", FailureScope.Store, FailureNature.Credentials, false },
        { 400, "InvalidToken", FailureScope.Store, FailureNature.Credentials, false },
        { 401, "", FailureScope.Store, FailureNature.Credentials, false },
        { 403, "RequestTimeTooSkewed", FailureScope.Store, FailureNature.Lasting, false },
        { 503, "SlowDown", FailureScope.Bucket, FailureNature.Throttled, true },
        { 503, "", FailureScope.Bucket, FailureNature.Throttled, true },
        { 429, "", FailureScope.Bucket, FailureNature.Throttled, false },
        { 500, "InternalError", FailureScope.Store, FailureNature.Passing, true },
        { 502, "", FailureScope.Store, FailureNature.Passing, true },
        { 504, "BadGatewayOfSomeProxy", FailureScope.Store, FailureNature.Passing, true },
        { 200, "InternalError", FailureScope.Store, FailureNature.Passing, true },
        { 400, "RequestTimeout", FailureScope.Store, FailureNature.Passing, false },
        { 301, "PermanentRedirect", FailureScope.Bucket, FailureNature.Lasting, false },
        { 307, "", FailureScope.Bucket, FailureNature.Lasting, false },
        { 400, "AuthorizationHeaderMalformed", FailureScope.Bucket, FailureNature.Lasting, false },
        { 412, "PreconditionFailed", FailureScope.File, FailureNature.Passing, false },
        { 409, "ConditionalRequestConflict", FailureScope.File, FailureNature.Passing, false },
        { 404, "NoSuchUpload", FailureScope.File, FailureNature.Passing, false },
        { 400, "InvalidPart", FailureScope.File, FailureNature.Passing, false },
        { 400, "EntityTooSmall", FailureScope.File, FailureNature.Lasting, false },
        { 400, "EntityTooLarge", FailureScope.File, FailureNature.Lasting, false },
        { 400, "KeyTooLongError", FailureScope.File, FailureNature.Lasting, false },
        { 400, "BadDigest", FailureScope.File, FailureNature.Passing, false },
        { 400, "XAmzContentSHA256Mismatch", FailureScope.File, FailureNature.Passing, false },
        { 400, "InvalidStorageClass", FailureScope.Bucket, FailureNature.Lasting, false },
        { 400, "InvalidTag", FailureScope.File, FailureNature.Lasting, false },
        { 400, "KMS.DisabledException", FailureScope.Bucket, FailureNature.Lasting, false },
        { 403, "QuotaExceeded", FailureScope.Bucket, FailureNature.Lasting, false },
        { 507, "", FailureScope.Store, FailureNature.Lasting, false },
        { 501, "NotImplemented", FailureScope.Bucket, FailureNature.Lasting, false },
        { 418, "TeapotOfSomebody", FailureScope.File, FailureNature.Lasting, false },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Every_refusal_says_how_far_it_reaches_and_whether_waiting_helps(int status, string code, FailureScope scope, FailureNature nature, bool outcomeUnknown)
    {
        var failure = S3Failures.Classify(Asked, new S3Trouble(TroubleKind.Refused, status, code));
        Assert.Equal((scope, nature, outcomeUnknown), (failure.Scope, failure.Nature, failure.OutcomeUnknown));
        Assert.NotEmpty(failure.Code);
        Assert.EndsWith(".", failure.Cure, StringComparison.Ordinal);
        Assert.True(failure.Cause.Contains("bucket-x", StringComparison.Ordinal) || failure.Cause.Contains("s3://store.example", StringComparison.Ordinal)
            || failure.Scope == FailureScope.Store, failure.Cause);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "NameNotResolved", false)]
    [InlineData(HttpRequestError.ConnectionError, "NotReachable", false)]
    [InlineData(HttpRequestError.SecureConnectionError, "TlsFailed", false)]
    [InlineData(HttpRequestError.ProxyTunnelError, "ProxyFailed", false)]
    [InlineData(HttpRequestError.ResponseEnded, "ConnectionBroken", true)]
    [InlineData(HttpRequestError.Unknown, "ConnectionBroken", true)]
    [InlineData(HttpRequestError.InvalidResponse, "UnreadableAnswer", true)]
    public void Without_an_answer_the_outcome_is_unknown_only_if_the_request_may_have_arrived(HttpRequestError error, string code, bool outcomeUnknown)
    {
        var failure = S3Failures.Classify(Asked, S3TroubleReader.Read(new HttpRequestException(error, "said")));
        Assert.Equal((FailureScope.Store, FailureNature.Passing, code, outcomeUnknown), (failure.Scope, failure.Nature, failure.Code, failure.OutcomeUnknown));
    }

    [Fact]
    public void A_refused_connection_is_told_from_other_trouble() =>
        Assert.Equal("ConnectionRefused", S3TroubleReader.Read(new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused))).Code);

    [Fact]
    public void A_question_that_changes_nothing_leaves_no_outcome_unknown() =>
        Assert.False(S3Failures.Classify(Asked with { Operation = S3Operation.HeadObject }, new S3Trouble(TroubleKind.AnswerLost, 0, "Timeout")).OutcomeUnknown);

    [Fact]
    public void A_bucket_of_another_region_is_named_with_that_region()
    {
        var failure = S3Failures.Classify(Asked, new S3Trouble(TroubleKind.Refused, 301, "PermanentRedirect", RegionHint: "eu-south-1"));
        Assert.Contains("eu-south-1", failure.Cure, StringComparison.Ordinal);
        Assert.Contains("us-east-1", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_denied_permission_is_named()
    {
        var failure = S3Failures.Classify(Asked, new S3Trouble(TroubleKind.Refused, 403, "AccessDenied", "User: arn:aws:iam::123456789012:user/uploader is not authorized"));
        Assert.Contains("s3:PutObject on bucket bucket-x", failure.Cure, StringComparison.Ordinal);
        Assert.Contains("user/uploader", failure.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AccessDenied")]
    [InlineData("InternalError")]
    [InlineData("NeverHeardOf")]
    public void What_a_store_says_is_shown_on_one_line_and_without_secrets(string code)
    {
        const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        var failure = S3Failures.Classify(Asked, new S3Trouble(TroubleKind.Refused, 400, code, $"you sent\r\n{Secret} \u001b[31m" + new string('x', 20) + string.Concat(Enumerable.Repeat(" y", 1000))));
        Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(failure.Cause, char.IsControl);
        Assert.InRange(failure.Cause.Length, 1, 600);
    }

    [Fact]
    public void A_key_with_a_line_break_stays_on_one_line() =>
        Assert.DoesNotContain('\n', S3Failures.Classify(Asked with { Key = "a\nb" }, new S3Trouble(TroubleKind.Refused, 400, "BadDigest")).Cause);

    [Fact]
    public void How_long_to_wait_is_handed_on() =>
        Assert.Equal(TimeSpan.FromSeconds(7), S3Failures.Classify(Asked, new S3Trouble(TroubleKind.Refused, 503, "SlowDown", RetryAfter: TimeSpan.FromSeconds(7))).RetryAfter);

    private static S3Question Asked => new(S3Operation.PutObject, "s3://store.example", "bucket-x", "folder/key", "us-east-1", IsAws: false, Profile: null);
}
