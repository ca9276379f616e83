namespace Akka.Pipeline.Hocon.Parsing;

using System.Text;

/// <summary>What ends a path expression.</summary>
internal enum PathEnd
{
    Separator,
    Brace,
    EndOfText,
}

/// <summary>One key of a path expression and where it begins.</summary>
internal sealed record PathSegment(string Key, HoconOrigin Origin);

/// <summary>Reads a path expression: <c>a.b."c.d"</c>.</summary>
/// <param name="cursor">Stands on its first character; afterwards on what ended it.</param>
/// <param name="fixedOrigin">The origin for everything in it, where the text has no lines of its own.</param>
internal sealed class PathReader(TextCursor cursor, HoconOrigin? fixedOrigin = null)
{
    private readonly List<PathSegment> _segments = [];
    private readonly StringBuilder _key = new();
    private HoconOrigin _keyOrigin = fixedOrigin ?? cursor.Here;
    private bool _quoted;

    private HoconOrigin Here => fixedOrigin ?? cursor.Here;

    public List<PathSegment> Read(PathEnd end)
    {
        while (true)
        {
            // Blanks inside a path belong to it (a b c = 1), those at its end do not.
            var blanks = cursor.SkipBlanks();
            if (IsAtEnd(end))
            {
                FinishKey();
                return _segments;
            }

            _key.Append(blanks);
            ReadPiece();
        }
    }

    private bool IsAtEnd(PathEnd end) => cursor.Peek() switch
    {
        -1 => true,
        ':' or '=' or '{' or ',' or '\n' or '#' => end == PathEnd.Separator,
        '+' => end == PathEnd.Separator && cursor.Peek(1) == '=',
        '/' => end == PathEnd.Separator && cursor.Peek(1) == '/',
        '}' => end != PathEnd.EndOfText,
        _ => false,
    };

    private void ReadPiece()
    {
        var c = cursor.Peek();
        if (c == '"')
        {
            _key.Append(QuotedText.Read(cursor));
            _quoted = true;
        }
        else if (c == '.')
        {
            FinishKey();
            cursor.Take();
            _keyOrigin = Here;
            _quoted = false;
            _key.Clear();
        }
        else if (c == '\n' || TextCursor.IsReserved(c) || cursor.SeesComment)
        {
            throw c == '$' && cursor.Peek(1) == '{'
                ? new HoconException(Here, "a substitution stands in a key or in another substitution", "write the path out")
                : new HoconException(Here, $"{Readable.Character(c)} cannot stand in an unquoted key", "put the key in double quotes");
        }
        else
        {
            _key.Append(cursor.Take());
        }
    }

    private void FinishKey()
    {
        if (_key.Length == 0 && !_quoted)
        {
            throw new HoconException(Here, "a path has an empty key", "remove the extra '.', or write \"\" for a key that is empty");
        }

        if (_segments.Count == HoconLimits.Depth)
        {
            throw new HoconException(Here, $"a path has more than {HoconLimits.Depth} keys", "make it shorter");
        }

        _segments.Add(new PathSegment(_key.ToString(), _keyOrigin));
    }
}
