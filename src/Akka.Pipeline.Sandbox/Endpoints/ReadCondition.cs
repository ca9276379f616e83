namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Globalization;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Conditions and ranges of GET and HEAD, after RFC 9110 and S3's own page on GetObject.</summary>
internal static class ReadCondition
{
    /// <returns>Whether the answer is 304.</returns>
    /// <exception cref="S3Exception">PreconditionFailed.</exception>
    public static bool IsNotModified(S3Request request, ObjectRecord record)
    {
        var modifiedAt = DateTimeOffset.FromUnixTimeSeconds(record.ModifiedAt.ToUnixTimeSeconds());
        if (request.Header("if-match") is { } ifMatch)
        {
            if (!Names(ifMatch, record.ETag))
            {
                throw S3Errors.PreconditionFailed("If-Match");
            }
        }
        else if (Date(request.Header("if-unmodified-since")) is { } unmodifiedSince && modifiedAt > unmodifiedSince)
        {
            throw S3Errors.PreconditionFailed("If-Unmodified-Since");
        }

        return request.Header("if-none-match") is { } ifNoneMatch
            ? Names(ifNoneMatch, record.ETag)
            : Date(request.Header("if-modified-since")) is { } modifiedSince && modifiedAt <= modifiedSince;
    }

    /// <summary>The one range that is asked for.</summary>
    /// <returns>Null where the whole is to be sent, as with a header that says nothing or asks for several ranges.</returns>
    /// <exception cref="S3Exception">InvalidRange.</exception>
    public static (long Offset, long Length)? Range(string? header, long sizeBytes)
    {
        if (header is null || !header.StartsWith("bytes=", StringComparison.Ordinal) || header.Contains(',', StringComparison.Ordinal))
        {
            return null;
        }

        var dash = header.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
        {
            return null;
        }

        var from = header[6..dash].Trim();
        var to = header[(dash + 1)..].Trim();
        if (from.Length == 0)
        {
            if (!long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                return null;
            }

            var length = Math.Min(last, sizeBytes);
            return length == 0 ? throw InvalidRange(header, sizeBytes) : (sizeBytes - length, length);
        }

        var end = long.MaxValue;
        if (!long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            || (to.Length > 0 && !long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out end)) || end < start)
        {
            return null;
        }

        return start >= sizeBytes ? throw InvalidRange(header, sizeBytes) : (start, Math.Min(end, sizeBytes - 1) - start + 1);
    }

    public static bool Names(string header, string etag) =>
        header.Split(',', StringSplitOptions.TrimEntries).Any(candidate => candidate == "*" || candidate.Replace("W/", "", StringComparison.Ordinal).Trim('"') == etag);

    private static DateTimeOffset? Date(string? header) =>
        DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    private static S3Exception InvalidRange(string header, long sizeBytes) =>
        new(416, "InvalidRange", "The requested range is not satisfiable")
        {
            Details = [new("RangeRequested", header), new("ActualObjectSize", $"{sizeBytes}")],
            Headers = [new("Content-Range", $"bytes */{sizeBytes}")],
        };
}
