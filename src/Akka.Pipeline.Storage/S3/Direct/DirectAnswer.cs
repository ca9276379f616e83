namespace Akka.Pipeline.Storage.S3.Direct;

using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using Akka.Pipeline.Core.Digests;

/// <summary>Reads what a store answers to bytes: headers if it took them, a short XML document if it did not.</summary>
internal static class DirectAnswer
{
    // S3's errors have some hundred bytes; Ceph's and the sandbox's refusals of a signature quote the request.
    private const int MaximumRefusalBytes = 64 << 10;
    private const long MaximumAnswerBytes = 16L << 20;
    private const int ScrapBytes = 4096;

    /// <summary>Reads a good answer to its end, so that the connection can be used again.</summary>
    public static async ValueTask DrainAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var scrap = ArrayPool<byte>.Shared.Rent(ScrapBytes);
        try
        {
            long total = 0;
            while (await stream.ReadAsync(scrap, cancellation) is > 0 and var read)
            {
                total += read;
                if (total > MaximumAnswerBytes)
                {
                    throw new S3TroubleException(new S3Trouble(TroubleKind.Unreadable, (int)response.StatusCode, "UnreadableAnswer", "the answer has no end"));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scrap);
        }
    }

    public static SendAnswer Read(HttpResponseMessage response)
    {
        var headers = response.Headers.NonValidated;
        var encryption = Find(headers, "x-amz-server-side-encryption");
        return new SendAnswer(
            S3Digests.Unquote(Find(headers, "ETag")),
            new DigestSet(null, S3Digests.ToHex(Find(headers, "x-amz-checksum-crc32c"), 4), S3Digests.ToHex(Find(headers, "x-amz-checksum-sha256"), 32)),
            S3Attributes.MakesETagOpaque(encryption) || Find(headers, "x-amz-server-side-encryption-customer-algorithm") is { Length: > 0 },
            Find(headers, "x-amz-version-id"));
    }

    public static async Task<S3Trouble> ReadRefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await ReadTextAsync(response, cancellation);
        var headers = response.Headers.NonValidated;
        var isError = text.Contains("<Error", StringComparison.Ordinal);
        var code = isError ? Element(text, "Code") : null;
        var region = isError ? Element(text, "Region") : null;
        return new S3Trouble(
            TroubleKind.Refused,
            (int)response.StatusCode,
            code ?? CodeOf(response.StatusCode),
            isError ? Element(text, "Message") : null,
            region is { Length: > 0 } ? region : Find(headers, "x-amz-bucket-region"),
            int.TryParse(Find(headers, "Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>What time the store says it is.</summary>
    public static DateTimeOffset? DateOf(HttpResponseMessage response) =>
        DateTimeOffset.TryParseExact(Find(response.Headers.NonValidated, "Date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    // Where something on the way leaves the document out, the status says the same.
    private static string CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Forbidden => "Forbidden",
        HttpStatusCode.PreconditionFailed => "PreconditionFailed",
        _ => "",
    };

    private static string? Find(HttpHeadersNonValidated headers, string name) => headers.TryGetValues(name, out var values) ? values.ToString() : null;

    private static async Task<string> ReadTextAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(MaximumRefusalBytes);
        try
        {
            var length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, MaximumRefusalBytes), MaximumRefusalBytes, throwOnEndOfStream: false, cancellation);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? Element(string text, string name)
    {
        var start = text.IndexOf($"<{name}>", StringComparison.Ordinal);
        var from = start + name.Length + 2;
        var end = start < 0 ? -1 : text.IndexOf($"</{name}>", from, StringComparison.Ordinal);
        return end < 0 ? null : WebUtility.HtmlDecode(text[from..end]);
    }
}
