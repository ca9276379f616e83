namespace Akka.Pipeline.Storage.S3.Direct;

using System.Buffers;
using System.Text;

/// <summary>
/// Percent-encoding as Signature Version 4 wants it: everything but letters, digits and "-._~", in upper-case hex, each byte once
/// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "UriEncode", 2026-11). What is signed is also what is sent.
/// </summary>
internal static class UriText
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private const int LongestOnStack = 256;

    private static readonly SearchValues<char> Plain = SearchValues.Create(Unreserved);
    private static readonly SearchValues<char> PlainOrSlash = SearchValues.Create(Unreserved + "/");
    private static readonly SearchValues<byte> PlainBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Unreserved));

    /// <summary>A key, whose slashes stay; the same string where nothing needs encoding.</summary>
    public static string OfKey(string key) => key.AsSpan().ContainsAnyExcept(PlainOrSlash) ? Encode(key, keepSlash: true) : key;

    /// <summary>A name or value of a query or of a list of tags.</summary>
    public static string OfValue(string value) => value.AsSpan().ContainsAnyExcept(Plain) ? Encode(value, keepSlash: false) : value;

    private static string Encode(string text, bool keepSlash)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > LongestOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[LongestOnStack];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        var encoded = new StringBuilder(bytes.Length + 32);
        foreach (var b in bytes)
        {
            if (PlainBytes.Contains(b) || (keepSlash && b == '/'))
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(Digit(b >> 4)).Append(Digit(b & 15));
            }
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return encoded.ToString();
    }

    private static char Digit(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);
}
