namespace Akka.Pipeline.Core.Spot;

using System.Globalization;
using System.Text.Json;

/// <summary>What becomes of the machine.</summary>
public enum InstanceFate
{
    /// <summary>It ends, and its own disks with it.</summary>
    Terminate,

    /// <summary>It stops; it may be started again later.</summary>
    Stop,

    /// <summary>It freezes, at any moment from the notice on, and may go on later.</summary>
    Hibernate,
}

/// <summary>An interruption notice.</summary>
/// <param name="Fate">What becomes of the machine.</param>
/// <param name="At">When, by the service's clock; null when the notice tells no time that can be read.</param>
public sealed record InstanceNotice(InstanceFate Fate, DateTimeOffset? At)
{
    /// <summary>Longer notices are not read: honest ones have less than 100 characters.</summary>
    public const int MaximumCharacters = 4096;

    /// <summary>
    /// Reads spot/instance-action: {"action": "terminate", "time": "2026-11-20T08:22:00Z"}
    /// (docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html, 2026-11). An action of a name that is not known counts as the worst one; what is no
    /// such notice is null, because a stray answer must not end a node's work.
    /// </summary>
    public static InstanceNotice? Read(string? text)
    {
        if (Field(text, "action") is not { Length: > 0 } action)
        {
            return null;
        }

        var fate = action.ToUpperInvariant() switch
        {
            "STOP" => InstanceFate.Stop,
            "HIBERNATE" => InstanceFate.Hibernate,
            _ => InstanceFate.Terminate,
        };
        return new InstanceNotice(fate, TimeOf(Field(text, "time")));
    }

    /// <summary>
    /// Whether this is a rebalance recommendation: events/recommendations/rebalance, {"noticeTime": "2026-10-27T08:22:00Z"}
    /// (docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html, 2026-11).
    /// </summary>
    public static bool IsRebalance(string? text) => TimeOf(Field(text, "noticeTime")) is not null;

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static string? Field(string? text, string name)
    {
        if (text is null || text.Length > MaximumCharacters)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (Exception garbage) when (garbage is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
