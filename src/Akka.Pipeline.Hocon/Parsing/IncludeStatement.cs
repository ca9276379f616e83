namespace Akka.Pipeline.Hocon.Parsing;

/// <summary><c>include "a.conf"</c>, <c>include file("a.conf")</c>, <c>include required(file("a.conf"))</c>.</summary>
internal sealed record IncludeStatement(HoconOrigin Origin, string Name, bool Required)
{
    private const string Word = "include";

    /// <summary>
    /// Whether an include begins here. <c>include = value</c> is a key: the specification calls it an error, and nothing else can be meant.
    /// </summary>
    public static bool SeesOne(TextCursor cursor)
    {
        if (!cursor.Sees(Word))
        {
            return false;
        }

        var after = Word.Length;
        while (cursor.Peek(after) != '\n' && TextCursor.IsWhitespace(cursor.Peek(after)))
        {
            after++;
        }

        return cursor.Peek(after) switch
        {
            '=' or ':' => false,
            '+' => cursor.Peek(after + 1) != '=',
            '"' => true,
            _ => after > Word.Length || TextCursor.IsWhitespace(cursor.Peek(after)) || cursor.Peek(after) is -1 or '{' or '[' or '}' or ',' or '#' or '$',
        };
    }

    /// <summary>Reads the include that begins here.</summary>
    public static IncludeStatement Read(TextCursor cursor)
    {
        var origin = cursor.Here;
        cursor.Skip(Word.Length);
        cursor.SkipTrivia();
        var required = SkipOpening(cursor, "required");
        var inFile = SkipOpening(cursor, "file");
        if (cursor.Peek() != '"')
        {
            throw cursor.Sees("url(") || cursor.Sees("classpath(")
                ? new HoconException(cursor.Here, "only files can be included", "write include file(\"name.conf\")")
                : new HoconException(cursor.Here, $"expected a quoted file name after 'include' but found {Readable.Character(cursor.Peek())}", "write include \"name.conf\", or put a key that begins with this word in double quotes");
        }

        var name = QuotedText.Read(cursor);
        for (var open = (required ? 1 : 0) + (inFile ? 1 : 0); open > 0; open--)
        {
            cursor.SkipTrivia();
            if (cursor.Peek() != ')')
            {
                throw new HoconException(cursor.Here, $"expected ')' after the included file's name but found {Readable.Character(cursor.Peek())}", "close it with ')'");
            }

            cursor.Take();
        }

        return name.Length > 0
            ? new IncludeStatement(origin, name, required)
            : throw new HoconException(origin, "the included file has no name", "write include \"name.conf\"");
    }

    private static bool SkipOpening(TextCursor cursor, string word)
    {
        if (!cursor.Sees(word + "("))
        {
            return false;
        }

        cursor.Skip(word.Length + 1);
        cursor.SkipTrivia();
        return true;
    }
}
