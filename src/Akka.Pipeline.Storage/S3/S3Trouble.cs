namespace Akka.Pipeline.Storage.S3;

/// <summary>What became of a request that did not succeed.</summary>
internal enum TroubleKind
{
    /// <summary>The store answered with an error.</summary>
    Refused,

    /// <summary>No connection came about: the store has seen nothing of the request.</summary>
    NotReached,

    /// <summary>The connection broke, or no answer came: the store may have carried the request out.</summary>
    AnswerLost,

    /// <summary>There was an answer, but not one of an S3 store.</summary>
    Unreadable,

    /// <summary>There are no credentials to sign the request with: nothing was sent.</summary>
    NoCredentials,
}

/// <summary>The facts of a request that did not succeed, whatever client sent it.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Status">HTTP status, or 0 without an answer.</param>
/// <param name="Code">The store's error code, or our own name for a trouble of the transport; may be empty.</param>
/// <param name="Message">What the store or the operating system says. Not to be trusted, may hold secrets: shown only through <see cref="PlainText"/>.</param>
/// <param name="RegionHint">The region that the store says the bucket is in.</param>
/// <param name="RetryAfter">How long the store asks us to wait.</param>
internal sealed record S3Trouble(
    TroubleKind Kind,
    int Status,
    string Code,
    string? Message = null,
    string? RegionHint = null,
    TimeSpan? RetryAfter = null);

/// <summary>Carries a <see cref="S3Trouble"/> out of the transport.</summary>
internal sealed class S3TroubleException(S3Trouble trouble) : Exception(trouble.Code)
{
    public S3Trouble Trouble { get; } = trouble;
}
