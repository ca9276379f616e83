namespace Akka.Pipeline.Hocon;

using System.Globalization;
using Akka.Pipeline.Hocon.Parsing;

/// <summary>A family of units and the text format of a number with one of them (HOCON.md, "Units format", as of June 2025).</summary>
internal sealed class Units
{
    private readonly string _name;
    private readonly Dictionary<string, decimal> _sizes = [];

    private Units(string name, string expected, string cure)
    {
        _name = name;
        Expected = expected;
        Cure = cure;
    }

    /// <summary>Durations, in ticks of 100 ns. Weeks are the specification's for periods; months and years have no fixed length and are not there.</summary>
    public static Units Duration { get; } = new Units("duration", "a duration with its unit", "write a number and a unit: ns, us, ms, s, m, h, d or w, as in 60s")
        .Add(0.01m, "ns", "nano", "nanos", "nanosecond", "nanoseconds")
        .Add(TimeSpan.TicksPerMicrosecond, "us", "micro", "micros", "microsecond", "microseconds")
        .Add(TimeSpan.TicksPerMillisecond, "ms", "milli", "millis", "millisecond", "milliseconds")
        .Add(TimeSpan.TicksPerSecond, "s", "second", "seconds")
        .Add(TimeSpan.TicksPerMinute, "m", "minute", "minutes")
        .Add(TimeSpan.TicksPerHour, "h", "hour", "hours")
        .Add(TimeSpan.TicksPerDay, "d", "day", "days")
        .Add(7 * TimeSpan.TicksPerDay, "w", "week", "weeks");

    /// <summary>Sizes, in bytes.</summary>
    public static Units Size { get; } = new Units("size", "a size with its unit", "write a number and a unit: B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, as in 8MiB")
        .Add(1, "B", "b", "byte", "bytes")
        .AddPowers(1000, prefix => [prefix == "K" ? "kB" : prefix + "B"], "kilo", "mega", "giga", "tera", "peta", "exa", "zetta", "yotta")
        .AddPowers(1024, prefix => [prefix, prefix.ToLowerInvariant(), prefix + "i", prefix + "iB"], "kibi", "mebi", "gibi", "tebi", "pebi", "exbi", "zebi", "yobi");

    /// <summary>What a value of this family is, for messages.</summary>
    public string Expected { get; }

    /// <summary>How it is written, for messages.</summary>
    public string Cure { get; }

    /// <summary>Reads a number with its unit.</summary>
    /// <param name="text">The text, blanks around both allowed.</param>
    /// <param name="bareUnit">What a number without a unit counts; null makes it an error.</param>
    /// <param name="amount">The amount in the family's smallest unit.</param>
    /// <param name="problem">If it fails: what the text is not.</param>
    public bool TryRead(string text, long? bareUnit, out long amount, out string problem)
    {
        amount = 0;
        var trimmed = text.AsSpan().Trim();
        var digits = trimmed.Length;
        while (digits > 0 && char.IsLetter(trimmed[digits - 1]))
        {
            digits--;
        }

        var number = trimmed[..digits].TrimEnd().ToString();
        var unit = trimmed[digits..].ToString();
        problem = $"a number with a unit of {_name}";
        if (!UnquotedText.IsNumber(number))
        {
            return false;
        }

        var bare = unit.Length == 0;
        if (bare ? bareUnit is null : !_sizes.ContainsKey(unit))
        {
            problem = bare ? $"a {_name}, since it has no unit" : $"a {_name}, since '{Readable.Text(unit)}' is no unit of it";
            return false;
        }

        problem = $"a {_name} that can be counted: it is too large or too small";
        return TryMultiply(number, bare ? bareUnit!.Value : _sizes[unit], out amount);
    }

    private static bool TryMultiply(string number, decimal unit, out long amount)
    {
        amount = 0;
        if (!decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor)
            || Math.Abs(factor) > decimal.MaxValue / Math.Max(unit, 1))
        {
            return false;
        }

        var product = decimal.Round(factor * unit);
        if (product < long.MinValue || product > long.MaxValue)
        {
            return false;
        }

        // What rounds to nothing, here or already in the decimal itself, was not meant to be zero.
        amount = (long)product;
        return amount != 0 || number.TakeWhile(c => c is not 'e' and not 'E').All(c => c is '0' or '.' or '-');
    }

    private Units Add(decimal size, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _sizes.Add(name, size);
        }

        return this;
    }

    private Units AddPowers(decimal power, Func<string, string[]> shortNames, params ReadOnlySpan<string> prefixes)
    {
        var size = 1m;
        foreach (var prefix in prefixes)
        {
            size *= power;
            Add(size, [.. shortNames(prefix[..1].ToUpperInvariant()), prefix + "byte", prefix + "bytes"]);
        }

        return this;
    }
}
