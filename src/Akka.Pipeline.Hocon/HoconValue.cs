namespace Akka.Pipeline.Hocon;

using System.Globalization;
using Akka.Pipeline.Hocon.Parsing;
using Akka.Pipeline.Hocon.Resolving;

/// <summary>
/// A value of a resolved document, with its path and its origin. Its typed readers convert as the specification says (text to numbers and booleans, and back)
/// and throw <see cref="HoconException"/> with path, origin and what would be right.
/// </summary>
public sealed class HoconValue
{
    private readonly Resolved _value;

    internal HoconValue(string path, Resolved value, HoconOrigin keyOrigin)
    {
        Path = path;
        _value = value;
        KeyOrigin = keyOrigin;
    }

    /// <summary>The path from the document's root; a list's element has its index in brackets, as in <c>include[0]</c>.</summary>
    public string Path { get; }

    /// <summary>What it is as it was written.</summary>
    public HoconKind Kind => _value.Kind;

    /// <summary>Where the value was written. What a substitution brought has the origin of what it names, for example <c>environment HOSTNAME</c>.</summary>
    public HoconOrigin Origin => _value.Origin;

    /// <summary>Where the key was written that has this value: the place to name when the key is wrong. For a list's element its <see cref="Origin"/>.</summary>
    public HoconOrigin KeyOrigin { get; }

    /// <summary>Text; a number or a boolean as it was written.</summary>
    public string AsString() => Text("text");

    /// <summary><c>true</c>, <c>yes</c>, <c>on</c>, <c>false</c>, <c>no</c> or <c>off</c>.</summary>
    public bool AsBool() => Text("true or false") switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        var text => throw Unfit(text, "a truth value", "write true or false"),
    };

    /// <summary>A whole number from -2147483648 to 2147483647.</summary>
    public int AsInt() => (int)WholeNumber(int.MinValue, int.MaxValue);

    /// <summary>A whole number of 64 bits.</summary>
    public long AsLong() => WholeNumber(long.MinValue, long.MaxValue);

    /// <summary>A number; never infinite.</summary>
    public double AsDouble()
    {
        var text = Text("a number");
        return UnquotedText.IsNumber(text) && double.Parse(text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number)
            ? number
            : throw Unfit(text, "a number", "write for example 0.5");
    }

    /// <summary>
    /// A duration: a number and a unit, as in <c>60s</c> or <c>1.5 hours</c>. Units: ns, us, ms, s, m, h, d, w and their long names (nanos, micros, millis, seconds, ...).
    /// It is rounded to 100 ns, but only zero itself becomes zero.
    /// </summary>
    /// <param name="bareUnit">What a number without a unit counts; left out, such a number is an error.</param>
    public TimeSpan AsDuration(TimeSpan? bareUnit = null) => new(Amount(Units.Duration, bareUnit?.Ticks));

    /// <summary>
    /// A size in bytes: a number and a unit, as in <c>8MiB</c> or <c>1.5 GB</c>. Units: B; kB, MB, GB, TB, ... (powers of 1000); K, KiB, M, MiB, G, GiB, T, TiB, ... (powers of 1024) and
    /// their long names. It is not negative, it is rounded to whole bytes, but only zero itself becomes zero.
    /// </summary>
    /// <param name="bareUnitBytes">What a number without a unit counts, in bytes; left out, such a number is an error.</param>
    public long AsSizeBytes(long? bareUnitBytes = null)
    {
        var size = Amount(Units.Size, bareUnitBytes);
        return size >= 0 ? size : throw Unfit(AsString(), "a size", "sizes are not negative");
    }

    /// <summary>The elements of a list, or of an object with numbers for keys (<c>include.0 = a</c>) in the order of these numbers.</summary>
    public IReadOnlyList<HoconValue> AsList() => _value switch
    {
        ResolvedList list => [.. list.Elements.Select((element, i) => new HoconValue($"{Path}[{i}]", element, element.Origin))],
        ResolvedMap map when Joining.NumberedKeys(map.Fields.Keys).ToList() is { Count: > 0 } keys =>
            [.. keys.Select(key => new HoconValue($"{Path}.{key}", map.Fields[key].Value, map.Fields[key].KeyOrigin))],
        _ => throw Wrong($"is {Name(Kind)}, but a list is expected", "write it in brackets, as in [a, b]"),
    };

    /// <summary>The elements of a list, each as <see cref="AsString"/>.</summary>
    public IReadOnlyList<string> AsStringList() => [.. AsList().Select(element => element.AsString())];

    /// <summary>An object.</summary>
    public HoconObject AsObject() => _value is ResolvedMap map
        ? new HoconObject(Path, map)
        : throw Wrong($"is {Name(Kind)}, but an object is expected", "write keys in braces, as in { key = value }");

    /// <summary>An error about this value, for checks that go beyond its type.</summary>
    /// <param name="problem">What follows the path, for example <c>is more than 5 TiB</c>; no secret belongs here.</param>
    /// <param name="cure">What to do about it.</param>
    public HoconException Wrong(string problem, string cure) => new(Origin, $"{Readable.Text(Path)} {problem}", cure);

    // The value is shown: it was to be a number or a word of a few, so it is no secret in its right place.
    private HoconException Unfit(string text, string expected, string cure) => Wrong($"is '{Readable.Text(text)}', which is not {expected}", cure);

    private string Text(string expected) => _value is ResolvedScalar { Kind: not HoconKind.Null } scalar
        ? scalar.Text
        : throw Wrong($"is {Name(Kind)}, but {expected} is expected", Kind == HoconKind.Null ? "give it a value" : "write a single value");

    private long WholeNumber(long smallest, long largest)
    {
        var text = Text("a whole number");
        return UnquotedText.IsNumber(text)
            && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number == decimal.Truncate(number) && number >= smallest && number <= largest
            ? (long)number
            : throw Unfit(text, "a whole number in its range", $"write a whole number from {smallest} to {largest}");
    }

    private long Amount(Units units, long? bareUnit)
    {
        var text = Text(units.Expected);
        return units.TryRead(text, bareUnit, out var amount, out var problem) ? amount : throw Unfit(text, problem, units.Cure);
    }

    private static string Name(HoconKind kind) => kind switch
    {
        HoconKind.Text => "text",
        HoconKind.Number => "a number",
        HoconKind.Truth => "a truth value",
        HoconKind.Null => "null",
        HoconKind.List => "a list",
        _ => "an object",
    };
}
