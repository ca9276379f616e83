namespace Akka.Pipeline.Benchmarks.Floor;

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

/// <summary>Signature Version 4 of a PUT with an unsigned payload, and of nothing else. Not safe for several threads.</summary>
internal sealed class FloorSigner(string accessKey, string secretKey, string region, string host)
{
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";
    private const string SignedHeaders = "host;x-amz-content-sha256;x-amz-date";
    private const int TextBytes = 8 * 1024;

    private readonly byte[] _text = new byte[TextBytes];
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
    private long _second;
    private string _timestamp = "";
    private string _scope = "";
    private byte[] _key = [];

    /// <param name="path">As it stands on the wire.</param>
    /// <returns>The values of x-amz-date and Authorization.</returns>
    public (string Timestamp, string Authorization) Sign(string path)
    {
        var now = DateTime.UtcNow;
        if (now.Ticks / TimeSpan.TicksPerSecond != _second)
        {
            Turn(now);
        }

        var length = Encoding.UTF8.GetBytes(
            $"PUT\n{path}\n\nhost:{host}\nx-amz-content-sha256:{UnsignedPayload}\nx-amz-date:{_timestamp}\n\n{SignedHeaders}\n{UnsignedPayload}", _text);
        SHA256.HashData(_text.AsSpan(0, length), _hash);
        length = Encoding.UTF8.GetBytes($"AWS4-HMAC-SHA256\n{_timestamp}\n{_scope}\n{Convert.ToHexStringLower(_hash)}", _text);
        HMACSHA256.HashData(_key, _text.AsSpan(0, length), _hash);
        return (_timestamp, $"AWS4-HMAC-SHA256 Credential={accessKey}/{_scope}, SignedHeaders={SignedHeaders}, Signature={Convert.ToHexStringLower(_hash)}");
    }

    private void Turn(DateTime now)
    {
        _second = now.Ticks / TimeSpan.TicksPerSecond;
        _timestamp = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var date = _timestamp[..8];
        _scope = $"{date}/{region}/s3/aws4_request";
        _key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var part in new[] { date, region, "s3", "aws4_request" })
        {
            _key = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(part));
        }
    }
}
