namespace Akka.Pipeline.Hocon.Parsing;

using System.Runtime.CompilerServices;

/// <summary>Reads one text into nodes. Recursive, one level for each object or array, and bounded by <see cref="HoconLimits.Depth"/>.</summary>
/// <param name="cursor">The text.</param>
/// <param name="scope">What is around it.</param>
/// <param name="includes">Follows includes; null where the text cannot have any.</param>
internal sealed class DocumentReader(TextCursor cursor, DocumentScope scope, IncludeLoader? includes)
{
    private readonly List<string> _path = [];
    private int _depth = scope.Depth;
    private int _lists;

    public MapNode Read()
    {
        cursor.SkipTrivia();
        MapNode root;
        switch (cursor.Peek())
        {
            case '[':
                throw new HoconException(cursor.Here, "the text is a list, but keys with values are expected", "remove the brackets and name a key for it");
            case '{':
                root = ReadMap();
                cursor.SkipTrivia();
                break;
            default:
                root = new MapNode(cursor.Here);
                ReadFields(root, null);
                break;
        }

        return cursor.AtEnd
            ? root
            : throw new HoconException(cursor.Here, $"{Readable.Character(cursor.Peek())} follows the end of the outermost object", "remove it, or the '}' before it that closes too much");
    }

    private MapNode ReadMap()
    {
        var map = new MapNode(cursor.Here);
        Enter(map.Origin, 1);
        cursor.Take();
        ReadFields(map, map.Origin);
        _depth--;
        return map;
    }

    private void Enter(HoconOrigin at, int levels)
    {
        _depth += levels;
        if (_depth > HoconLimits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new HoconException(at, $"objects and lists are nested deeper than {HoconLimits.Depth} levels", "nest less");
        }
    }

    /// <param name="map">Takes the fields.</param>
    /// <param name="opening">Where the brace was opened; null for a file without outer braces.</param>
    private void ReadFields(MapNode map, HoconOrigin? opening)
    {
        while (true)
        {
            cursor.SkipTrivia();
            if (cursor.AtEnd && opening is not null)
            {
                throw Unclosed(opening, '{', '}');
            }

            if (cursor.Peek() == '}' && opening is null)
            {
                throw new HoconException(cursor.Here, "a '}' closes nothing", "remove it, or open a '{' before it");
            }

            if (cursor.AtEnd || cursor.Peek() == '}')
            {
                cursor.Skip(opening is null ? 0 : 1);
                return;
            }

            if (IncludeStatement.SeesOne(cursor))
            {
                Include(map);
            }
            else
            {
                ReadField(map);
            }

            SkipSeparator('}', "field");
        }
    }

    private void Include(MapNode map)
    {
        var statement = IncludeStatement.Read(cursor);
        if (includes is null)
        {
            throw new HoconException(statement.Origin, "this text cannot include files", "put the include into a file");
        }

        foreach (var content in includes.Include(statement.Name, statement.Required, statement.Origin, scope.Included(_path, _depth, _lists > 0)))
        {
            map.AssignAll(content);
        }
    }

    private void ReadField(MapNode map)
    {
        var start = cursor.Here;
        if (cursor.Peek() is ',' or ':' or '=')
        {
            throw new HoconException(start, $"expected a key but found {Readable.Character(cursor.Peek())}", "write a key before it, or remove it");
        }

        var path = new PathReader(cursor).Read(PathEnd.Separator);
        var outside = _path.Count;
        _path.AddRange(path.Select(segment => segment.Key));
        Enter(start, path.Count - 1);
        var (separator, isAppend) = ReadSeparator(start);
        var value = ReadValue(inList: isAppend)
            ?? throw Missing($"after {separator}", $"give {Readable.Text(HoconPath.Join(_path))} a value or remove the key");
        map.Assign(path, isAppend ? new AppendNode(start, value) : value);
        _path.RemoveRange(outside, _path.Count - outside);
        _depth -= path.Count - 1;
    }

    private (string Name, bool IsAppend) ReadSeparator(HoconOrigin key)
    {
        cursor.SkipTrivia();
        switch (cursor.Peek())
        {
            case '{':
                return ("the key", false);
            case ':' or '=':
                return ($"'{cursor.Take()}'", false);
            case '+':
                cursor.Skip(2);
                return ("'+='", true);
            default:
                throw new HoconException(
                    key,
                    $"the key {Readable.Text(HoconPath.Join(_path))} has no value: expected '=', ':' or '{{' after it but found {Readable.Character(cursor.Peek())}",
                    "write key = value");
        }
    }

    private ListNode ReadList()
    {
        var opening = cursor.Here;
        Enter(opening, 1);
        _lists++;
        cursor.Take();
        var elements = new List<Node>();
        while (true)
        {
            cursor.SkipTrivia();
            if (cursor.AtEnd)
            {
                throw Unclosed(opening, '[', ']');
            }

            if (cursor.Peek() == ']')
            {
                cursor.Take();
                _depth--;
                _lists--;
                return new ListNode(opening, elements);
            }

            elements.Add(ReadValue(inList: true) ?? throw Missing("in a list", "remove the extra character, or write a value before it"));
            SkipSeparator(']', "element");
        }
    }

    /// <summary>After a field or an element: one comma, a newline, or the end.</summary>
    private void SkipSeparator(char closing, string what)
    {
        var newline = cursor.SkipTrivia();
        var c = cursor.Peek();
        if (c == ',')
        {
            cursor.Take();
            cursor.SkipTrivia();
            if (cursor.Peek() == ',')
            {
                throw new HoconException(cursor.Here, "two commas in a row", "remove one");
            }
        }
        else if (!newline && c != closing && c != -1)
        {
            throw new HoconException(cursor.Here, $"expected ',', '{closing}' or a new line after the {what} but found {Readable.Character(c)}", Cure(c));
        }
    }

    private static string Cure(int c) => c switch
    {
        '}' or ']' => "remove it, or open it before",
        _ when TextCursor.IsReserved(c) => "put the text that it belongs to in double quotes",
        _ => "put them apart",
    };

    /// <summary>What stands side by side up to the end of the line; null if nothing does.</summary>
    private Node? ReadValue(bool inList)
    {
        cursor.SkipTrivia();
        _lists += inList ? 1 : 0;
        var pieces = new List<Node>();
        var gapStart = cursor.Here;
        var gap = "";
        while (!IsAtValueEnd())
        {
            if (pieces.Count > 0 && gap.Length > 0)
            {
                pieces.Add(new ScalarNode(gapStart, HoconKind.Text, gap, isGap: true));
            }

            pieces.Add(ReadPiece());
            gapStart = cursor.Here;
            gap = cursor.SkipBlanks();
        }

        _lists -= inList ? 1 : 0;
        return pieces.Count > 0 ? Pieces.Join(pieces) : null;
    }

    private HoconException Missing(string place, string cure) =>
        new(cursor.Here, $"expected a value {place} but found {Readable.Character(cursor.Peek())}", cure);

    private bool IsAtValueEnd() => cursor.Peek() is -1 or '\n' or ',' or '}' or ']' || cursor.SeesComment;

    private Node ReadPiece()
    {
        var origin = cursor.Here;
        return cursor.Peek() switch
        {
            '"' => new ScalarNode(origin, HoconKind.Text, QuotedText.Read(cursor)),
            '{' => ReadMap(),
            '[' => ReadList(),
            '$' when cursor.Peek(1) == '{' => ReadSubstitution(origin),
            var c when TextCursor.IsReserved(c) => throw new HoconException(origin, $"{Readable.Character(c)} cannot stand in unquoted text", "put the value in double quotes"),
            _ => UnquotedText.Read(cursor),
        };
    }

    private SubstitutionNode ReadSubstitution(HoconOrigin origin)
    {
        if (scope.InList)
        {
            throw new HoconException(origin, "a file that is included inside a list has a substitution, and no path leads there", "include the file outside of the list, or write the value out");
        }

        cursor.Skip(2);
        var optional = cursor.Peek() == '?';
        cursor.Skip(optional ? 1 : 0);
        cursor.SkipBlanks();
        if (cursor.Peek() == '}')
        {
            throw new HoconException(origin, "a substitution names nothing", "write ${path}");
        }

        var path = new PathReader(cursor).Read(PathEnd.Brace);
        if (cursor.Peek() != '}')
        {
            throw new HoconException(origin, "a substitution has no end", "close it with '}'");
        }

        cursor.Take();
        return new SubstitutionNode(origin, [.. path.Select(segment => segment.Key)], optional, scope.Roots);
    }

    private static HoconException Unclosed(HoconOrigin opening, char open, char close) =>
        new(opening, $"'{open}' is never closed", $"close it with '{close}'");
}
