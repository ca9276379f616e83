namespace Akka.Pipeline.Storage.Sources;

using System.Text;

/// <summary>One component of a glob.</summary>
internal sealed class GlobComponent
{
    private enum Kind
    {
        Literal,
        AnyCharacter,
        AnyRun,
        Class,
    }

    private readonly record struct Element(Kind Kind, char Literal, string Ranges, bool Negated);

    private readonly Element[] elements;
    private readonly string? literal;
    private readonly string? suffix;

    private GlobComponent(Element[] elements)
    {
        this.elements = elements;
        var plain = new string([.. elements.Where(e => e.Kind == Kind.Literal).Select(e => e.Literal)]);
        literal = plain.Length == elements.Length ? plain : null;
        suffix = elements is [{ Kind: Kind.AnyRun }, ..] && plain.Length == elements.Length - 1 ? plain : null;
    }

    /// <summary>True when every name matches.</summary>
    public bool IsAny => suffix is { Length: 0 };

    public static GlobComponent Parse(ReadOnlySpan<char> text)
    {
        var parsed = new List<Element>();
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '*':
                    if (parsed is not [.., { Kind: Kind.AnyRun }])
                    {
                        parsed.Add(new Element(Kind.AnyRun, default, "", false));
                    }

                    break;
                case '?':
                    parsed.Add(new Element(Kind.AnyCharacter, default, "", false));
                    break;
                case '[':
                    parsed.Add(ParseClass(text, ref i));
                    break;
                case '\\':
                    if (++i == text.Length)
                    {
                        throw new FormatException("a '\\' at the end escapes nothing; write '\\\\' for the character itself");
                    }

                    parsed.Add(new Element(Kind.Literal, text[i], "", false));
                    break;
                default:
                    parsed.Add(new Element(Kind.Literal, text[i], "", false));
                    break;
            }
        }

        return new GlobComponent([.. parsed]);
    }

    public bool Matches(ReadOnlySpan<char> name)
    {
        if (literal is not null)
        {
            return name.SequenceEqual(literal);
        }

        if (suffix is not null)
        {
            return name.EndsWith(suffix);
        }

        // A run takes nothing at first; on a mismatch the last run takes one more character. No recursion, so no pattern takes exponential time.
        int at = 0, element = 0, runElement = -1, runAt = 0;
        while (at < name.Length)
        {
            if (element < elements.Length && elements[element].Kind == Kind.AnyRun)
            {
                runElement = element++;
                runAt = at;
            }
            else if (element < elements.Length && Takes(elements[element], name[at..], out var taken))
            {
                at += taken;
                element++;
            }
            else if (runElement >= 0)
            {
                element = runElement + 1;
                at = ++runAt;
            }
            else
            {
                return false;
            }
        }

        while (element < elements.Length && elements[element].Kind == Kind.AnyRun)
        {
            element++;
        }

        return element == elements.Length;
    }

    private static bool Takes(in Element element, ReadOnlySpan<char> rest, out int taken)
    {
        taken = 1;
        switch (element.Kind)
        {
            case Kind.Literal:
                return rest[0] == element.Literal;
            case Kind.AnyCharacter:
                // A character beyond the first plane stands as two.
                Rune.DecodeFromUtf16(rest, out _, out taken);
                return true;
            default:
                var isText = Rune.DecodeFromUtf16(rest, out var rune, out taken) == System.Buffers.OperationStatus.Done;
                var value = isText ? rune.Value : rest[0];
                var inside = false;
                for (var ranges = element.Ranges.AsSpan(); !ranges.IsEmpty && !inside;)
                {
                    Rune.DecodeFromUtf16(ranges, out var low, out var used);
                    ranges = ranges[used..];
                    Rune.DecodeFromUtf16(ranges, out var high, out used);
                    ranges = ranges[used..];
                    inside = value >= low.Value && value <= high.Value;
                }

                return inside != element.Negated;
        }
    }

    /// <summary>Reads "[...]"; the ranges come out as pairs of first and last character.</summary>
    private static Element ParseClass(ReadOnlySpan<char> text, ref int at)
    {
        var i = at + 1;
        var negated = i < text.Length && text[i] is '!' or '^';
        i += negated ? 1 : 0;
        var ranges = new StringBuilder();
        for (var first = true; ; first = false)
        {
            if (i >= text.Length)
            {
                throw new FormatException("a '[' is not closed; add the ']', or write '\\[' for the character itself");
            }

            if (text[i] == ']' && !first)
            {
                break;
            }

            var low = ReadMember(text, ref i);
            var high = low;
            if (i + 1 < text.Length && text[i] == '-' && text[i + 1] != ']')
            {
                i++;
                high = ReadMember(text, ref i);
            }

            if (high < low)
            {
                throw new FormatException($"the range '{low}-{high}' runs backwards");
            }

            ranges.Append(low.ToString()).Append(high.ToString());
        }

        at = i;
        return new Element(Kind.Class, default, ranges.ToString(), negated);
    }

    private static Rune ReadMember(ReadOnlySpan<char> text, ref int at)
    {
        at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
        Rune.DecodeFromUtf16(text[at..], out var rune, out var used);
        at += used;
        return rune;
    }
}

/// <summary>A glob without braces, as a row of components; null stands for "**".</summary>
internal sealed class GlobPattern
{
    /// <summary>A state is a set of positions in the row, a bit each.</summary>
    private const int MaximumComponents = 62;

    private readonly GlobComponent?[] components;

    private GlobPattern(GlobComponent?[] components) => this.components = components;

    /// <summary>The state before the first component of a path.</summary>
    public ulong Start => Closed(1);

    public static GlobPattern Parse(string glob)
    {
        var text = glob.StartsWith('/') ? glob[1..] : glob;
        if (text.EndsWith('/'))
        {
            text += "**";
        }

        var parts = new List<GlobComponent?>();
        if (!glob.Contains('/'))
        {
            parts.Add(null);
        }

        foreach (var part in text.Split('/'))
        {
            if (part.Length == 0 || part is "." or "..")
            {
                throw new FormatException($"it has an empty, '.' or '..' component; paths below the source have none");
            }

            var component = part == "**" ? null : GlobComponent.Parse(part);
            if (component is not null || parts is not [.., null])
            {
                parts.Add(component);
            }
        }

        // "**/*" says the same as "**", and is seen faster.
        if (parts is [.., null, { IsAny: true }])
        {
            parts.RemoveAt(parts.Count - 1);
        }

        return parts.Count <= MaximumComponents ? new GlobPattern([.. parts]) : throw new FormatException($"it has more than {MaximumComponents} components");
    }

    /// <summary>The state after a folder; 0 when nothing below it can match.</summary>
    public ulong Enter(ulong state, ReadOnlySpan<char> folder)
    {
        ulong next = 0;
        for (var i = 0; i < components.Length; i++)
        {
            if ((state & (1UL << i)) == 0)
            {
                continue;
            }

            if (components[i] is not { } component)
            {
                next |= 1UL << i;
            }
            else if (i + 1 < components.Length && component.Matches(folder))
            {
                next |= 1UL << (i + 1);
            }
        }

        return Closed(next);
    }

    /// <summary>True when a file of this name matches, in a folder of this state.</summary>
    public bool Matches(ulong state, ReadOnlySpan<char> file)
    {
        var last = components.Length - 1;
        return (state & (1UL << last)) != 0 && (components[last] is not { } component || component.Matches(file));
    }

    /// <summary>True when every file below a folder of this state matches.</summary>
    public bool TakesAll(ulong state) => components[^1] is null && (state & (1UL << (components.Length - 1))) != 0;

    /// <summary>"**" may stand for no folder at all: what follows it is possible too.</summary>
    private ulong Closed(ulong state)
    {
        for (var i = 0; i + 1 < components.Length; i++)
        {
            if (components[i] is null && (state & (1UL << i)) != 0)
            {
                state |= 1UL << (i + 1);
            }
        }

        return state;
    }
}
