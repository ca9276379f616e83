namespace Akka.Pipeline.Storage.S3.Direct;

using System.Security.Cryptography;
using System.Text;

/// <summary>AWS Signature Version 4 in a header (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, 2026-11). Pure.</summary>
internal static class RequestSigner
{
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    private const int RoomBytes = 2048;

    /// <summary>The value of the header Authorization.</summary>
    /// <param name="method">Of HTTP, in upper case.</param>
    /// <param name="path">As it is sent: encoded once.</param>
    /// <param name="query">As it is sent: encoded, in the order of the names, without the question mark; may be empty.</param>
    /// <param name="headers">What is signed, "host" among it.</param>
    /// <param name="payload">What the header x-amz-content-sha256 says.</param>
    /// <param name="key">Of the day that <paramref name="time"/> is in.</param>
    /// <param name="time">What the header x-amz-date says.</param>
    public static string Sign(string method, string path, string query, ReadOnlySpan<SignedHeader> headers, string payload, SigningKey key, SigningTime time)
    {
        var text = new SigningText(stackalloc byte[RoomBytes]);
        try
        {
            text.Append(method);
            text.Append((byte)'\n');
            text.Append(path);
            text.Append((byte)'\n');
            text.Append(query);
            text.Append((byte)'\n');
            foreach (var header in headers)
            {
                text.Append(header.Name);
                text.Append((byte)':');
                text.AppendTrimmed(header.Value);
                text.Append((byte)'\n');
            }

            text.Append((byte)'\n');
            AppendNames(ref text, headers);
            text.Append((byte)'\n');
            text.Append(payload);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(text.Bytes, hash);

            text.Clear();
            text.Append("AWS4-HMAC-SHA256\n"u8);
            text.Append(time.Timestamp);
            text.Append((byte)'\n');
            text.Append(key.Scope);
            text.Append((byte)'\n');
            text.AppendHex(hash);
            HMACSHA256.HashData(key.Key, text.Bytes, hash);

            text.Clear();
            text.Append("AWS4-HMAC-SHA256 Credential="u8);
            text.Append(key.Credential);
            text.Append(", SignedHeaders="u8);
            AppendNames(ref text, headers);
            text.Append(", Signature="u8);
            text.AppendHex(hash);
            return Encoding.UTF8.GetString(text.Bytes);
        }
        finally
        {
            text.Dispose();
        }
    }

    private static void AppendNames(ref SigningText text, ReadOnlySpan<SignedHeader> headers)
    {
        for (var i = 0; i < headers.Length; i++)
        {
            if (i > 0)
            {
                text.Append((byte)';');
            }

            text.Append(headers[i].Name);
        }
    }
}
