namespace Akka.Pipeline.Node.Settings;

using System.Globalization;
using Akka.Pipeline.Hocon;

/// <summary>Reads values that have a range, or that may be "none".</summary>
internal static class Ranged
{
    public const string None = "none";
    private const string Auto = "auto";

    public static int Int(HoconObject from, string key, int least, int most)
    {
        var value = from.Get(key);
        var number = value.AsInt();
        return number >= least && number <= most ? number : throw value.Wrong($"is {number}", $"write a number from {least} to {most}");
    }

    public static long Size(HoconObject from, string key, long leastBytes, long mostBytes, string right)
    {
        var value = from.Get(key);
        var bytes = value.AsSizeBytes();
        return bytes >= leastBytes && bytes <= mostBytes ? bytes : throw value.Wrong($"is {bytes} bytes", right);
    }

    public static long? OptionalSize(HoconObject from, string key, long leastBytes = 1)
    {
        var value = from.Get(key);
        if (IsNone(value))
        {
            return null;
        }

        var bytes = value.AsSizeBytes();
        return bytes >= leastBytes ? bytes : throw value.Wrong($"is {bytes} bytes", $"write at least {leastBytes}B, or none");
    }

    public static TimeSpan Duration(HoconObject from, string key, TimeSpan least)
    {
        var value = from.Get(key);
        var duration = value.AsDuration();
        return duration >= least ? duration : throw value.Wrong($"is {duration.TotalSeconds} s", $"write at least {least.TotalSeconds}s");
    }

    public static TimeSpan? OptionalDuration(HoconObject from, string key)
    {
        var value = from.Get(key);
        return IsNone(value) ? null : Duration(from, key, TimeSpan.Zero);
    }

    /// <summary>Null for "auto".</summary>
    public static int? IntOrAuto(HoconObject from, string key, int least, int most)
    {
        var value = from.Get(key);
        if (value.Kind == HoconKind.Text && !int.TryParse(value.AsString(), CultureInfo.InvariantCulture, out _))
        {
            return Is(value, Auto) ? null : throw value.Wrong($"is {value.AsString()}", $"write a number from {least} to {most}, or {Auto}");
        }

        return Int(from, key, least, most);
    }

    public static T Choice<T>(HoconObject from, string key, params (string Name, T Value)[] choices)
    {
        var value = from.Get(key);
        var text = value.AsString();
        foreach (var (name, choice) in choices)
        {
            if (string.Equals(name, text, StringComparison.Ordinal))
            {
                return choice;
            }
        }

        throw value.Wrong($"is '{text}'", $"write one of: {string.Join(", ", choices.Select(c => c.Name))}");
    }

    /// <summary>The text, or null when it is empty.</summary>
    public static string? Text(HoconObject from, string key) => from.GetString(key) is { Length: > 0 } text ? text : null;

    private static bool IsNone(HoconValue value) => Is(value, None);

    private static bool Is(HoconValue value, string word) => value.Kind == HoconKind.Text && string.Equals(value.AsString(), word, StringComparison.Ordinal);
}
