namespace Akka.Pipeline.Node.Control;

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

/// <summary>
/// What is spoken over the control socket: one line of JSON asks, lines of JSON answer. "status" gets one status; "stop" and "drain" get a status every half second while the daemon
/// leaves, then an end, and then the connection closes when the process is about to end. What is not understood gets an error.
/// </summary>
public static class ControlProtocol
{
    /// <summary>Raised when an older side could no longer understand what is meant. New fields do not raise it: unknown ones are passed over.</summary>
    public const int Version = 1;

    /// <summary>The longest request line.</summary>
    public const int MaximumRequestBytes = 4096;

    /// <summary>The longest line of an answer that is read.</summary>
    public const int MaximumAnswerBytes = 1 << 20;

    /// <summary>How long a request may take to arrive, and an answer to be taken.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>While a daemon leaves, a status is sent so often.</summary>
    public static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>A message as text, without the end of the line.</summary>
    public static string Write<T>(T message) => JsonSerializer.Serialize(message, typeof(T), ControlJson.Default);

    /// <summary>A message from a line, or null when it is none.</summary>
    public static T? Read<T>(string line)
        where T : class
    {
        try
        {
            return (T?)JsonSerializer.Deserialize(line, typeof(T), ControlJson.Default);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads one line without its end; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The line is longer than allowed, or no text.</exception>
    internal static async Task<string?> ReadLineAsync(Stream stream, int maximumBytes, CancellationToken cancellation)
    {
        var line = new MemoryStream();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellation) > 0)
        {
            if (one[0] == '\n')
            {
                return Decode(line);
            }

            if (line.Length == maximumBytes)
            {
                throw new InvalidDataException($"A line has more than {maximumBytes} bytes.");
            }

            line.WriteByte(one[0]);
        }

        return line.Length == 0 ? null : Decode(line);
    }

    private static string Decode(MemoryStream line)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(line.GetBuffer(), 0, (int)line.Length);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidDataException("A line is no UTF-8 text.", wrong);
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 8, Converters = [typeof(DaemonPhaseConverter)])]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(ControlEnd))]
[JsonSerializable(typeof(DaemonStatus))]
internal sealed partial class ControlJson : JsonSerializerContext;

/// <summary>A phase by its name.</summary>
internal sealed class DaemonPhaseConverter() : JsonStringEnumConverter<DaemonPhase>(JsonNamingPolicy.CamelCase);

/// <summary>Client -> daemon.</summary>
/// <param name="Version">Of the protocol.</param>
/// <param name="Request">status, stop or drain.</param>
/// <param name="Seconds">With stop and drain: how long it may take.</param>
public sealed record ControlRequest(int Version, string? Request, double? Seconds = null);

/// <summary>Daemon -> client: the request was not understood.</summary>
public sealed record ControlError(int Version, string Error);

/// <summary>Daemon -> client: it has left.</summary>
/// <param name="Version">Of the protocol.</param>
/// <param name="Ended">What is to be said of it.</param>
public sealed record ControlEnd(int Version, string Ended);

/// <summary>Where a daemon is in its life.</summary>
public enum DaemonPhase
{
    /// <summary>It looks for credentials and opens what it needs.</summary>
    Starting,

    /// <summary>Its actors run.</summary>
    Working,

    /// <summary>It takes nothing new.</summary>
    Leaving,
}

/// <summary>How a daemon stands.</summary>
/// <param name="Version">Of the protocol.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Node">Its name.</param>
/// <param name="Program">The version of the program.</param>
/// <param name="Phase">Where it is in its life.</param>
/// <param name="Why">Why it leaves.</param>
/// <param name="Since">When it began.</param>
/// <param name="AtWork">It has stored something, found nothing to do, or has been trying for a few seconds.</param>
/// <param name="Routes">What it runs.</param>
/// <param name="Transfers">What it has done.</param>
/// <param name="Blocked">What it waits for.</param>
public sealed record DaemonStatus(
    int Version,
    int Pid,
    string Node,
    string Program,
    DaemonPhase Phase,
    string? Why,
    DateTimeOffset Since,
    bool AtWork,
    IReadOnlyList<RouteStatus> Routes,
    TransferStatus Transfers,
    IReadOnlyList<BlockedStatus> Blocked);

/// <summary>A route.</summary>
public sealed record RouteStatus(string Name, string Source, string Target);

/// <summary>Counters since the start; rates of the last seconds.</summary>
public sealed record TransferStatus(
    long FilesFound,
    long BytesFound,
    long FilesStored,
    long BytesStored,
    long FilesAlreadyStored,
    long FilesRemoved,
    long FilesSetAside,
    long FailedAttempts,
    long Requests,
    double BytesPerSecond,
    double FilesPerSecond);

/// <summary>Something bigger than a file that is blocked.</summary>
public sealed record BlockedStatus(string Scope, string Name, DateTimeOffset Since, string Cause, string Cure);
