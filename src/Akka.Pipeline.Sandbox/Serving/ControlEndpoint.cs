namespace Akka.Pipeline.Sandbox.Serving;

using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

/// <summary>
/// Lets another process set faults and read statistics. `GET`, `POST` (a rule, or a list of rules) and `DELETE` on `/_sandbox/faults`, with `?seed=N` for chance;
/// `GET` and `DELETE` on `/_sandbox/statistics`.
/// </summary>
internal sealed class ControlEndpoint(SandboxFaults faults, SandboxStatistics statistics)
{
    public const string PathPrefix = "/_sandbox/";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public async Task HandleAsync(HttpContext http, string rawTarget)
    {
        var path = rawTarget.Split('?')[0][PathPrefix.Length..];
        try
        {
            await ((http.Request.Method, path) switch
            {
                ("GET", "faults") => SendAsync(http, 200, faults.Rules),
                ("POST", "faults") => AddAsync(http),
                ("DELETE", "faults") => Clear(http),
                ("GET", "statistics") => SendAsync(http, 200, new { statistics.Total, statistics.ReceivedBytes, statistics.Counts, statistics.Recent }),
                ("DELETE", "statistics") => ResetStatistics(http),
                _ => SendAsync(http, 404, new { Error = "Known are GET, POST and DELETE on /_sandbox/faults, and GET and DELETE on /_sandbox/statistics." }),
            });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            await SendAsync(http, 400, new { Error = e.Message });
        }
    }

    private async Task AddAsync(HttpContext http)
    {
        using var document = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var rules = document.RootElement.ValueKind == JsonValueKind.Array
            ? document.RootElement.Deserialize<List<FaultRule>>(Json) ?? []
            : [document.RootElement.Deserialize<FaultRule>(Json) ?? throw new JsonException("A rule is needed.")];
        if (http.Request.Query["seed"].FirstOrDefault() is { } seed)
        {
            faults.Seed(int.TryParse(seed, out var number) ? number : throw new ArgumentException("seed must be a whole number."));
        }

        rules.ForEach(faults.Add);
        await SendAsync(http, 200, faults.Rules);
    }

    private Task Clear(HttpContext http)
    {
        faults.Clear();
        return SendAsync(http, 200, faults.Rules);
    }

    private Task ResetStatistics(HttpContext http)
    {
        statistics.Reset();
        return SendAsync(http, 200, new { statistics.Total });
    }

    private static Task SendAsync<T>(HttpContext http, int status, T value)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        var body = JsonSerializer.SerializeToUtf8Bytes(value, Json);
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, 0, body.Length, http.RequestAborted);
    }
}
