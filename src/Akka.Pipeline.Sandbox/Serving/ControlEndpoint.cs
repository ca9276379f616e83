namespace Akka.Pipeline.Sandbox.Serving;

using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

/// <summary>
/// Lets another process set faults and read statistics. `GET`, `POST` (a rule, or a list of rules) and `DELETE` on `/_sandbox/faults`, with `?seed=N` for chance;
/// `GET` and `DELETE` on `/_sandbox/statistics`.
/// </summary>
internal sealed class ControlEndpoint(SandboxFaults faults, SandboxStatistics statistics)
{
    public const string PathPrefix = "/_sandbox/";

    public async Task HandleAsync(HttpContext http, string rawTarget)
    {
        var path = rawTarget.Split('?')[0][PathPrefix.Length..];
        try
        {
            await ((http.Request.Method, path) switch
            {
                ("GET", "faults") => SendAsync(http, 200, faults.Rules, ControlJson.Default.IReadOnlyListFaultRule),
                ("POST", "faults") => AddAsync(http),
                ("DELETE", "faults") => Clear(http),
                ("GET", "statistics") => SendAsync(http, 200, new(statistics.Total, statistics.ReceivedBytes, statistics.Counts, statistics.Recent), ControlJson.Default.StatisticsAnswer),
                ("DELETE", "statistics") => ResetStatistics(http),
                _ => SendAsync(http, 404, new("Known are GET, POST and DELETE on /_sandbox/faults, and GET and DELETE on /_sandbox/statistics."), ControlJson.Default.ErrorAnswer),
            });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            await SendAsync(http, 400, new(e.Message), ControlJson.Default.ErrorAnswer);
        }
    }

    private async Task AddAsync(HttpContext http)
    {
        using var document = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var rules = document.RootElement.ValueKind == JsonValueKind.Array
            ? document.RootElement.Deserialize(ControlJson.Default.ListFaultRule) ?? []
            : [document.RootElement.Deserialize(ControlJson.Default.FaultRule) ?? throw new JsonException("A rule is needed.")];
        if (http.Request.Query["seed"].FirstOrDefault() is { } seed)
        {
            faults.Seed(int.TryParse(seed, out var number) ? number : throw new ArgumentException("seed must be a whole number."));
        }

        rules.ForEach(faults.Add);
        await SendAsync(http, 200, faults.Rules, ControlJson.Default.IReadOnlyListFaultRule);
    }

    private Task Clear(HttpContext http)
    {
        faults.Clear();
        return SendAsync(http, 200, faults.Rules, ControlJson.Default.IReadOnlyListFaultRule);
    }

    private Task ResetStatistics(HttpContext http)
    {
        statistics.Reset();
        return SendAsync(http, 200, new(statistics.Total), ControlJson.Default.TotalAnswer);
    }

    private static Task SendAsync<T>(HttpContext http, int status, T value, JsonTypeInfo<T> type)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, 0, body.Length, http.RequestAborted);
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(List<FaultRule>))]
[JsonSerializable(typeof(IReadOnlyList<FaultRule>))]
[JsonSerializable(typeof(StatisticsAnswer))]
[JsonSerializable(typeof(TotalAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;

/// <summary>What was asked of the sandbox.</summary>
internal sealed record StatisticsAnswer(long Total, long ReceivedBytes, IReadOnlyDictionary<S3Operation, long> Counts, IReadOnlyList<SandboxRequest> Recent);

/// <summary>How many requests there were.</summary>
internal sealed record TotalAnswer(long Total);

/// <summary>A request was not understood.</summary>
internal sealed record ErrorAnswer(string Error);
