namespace Akka.Pipeline.Sandbox.Store;

using Akka.Pipeline.Sandbox.Protocol;

/// <summary>On what a write depends.</summary>
/// <param name="OnlyIfAbsent">If-None-Match: *.</param>
/// <param name="OnlyIfETag">If-Match; null: nothing.</param>
internal sealed record WriteCondition(bool OnlyIfAbsent, string? OnlyIfETag)
{
    public static WriteCondition From(S3Request request)
    {
        var ifNoneMatch = request.Header("if-none-match");
        // S3 takes nothing but * here: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11).
        if (ifNoneMatch is not (null or "*" or "\"*\""))
        {
            throw S3Errors.NotImplemented("A header you provided implies functionality that is not implemented: If-None-Match of a write takes only *.");
        }

        return new(ifNoneMatch is not null, request.Header("if-match")?.Trim('"'));
    }

    /// <exception cref="S3Exception">The condition does not hold.</exception>
    public void Check(string key, ObjectRecord? present)
    {
        if (OnlyIfAbsent && present is not null)
        {
            throw S3Errors.PreconditionFailed("If-None-Match");
        }

        if (OnlyIfETag is null)
        {
            return;
        }

        if (present is null)
        {
            throw S3Errors.NoSuchKey(key);
        }

        if (OnlyIfETag != "*" && OnlyIfETag != present.ETag)
        {
            throw S3Errors.PreconditionFailed("If-Match");
        }
    }
}
