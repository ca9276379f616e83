namespace Akka.Pipeline.Hocon.Parsing;

using System.Globalization;

/// <summary>A place in a text that moves forward and knows its line and column.</summary>
internal sealed class TextCursor(string text, string description)
{
    private int _position = text.StartsWith('\uFEFF') ? 1 : 0;
    private int _line = 1;
    private int _column = 1;

    public HoconOrigin Here => new(description, _line, _column);

    public string Description => description;

    public bool AtEnd => _position >= text.Length;

    /// <summary>The character that comes next, or the one so many after it; -1 after the end.</summary>
    public int Peek(int ahead = 0) => _position + ahead < text.Length ? text[_position + ahead] : -1;

    public bool Sees(string expected) => string.CompareOrdinal(text, _position, expected, 0, expected.Length) == 0;

    public bool SeesComment => Peek() == '#' || (Peek() == '/' && Peek(1) == '/');

    public bool SeesBlank => Peek() is var c && c != '\n' && IsWhitespace(c);

    public char Take()
    {
        var c = text[_position++];
        if (c == '\n')
        {
            _line++;
            _column = 1;
        }
        else if (!char.IsLowSurrogate(c))
        {
            _column++;
        }

        return c;
    }

    public void Skip(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Take();
        }
    }

    /// <summary>Skips whitespace up to the end of the line.</summary>
    /// <returns>What was skipped.</returns>
    public string SkipBlanks()
    {
        var start = _position;
        while (SeesBlank)
        {
            Take();
        }

        return text[start.._position];
    }

    /// <summary>Skips whitespace, comments and newlines.</summary>
    /// <returns>Whether there was a newline.</returns>
    public bool SkipTrivia()
    {
        var newline = false;
        while (true)
        {
            if (SeesComment)
            {
                while (!AtEnd && Peek() != '\n')
                {
                    Take();
                }
            }
            else if (IsWhitespace(Peek()))
            {
                newline |= Take() == '\n';
            }
            else
            {
                return newline;
            }
        }
    }

    /// <summary>HOCON's whitespace: Unicode's separators, and the control characters that the specification lists.</summary>
    public static bool IsWhitespace(int c) =>
        c is ' ' or (>= '\t' and <= '\r') or (>= 0x1C and <= 0x1F) or 0xFEFF
        || (c > 0x7F && CharUnicodeInfo.GetUnicodeCategory((char)c)
            is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>Characters that need quotes. A comment's <c>//</c> is not among them, since it takes two.</summary>
    public static bool IsReserved(int c) => c is '$' or '"' or '{' or '}' or '[' or ']' or ':' or '=' or ',' or '+' or '#'
        or '`' or '^' or '?' or '!' or '@' or '*' or '&' or '\\';
}
