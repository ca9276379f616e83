namespace Akka.Pipeline.Storage.S3;

using Akka.Pipeline.Core.Failures;

/// <summary>Turns a failed request into a <see cref="Failure"/>: a pure function of what was asked and what came back.</summary>
/// <remarks>Codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (2026-11) and those seen from Ceph 16.2.15.</remarks>
internal static class S3Failures
{
    // docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, 2026-11
    private const int MaximumKeyBytes = 1024;

    public static Failure Classify(S3Question asked, S3Trouble trouble)
    {
        var failure = trouble.Kind switch
        {
            TroubleKind.NotReached => NotReached(asked, trouble),
            TroubleKind.AnswerLost => AnswerLost(asked, trouble),
            TroubleKind.Unreadable => Unreadable(asked, trouble),
            TroubleKind.NoCredentials => Credentials(asked, "NoCredentials", $"{asked.Store} cannot be asked without credentials, and they could not be had{Said(trouble)}"),
            _ => Refused(asked, trouble),
        };
        return failure with { OutcomeUnknown = failure.OutcomeUnknown && asked.Operation.Writes, RetryAfter = trouble.RetryAfter };
    }

    /// <summary>What the store says it holds is not what was sent.</summary>
    public static Failure Contradiction(S3Question asked) => new(
        FailureScope.File, FailureNature.Passing, "AnswerContradictsBody",
        $"{asked.Store} confirms other bytes for {asked.Target} than were sent", "Nothing to do if it is rare: it is sent again (but remove the object if the file has been removed meanwhile); else check memory, disk, network and the store itself.");

    /// <summary>The AWS SDK (4.0.104) signs another path than it sends for such a key, and the refusal would look like wrong credentials.</summary>
    public static Failure LeadingSlash(S3Question asked) => new(
        FailureScope.File, FailureNature.Lasting, "KeyBeginsWithSlash", $"The key of {asked.Target} begins with a slash, which the AWS SDK cannot sign", "Remove the slash at the beginning of the target's prefix.");

    /// <summary>The store took the bytes and ignored the checksum that came with them.</summary>
    public static Failure NotConfirmed(S3Question asked) => new(
        FailureScope.Store, FailureNature.Lasting, "ChecksumNotConfirmed",
        $"{asked.Store} does not confirm the checksum of {asked.Target}: it does not know that kind of checksum", "Set the store's checksum to md5, which every store knows.");

    private static Failure NotReached(S3Question asked, S3Trouble trouble) => trouble.Code switch
    {
        "NameNotResolved" => new(FailureScope.Store, FailureNature.Passing, trouble.Code,
            $"The host name of {asked.Store} cannot be resolved{Said(trouble)}", "Check the endpoint and region settings and this machine's DNS and network."),
        "TlsFailed" => new(FailureScope.Store, FailureNature.Passing, trouble.Code,
            $"No secure connection to {asked.Store} came about{Said(trouble)}", "Check that the endpoint speaks https, that this machine trusts its certificate (for a private authority add it, for example with update-ca-certificates), and the clock."),
        "ConnectionRefused" => new(FailureScope.Store, FailureNature.Passing, trouble.Code,
            $"{asked.Store} refuses connections", "Check that the store runs and that the endpoint's host and port are right."),
        "ProxyFailed" => new(FailureScope.Store, FailureNature.Passing, trouble.Code,
            $"The proxy on the way to {asked.Store} does not let us through{Said(trouble)}", "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."),
        _ => new(FailureScope.Store, FailureNature.Passing, trouble.Code,
            $"{asked.Store} cannot be reached{Said(trouble)}", "Check the endpoint, the network and the firewall."),
    };

    private static Failure AnswerLost(S3Question asked, S3Trouble trouble) => trouble.Code switch
    {
        "Timeout" => new(FailureScope.Store, FailureNature.Passing, "Timeout",
            $"{asked.Store} made no progress on {asked.Operation.Name} of {asked.Target} for the request time-out", "Check the network and the store's load; a slow line may need a longer request time-out or fewer uploads at once.", OutcomeUnknown: true),
        _ => new(FailureScope.Store, FailureNature.Passing, trouble.Code,
            $"The connection to {asked.Store} broke during {asked.Operation.Name} of {asked.Target}{Said(trouble)}", "Nothing to do if it is rare; else check the network and what stands between here and the store.", OutcomeUnknown: true),
    };

    private static Failure Unreadable(S3Question asked, S3Trouble trouble) => new(
        FailureScope.Store, FailureNature.Passing, "UnreadableAnswer",
        $"What answers at {asked.Store} does not speak the S3 protocol{Status(trouble)}", "Check the endpoint: a proxy, a web console or a sign-in page may answer in the store's place.", OutcomeUnknown: true);

    private static Failure Refused(S3Question asked, S3Trouble trouble)
    {
        var store = asked.Store;
        var bucket = asked.Bucket;
        switch (trouble.Code)
        {
            case "NoSuchBucket":
            case "NotFound" when asked.Operation == S3Operation.HeadBucket:
                return new(FailureScope.Bucket, FailureNature.Lasting, "NoSuchBucket",
                    $"{store} has no bucket named {bucket}", $"Create it, or alias the folder to an existing bucket: bucket-names {{ {bucket} = existing-bucket }}.");
            case "InvalidBucketName":
                return new(FailureScope.Bucket, FailureNature.Lasting, trouble.Code,
                    $"{store} does not accept {PlainText.Of(bucket)} as the name of a bucket", $"Bucket names have 3 to 63 lower-case letters, digits, dots and hyphens; alias the folder: bucket-names {{ {PlainText.Of(bucket)} = a-valid-name }}.");
            case "AccessDenied":
            case "Forbidden":
            case "AllAccessDisabled":
            case "AccountProblem":
                return new(FailureScope.Bucket, FailureNature.Lasting, trouble.Code == "Forbidden" ? "AccessDenied" : trouble.Code,
                    $"{store} denies {asked.Operation.Name} in bucket {bucket}{Said(trouble)}", $"Allow {asked.Operation.Permission} on bucket {bucket} for the identity that this process uses, and check the bucket's policy, its encryption key's policy and that it is yours.");
            case "InvalidAccessKeyId":
            case "SignatureDoesNotMatch":
            case "ExpiredToken":
            case "ExpiredTokenException":
            case "TokenRefreshRequired":
            case "InvalidToken":
            case "InvalidClientTokenId":
            case "UnrecognizedClientException":
            case "CredentialsNotSupported":
            case "MissingSecurityHeader":
            case "NotSignedUp":
                return Credentials(asked, trouble.Code, CredentialsCause(asked, trouble.Code));
            case "RequestTimeTooSkewed":
            case "RequestExpired":
            case "RequestInTheFuture":
                return new(FailureScope.Store, FailureNature.Lasting, trouble.Code,
                    $"{store} refuses requests because this machine's clock is more than 15 minutes off", "Set the clock (timedatectl set-ntp true).");
            case "SlowDown":
            case "ServiceUnavailable":
            case "Throttling":
            case "ThrottlingException":
            case "TooManyRequests":
            case "TooManyRequestsException":
            case "RequestLimitExceeded":
            case "Busy":
                return Throttled(asked, trouble);
            case "RequestTimeout":
                return new(FailureScope.Store, FailureNature.Passing, trouble.Code,
                    $"{store} got the body of {asked.Operation.Name} of {asked.Target} too slowly", "Check the network; a slow line may need fewer uploads at once.");
            case "PermanentRedirect":
            case "TemporaryRedirect":
            case "AuthorizationHeaderMalformed":
            case "IllegalLocationConstraintException":
            case "IncorrectEndpoint":
                return WrongRegion(asked, trouble);
            case "PreconditionFailed":
                return new(FailureScope.File, FailureNature.Passing, trouble.Code, $"The condition on {asked.Operation.Name} of {asked.Target} is not met", "Nothing to do: what the store holds now is looked at next.");
            case "ConditionalRequestConflict":
            case "OperationAborted":
                return new(FailureScope.File, FailureNature.Passing, trouble.Code,
                    $"Another write to {asked.Target} was under way", "Nothing to do: it is tried again.");
            case "NoSuchUpload":
            case "NoSuchKey" when asked.Operation is var op && (op == S3Operation.UploadPart || op == S3Operation.ListParts || op == S3Operation.AbortMultipart): // Ceph 16.2
                return new(FailureScope.File, FailureNature.Passing, "NoSuchUpload",
                    $"{store} does not know the multipart upload of {asked.Target}: it was completed, aborted or has expired", "Nothing to do: the upload begins again if the object is not there.");
            case "InvalidPart":
            case "InvalidPartOrder":
                return new(FailureScope.File, FailureNature.Passing, trouble.Code,
                    $"{store} does not hold every part of {asked.Target} as it was sent", "Nothing to do: missing parts are sent again.");
            case "EntityTooSmall":
                return new(FailureScope.File, FailureNature.Lasting, trouble.Code,
                    $"{store} takes no part of {asked.Target} this small", "Raise the part size to 5 MiB or more.");
            case "EntityTooLarge":
                return new(FailureScope.File, FailureNature.Lasting, trouble.Code,
                    $"{asked.Target} is larger than {store} takes in one request", "Lower the size from which files go in parts, or the part size.");
            case "KeyTooLong":
            case "KeyTooLongError":
            case "InvalidObjectName" when System.Text.Encoding.UTF8.GetByteCount(asked.Key) > MaximumKeyBytes: // Ceph 16.2
                return new(FailureScope.File, FailureNature.Lasting, "KeyTooLong",
                    $"The key of {asked.Target} is longer than 1,024 bytes", "Shorten the file's path or the target's prefix.");
            case "BadDigest":
            case "InvalidDigest":
            case "XAmzContentSHA256Mismatch":
            case "XAmzContentChecksumMismatch":
            case "ChecksumMismatch":
            case "IncompleteBody":
                return new(FailureScope.File, FailureNature.Passing, trouble.Code,
                    $"{store} received other bytes of {asked.Target} than were meant", "Nothing to do if it is rare: nothing was stored, and it is sent again; else check memory, disk and network.");
            case "InvalidStorageClass":
                return new(FailureScope.Bucket, FailureNature.Lasting, trouble.Code,
                    $"{store} does not know the storage class asked for {asked.Target}", "Correct the route's storage class.");
            case "InvalidTag":
                return new(FailureScope.File, FailureNature.Lasting, trouble.Code,
                    $"{store} does not accept the tags of {asked.Target}{Said(trouble)}", "Correct the route's tags: at most 10, keys of up to 128 and values of up to 256 letters, digits and + - = . _ : / @.");
            case "QuotaExceeded":
            case "InsufficientCapacity":
            case "XMinioStorageFull":
            case "StorageFull":
                return new(FailureScope.Bucket, FailureNature.Lasting, trouble.Code,
                    $"{store} has no room left for bucket {bucket}", "Raise the quota, add storage, or remove old objects.");
            case "MethodNotAllowed":
                return new(FailureScope.Store, FailureNature.Lasting, trouble.Code,
                    $"{store} does not allow {asked.Operation.Name} at this address", "Check the endpoint and the path-style setting.");
            case "NotImplemented":
                return new(FailureScope.Bucket, FailureNature.Lasting, trouble.Code,
                    $"{store} does not support what {asked.Operation.Name} of {asked.Target} asks for{Said(trouble)}", "Check the route's storage class, encryption, tags and the checksum setting against what this store supports.");
            case "NoSuchKey":
            case "NotFound" when asked.Operation == S3Operation.HeadObject:
                return new(FailureScope.File, FailureNature.Passing, "NoSuchKey", $"{store} has no object {asked.Target}", "Nothing to do: it is uploaded anew.");
        }

        if (trouble.Code.StartsWith("KMS.", StringComparison.Ordinal))
        {
            return new(FailureScope.Bucket, FailureNature.Lasting, trouble.Code,
                $"The encryption key for bucket {bucket} cannot be used{Said(trouble)}", "Check that the KMS key exists, is enabled, lies in the bucket's region, and that its policy admits this identity.");
        }

        return ByStatus(asked, trouble);
    }

    // A code that nobody told us about, or none (an answer to HEAD, a proxy in between).
    private static Failure ByStatus(S3Question asked, S3Trouble trouble)
    {
        var name = trouble.Code.Length > 0 ? PlainText.Of(trouble.Code) : $"Http{trouble.Status}";
        return trouble.Status switch
        {
            301 or 302 or 307 or 308 => WrongRegion(asked, trouble),
            401 => Credentials(asked, name, CredentialsCause(asked, name)),
            403 => new(FailureScope.Bucket, FailureNature.Lasting, name,
                $"{asked.Store} denies {asked.Operation.Name} in bucket {asked.Bucket}{Said(trouble)}", $"Allow {asked.Operation.Permission} on bucket {asked.Bucket} for the identity that this process uses."),
            408 => new(FailureScope.Store, FailureNature.Passing, name, $"{asked.Store} gave up waiting for {asked.Operation.Name} of {asked.Target}", "Check the network.", OutcomeUnknown: true),
            409 or 412 => new(FailureScope.File, FailureNature.Passing, name, $"Another write to {asked.Target} was under way{Said(trouble)}", "Nothing to do: it is tried again."),
            429 or 503 => Throttled(asked, trouble with { Code = name }),
            507 => new(FailureScope.Store, FailureNature.Lasting, name, $"{asked.Store} has no room left", "Add storage, or remove old objects."),
            >= 500 and not 501 => new(FailureScope.Store, FailureNature.Passing, name,
                $"{asked.Store} failed on {asked.Operation.Name} of {asked.Target}{Status(trouble)}{Said(trouble)}", "Nothing to do if it passes; else look at the store's own logs.", OutcomeUnknown: true),
            >= 200 and < 300 => new(FailureScope.Store, FailureNature.Passing, name,
                $"{asked.Store} reported an error while it carried out {asked.Operation.Name} of {asked.Target}{Said(trouble)}", "Nothing to do: what it holds is looked at, and it is tried again.", OutcomeUnknown: true),
            _ => new(FailureScope.File, FailureNature.Lasting, name,
                $"{asked.Store} refuses {asked.Operation.Name} of {asked.Target}{Status(trouble)}{Said(trouble)}", "See what the store says; if every file fails so, check the endpoint, region, path-style and checksum settings."),
        };
    }

    private static Failure Throttled(S3Question asked, S3Trouble trouble) => new(
        FailureScope.Bucket, FailureNature.Throttled, trouble.Code.Length > 0 ? trouble.Code : "SlowDown",
        $"{asked.Store} asks for fewer requests to bucket {asked.Bucket}", "Nothing to do: it goes on more slowly; lower the number of uploads at once if it lasts.", OutcomeUnknown: trouble.Status != 429);

    private static Failure WrongRegion(S3Question asked, S3Trouble trouble) => trouble.RegionHint is { } region && !string.Equals(region, asked.Region, StringComparison.OrdinalIgnoreCase)
        ? new(FailureScope.Bucket, FailureNature.Lasting, "WrongRegion",
            $"Bucket {asked.Bucket} is in region {PlainText.Of(region)}, not {asked.Region}", $"Set the region to {PlainText.Of(region)} (store.region, --region or AWS_REGION).")
        : new(FailureScope.Bucket, FailureNature.Lasting, "WrongRegion",
            $"{asked.Store} says that bucket {asked.Bucket} is to be asked for elsewhere than in region {asked.Region}{Said(trouble)}", "Set the right region and endpoint (aws s3api get-bucket-location tells the region).");

    private static Failure Credentials(S3Question asked, string code, string cause) =>
        new(FailureScope.Store, FailureNature.Credentials, code, cause, CredentialsCure(code, asked.Profile));

    private static string CredentialsCause(S3Question asked, string code) => code switch
    {
        "InvalidAccessKeyId" or "InvalidClientTokenId" or "UnrecognizedClientException" => $"{asked.Store} does not know the access key",
        "SignatureDoesNotMatch" => $"{asked.Store} finds the signature wrong: the secret key does not belong to the access key, or something on the way alters requests",
        "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" => $"The credentials for {asked.Store} have expired",
        "InvalidToken" => $"{asked.Store} does not accept the session token",
        _ => $"{asked.Store} does not accept the credentials",
    };

    /// <summary>The exact thing to do about credentials.</summary>
    public static string CredentialsCure(string code, string? profile)
    {
        var option = profile is null ? "" : $" --profile {PlainText.Of(profile)}";
        return code is "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired"
            ? $"Renew them: aws sso login{option} for single sign-on, or set fresh AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or run aws configure{option}."
            : $"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones), or run aws configure{option}, or choose a profile with --profile or AWS_PROFILE; on EC2 attach an instance role.";
    }

    private static string Said(S3Trouble trouble) => PlainText.Of(trouble.Message) is { Length: > 0 } text ? $" ({text})" : "";

    private static string Status(S3Trouble trouble) => trouble.Status == 0 ? "" : $" (HTTP {trouble.Status})";
}
