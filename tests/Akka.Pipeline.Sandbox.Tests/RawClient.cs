namespace Akka.Pipeline.Sandbox.Tests;

using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

/// <summary>
/// Signs and sends requests exactly as they are told, wrong ones too. The signing is written apart from the sandbox's own,
/// so that one mistake cannot hide in both.
/// </summary>
public sealed class RawClient(Uri endpoint, string accessKey, string secretKey) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(20) };

    public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    public string Region { get; set; } = "us-east-1";

    public HttpClient Http => _http;

    public string Timestamp => Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'");

    public string Scope => $"{Now.UtcDateTime:yyyyMMdd}/{Region}/s3/aws4_request";

    /// <param name="path">Encoded, with the leading slash.</param>
    /// <param name="query">Encoded and sorted, without the question mark.</param>
    /// <param name="payloadHash">Null: that of the body.</param>
    public async Task<RawAnswer> SendAsync(
        string method, string path, string query = "", byte[]? body = null, string? payloadHash = null, string? host = null, params (string Name, string Value)[] headers)
    {
        using var request = Sign(method, path, query, body, payloadHash, host, headers);
        using var response = await _http.SendAsync(request);
        return new(response.StatusCode, response, await response.Content.ReadAsByteArrayAsync());
    }

    public HttpRequestMessage Sign(
        string method, string path, string query, byte[]? body, string? payloadHash, string? host, params (string Name, string Value)[] headers)
    {
        payloadHash ??= Hex(SHA256.HashData(body ?? []));
        var signed = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = host ?? endpoint.Authority,
            ["x-amz-date"] = Timestamp,
            ["x-amz-content-sha256"] = payloadHash,
        };
        foreach (var (name, value) in headers)
        {
            signed[name.ToLowerInvariant()] = value;
        }

        var names = string.Join(';', signed.Keys);
        var canonical = $"{method}\n{path}\n{query}\n{string.Concat(signed.Select(pair => $"{pair.Key}:{pair.Value}\n"))}\n{names}\n{payloadHash}";
        var signature = Hmac($"AWS4-HMAC-SHA256\n{Timestamp}\n{Scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}");

        var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{endpoint.Scheme}://{endpoint.Authority}{path}{(query.Length > 0 ? "?" + query : "")}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null || method is "PUT" or "POST")
        {
            request.Content = new ByteArrayContent(body ?? []);
        }

        foreach (var (name, value) in signed)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("AWS4-HMAC-SHA256", $"Credential={accessKey}/{Scope}, SignedHeaders={names}, Signature={signature}");
        return request;
    }

    public string Hmac(string text)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var step in Scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    public void Dispose() => _http.Dispose();
}

public sealed record RawAnswer(HttpStatusCode Status, HttpResponseMessage Response, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Code => Element("Code");

    public string? Element(string name) => Body.Length == 0 ? null : XDocument.Parse(Text).Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    public string? Header(string name) =>
        Response.Headers.TryGetValues(name, out var values) || Response.Content.Headers.TryGetValues(name, out values) ? string.Join(",", values) : null;
}
