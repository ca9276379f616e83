namespace Akka.Pipeline.Hocon.Parsing;

using System.Text;

/// <summary>Text without quotes: a truth value, null, a number in JSON's format, or a string.</summary>
internal static class UnquotedText
{
    public static ScalarNode Read(TextCursor cursor)
    {
        var origin = cursor.Here;
        var text = new StringBuilder();
        while (!cursor.AtEnd && !TextCursor.IsWhitespace(cursor.Peek()) && !cursor.SeesComment
            && (!TextCursor.IsReserved(cursor.Peek()) || IsExponentSign(cursor, text)))
        {
            text.Append(cursor.Take());
        }

        var written = text.ToString();
        return new ScalarNode(origin, KindOf(written), written);
    }

    /// <summary>Whether it is a number in JSON's format: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text)
    {
        // Not a Regex: its engine for long inputs is compiled at run time, which is a tenth of a start.
        var rest = text.StartsWith('-') ? text[1..] : text;
        var isWhole = SkipDigits(ref rest, out var first, out var count) && (first != '0' || count == 1);
        if (isWhole && rest.StartsWith('.'))
        {
            rest = rest[1..];
            isWhole = SkipDigits(ref rest, out _, out _);
        }

        if (isWhole && rest is ['e' or 'E', ..])
        {
            rest = rest is [_, '+' or '-', ..] ? rest[2..] : rest[1..];
            isWhole = SkipDigits(ref rest, out _, out _);
        }

        return isWhole && rest.IsEmpty;
    }

    private static HoconKind KindOf(string text) => text switch
    {
        "true" or "false" => HoconKind.Truth,
        "null" => HoconKind.Null,
        _ => IsNumber(text) ? HoconKind.Number : HoconKind.Text,
    };

    // The + of 1e+5 is the one reserved character that may stand inside a number.
    private static bool IsExponentSign(TextCursor cursor, StringBuilder before) =>
        cursor.Peek() == '+' && cursor.Peek(1) is >= '0' and <= '9'
        && before.Length is > 1 and < 400 && before[^1] is 'e' or 'E' && IsNumber(before + "1");

    private static bool SkipDigits(ref ReadOnlySpan<char> text, out char first, out int count)
    {
        count = text.IndexOfAnyExceptInRange('0', '9');
        count = count < 0 ? text.Length : count;
        first = count > 0 ? text[0] : default;
        text = text[count..];
        return count > 0;
    }
}
