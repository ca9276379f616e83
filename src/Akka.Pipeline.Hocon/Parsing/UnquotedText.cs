namespace Akka.Pipeline.Hocon.Parsing;

using System.Text;
using System.Text.RegularExpressions;

/// <summary>Text without quotes: a truth value, null, a number in JSON's format, or a string.</summary>
internal static partial class UnquotedText
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

    public static bool IsNumber(string text) => NumberFormat().IsMatch(text);

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

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NumberFormat();
}
