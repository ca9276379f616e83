namespace Akka.Pipeline.Hocon;

using System.Text;
using Akka.Pipeline.Hocon.Parsing;

/// <summary>Path expressions: keys joined by dots, a key with special characters in double quotes.</summary>
public static class HoconPath
{
    /// <summary>Splits <c>a.b."c.d"</c> into <c>a</c>, <c>b</c>, <c>c.d</c>.</summary>
    /// <exception cref="HoconException">The expression is empty, has an empty unquoted segment or a character that needs quotes.</exception>
    public static IReadOnlyList<string> Parse(string expression) => Parse(expression, HoconOrigin.Of($"path '{Readable.Text(expression)}'"));

    /// <summary>The path expression for these keys, each quoted where it has to be; <see cref="Parse(string)"/> gives them back.</summary>
    public static string Join(params IEnumerable<string> keys) => string.Join('.', keys.Select(Quote));

    /// <summary>One key as it has to be written inside a path expression: in double quotes unless it is plain letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static string Quote(string key)
    {
        if (key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            return key;
        }

        var quoted = new StringBuilder("\"");
        foreach (var c in key)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                < ' ' => quoted.Append($"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    internal static string[] Parse(string expression, HoconOrigin origin)
    {
        var cursor = new TextCursor(expression, origin.Description);
        cursor.SkipBlanks();
        var path = new PathReader(cursor, origin).Read(PathEnd.EndOfText);
        return [.. path.Select(segment => segment.Key)];
    }
}
