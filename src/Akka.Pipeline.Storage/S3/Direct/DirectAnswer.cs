namespace Akka.Pipeline.Storage.S3.Direct;

using System.Buffers;
using System.Globalization;
using System.Net;
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
    public static void Drain(StoreConnection connection)
    {
        Span<byte> scrap = stackalloc byte[ScrapBytes];
        for (long total = 0; connection.Read(scrap) is > 0 and var read;)
        {
            total += read;
            if (total > MaximumAnswerBytes)
            {
                throw new S3TroubleException(new S3Trouble(TroubleKind.Unreadable, connection.Status, "UnreadableAnswer", "the answer has no end"));
            }
        }
    }

    public static SendAnswer Read(StoreConnection connection) => new(
        S3Digests.Unquote(connection.Find("etag"u8)),
        new DigestSet(null, S3Digests.ToHex(connection.Find("x-amz-checksum-crc32c"u8), 4), S3Digests.ToHex(connection.Find("x-amz-checksum-sha256"u8), 32)),
        S3Attributes.MakesETagOpaque(connection.Find("x-amz-server-side-encryption"u8)) || connection.Find("x-amz-server-side-encryption-customer-algorithm"u8) is { Length: > 0 },
        connection.Find("x-amz-version-id"u8));

    public static S3Trouble ReadRefusal(StoreConnection connection)
    {
        var text = ReadText(connection);
        var isError = text.Contains("<Error", StringComparison.Ordinal);
        var code = isError ? Element(text, "Code") : null;
        var region = isError ? Element(text, "Region") : null;
        return new S3Trouble(
            TroubleKind.Refused,
            connection.Status,
            code ?? CodeOf(connection.Status),
            isError ? Element(text, "Message") : null,
            region is { Length: > 0 } ? region : connection.Find("x-amz-bucket-region"u8),
            int.TryParse(connection.Find("retry-after"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>What time the store says it is.</summary>
    public static DateTimeOffset? DateOf(StoreConnection connection) =>
        DateTimeOffset.TryParseExact(connection.Find("date"u8), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    // Where something on the way leaves the document out, the status says the same.
    private static string CodeOf(int status) => status switch
    {
        403 => "Forbidden",
        412 => "PreconditionFailed",
        _ => "",
    };

    private static string ReadText(StoreConnection connection)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaximumRefusalBytes);
        try
        {
            var length = 0;
            while (length < MaximumRefusalBytes && connection.Read(buffer.AsSpan(length, MaximumRefusalBytes - length)) is > 0 and var read)
            {
                length += read;
            }

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
