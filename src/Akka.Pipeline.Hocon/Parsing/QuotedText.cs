namespace Akka.Pipeline.Hocon.Parsing;

using System.Globalization;
using System.Text;

/// <summary>Strings in double quotes: JSON's, and those in three.</summary>
internal static class QuotedText
{
    private const string Triple = "\"\"\"";

    /// <summary>Reads a string that begins here.</summary>
    public static string Read(TextCursor cursor) => cursor.Sees(Triple) ? ReadTriple(cursor) : ReadSingle(cursor);

    private static string ReadTriple(TextCursor cursor)
    {
        var start = cursor.Here;
        cursor.Skip(Triple.Length);
        var text = new StringBuilder();
        while (!cursor.AtEnd)
        {
            if (!cursor.Sees(Triple))
            {
                text.Append(cursor.Take());
                continue;
            }

            // Quotes beyond three belong to the text: """a"""" is a".
            cursor.Skip(Triple.Length);
            while (cursor.Peek() == '"')
            {
                text.Append(cursor.Take());
            }

            return text.ToString();
        }

        throw new HoconException(start, "a text that begins with \"\"\" has no end", "close it with \"\"\"");
    }

    private static string ReadSingle(TextCursor cursor)
    {
        var start = cursor.Here;
        cursor.Skip(1);
        var text = new StringBuilder();
        while (true)
        {
            var c = cursor.Peek();
            if (c is -1 or '\n')
            {
                throw new HoconException(start, "a quoted text has no end on its line", "close it with '\"', or use \"\"\" for a text of several lines");
            }

            if (c < ' ')
            {
                throw new HoconException(cursor.Here, $"the control character U+{c:X4} stands in a quoted text", $"write it as \\u{c:x4}, or use \"\"\"");
            }

            if (c == '\\')
            {
                text.Append(ReadEscape(cursor));
                continue;
            }

            cursor.Take();
            if (c == '"')
            {
                return text.ToString();
            }

            text.Append((char)c);
        }
    }

    private static char ReadEscape(TextCursor cursor)
    {
        var start = cursor.Here;
        cursor.Take();
        var c = cursor.Peek();
        var escaped = c switch
        {
            '"' or '\\' or '/' => (char)c,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => '\0',
            _ => throw new HoconException(start, $"a backslash before {Readable.Character(c)} means nothing", "write \\\\ for a backslash; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"),
        };
        cursor.Take();
        return c == 'u' ? ReadHex(cursor, start) : escaped;
    }

    private static char ReadHex(TextCursor cursor, HoconOrigin start)
    {
        var digits = new StringBuilder(4);
        while (digits.Length < 4 && cursor.Peek() is >= 0 and var c && char.IsAsciiHexDigit((char)c))
        {
            digits.Append(cursor.Take());
        }

        return digits.Length == 4
            ? (char)ushort.Parse(digits.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : throw new HoconException(start, "\\u needs four hexadecimal digits", "write for example \\u00e9");
    }
}
