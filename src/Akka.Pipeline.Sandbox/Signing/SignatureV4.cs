namespace Akka.Pipeline.Sandbox.Signing;

using System.Security.Cryptography;
using System.Text;
using Akka.Pipeline.Sandbox.Protocol;

/// <summary>
/// The arithmetic of AWS Signature Version 4 for S3
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html, read 2026-11). Pure.
/// </summary>
internal static class SignatureV4
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    public static byte[] SigningKey(string secretKey, string date, string region, string service)
    {
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secretKey), Encoding.UTF8.GetBytes(date));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service));
        return HMACSHA256.HashData(key, "aws4_request"u8);
    }

    public static string CanonicalRequest(
        string method, string canonicalPath, IEnumerable<KeyValuePair<string, string>> query, IEnumerable<KeyValuePair<string, string>> signedHeaders, string payloadHash)
    {
        var text = new StringBuilder(512).Append(method).Append('\n').Append(canonicalPath).Append('\n');
        var encoded = query
            .Select(pair => (Name: UriText.Encode(pair.Key, keepSlash: false), Value: UriText.Encode(pair.Value, keepSlash: false)))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal);
        var first = true;
        foreach (var (name, value) in encoded)
        {
            text.Append(first ? "" : "&").Append(name).Append('=').Append(value);
            first = false;
        }

        text.Append('\n');
        var names = new StringBuilder(64);
        foreach (var header in signedHeaders)
        {
            text.Append(header.Key).Append(':').Append(CollapseSpaces(header.Value)).Append('\n');
            names.Append(names.Length == 0 ? "" : ";").Append(header.Key);
        }

        return text.Append('\n').Append(names).Append('\n').Append(payloadHash).ToString();
    }

    public static string StringToSign(string timestamp, string scope, string canonicalRequest) =>
        $"{Algorithm}\n{timestamp}\n{scope}\n{HexSha256(Encoding.UTF8.GetBytes(canonicalRequest))}";

    public static string ChunkStringToSign(string timestamp, string scope, string previousSignature, string chunkSha256) =>
        $"{Algorithm}-PAYLOAD\n{timestamp}\n{scope}\n{previousSignature}\n{EmptySha256}\n{chunkSha256}";

    public static string TrailerStringToSign(string timestamp, string scope, string previousSignature, string canonicalTrailers) =>
        $"{Algorithm}-TRAILER\n{timestamp}\n{scope}\n{previousSignature}\n{HexSha256(Encoding.UTF8.GetBytes(canonicalTrailers))}";

    public static string Sign(byte[] signingKey, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(stringToSign)));

    public static string HexSha256(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));

    /// <summary>Compares in a time that does not depend on where the two differ.</summary>
    public static bool SameSignature(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));

    private static string CollapseSpaces(string value)
    {
        var trimmed = value.Trim(' ', '\t');
        return trimmed.Contains("  ") ? string.Join(' ', trimmed.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : trimmed;
    }
}
