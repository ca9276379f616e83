namespace Akka.Pipeline.Core.Routes;

using System.Globalization;
using System.Text;

/// <summary>
/// The part of a key that depends on the file: text with the fields {path} (below the source), {folder} (with a '/' at its end, or empty),
/// {name}, {stem}, {extension} (with its dot, or empty), and of the file's mtime in UTC {year} {month} {day} {hour}.
/// "{{" and "}}" stand for the braces themselves.
/// </summary>
public sealed class KeyTemplate
{
    private static readonly string[] Fields = ["path", "folder", "name", "stem", "extension", "year", "month", "day", "hour"];

    private readonly IReadOnlyList<(string Text, bool IsField)> pieces;

    private KeyTemplate(string text, IReadOnlyList<(string Text, bool IsField)> pieces)
    {
        Text = text;
        this.pieces = pieces;
    }

    /// <summary>"{path}": the key is the path.</summary>
    public static KeyTemplate Path { get; } = Parse("{path}");

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Reads a template.</summary>
    /// <exception cref="FormatException">An unknown field or a brace without its partner; the message says which and what there is.</exception>
    public static KeyTemplate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pieces = new List<(string, bool)>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '{' or '}' && i + 1 < text.Length && text[i + 1] == c)
            {
                literal.Append(c);
                i++;
            }
            else if (c == '{')
            {
                var end = text.IndexOf('}', i);
                var field = end < 0 ? text[(i + 1)..] : text[(i + 1)..end];
                if (end < 0 || !Fields.Contains(field, StringComparer.Ordinal))
                {
                    throw new FormatException(
                        end < 0
                            ? $"the '{{' at position {i + 1} is never closed; write '{{{{' for the brace itself"
                            : $"there is no field '{{{field}}}'; there are {string.Join(", ", Fields.Select(f => $"{{{f}}}"))}");
                }

                if (literal.Length > 0)
                {
                    pieces.Add((literal.ToString(), false));
                    literal.Clear();
                }

                pieces.Add((field, true));
                i = end;
            }
            else if (c == '}')
            {
                throw new FormatException($"the '}}' at position {i + 1} closes nothing; write '}}}}' for the brace itself");
            }
            else
            {
                literal.Append(c);
            }
        }

        if (literal.Length > 0)
        {
            pieces.Add((literal.ToString(), false));
        }

        return new KeyTemplate(text, pieces);
    }

    /// <summary>The text for a file.</summary>
    public string Expand(string path, long modifiedUnixNs)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (pieces is [("path", true)])
        {
            return path;
        }

        var slash = path.LastIndexOf('/');
        var name = path[(slash + 1)..];
        var dot = name.LastIndexOf('.');
        var hasExtension = dot > 0;
        var modified = DateTimeOffset.UnixEpoch.AddTicks(modifiedUnixNs / TimeSpan.NanosecondsPerTick);
        var key = new StringBuilder(path.Length + 16);
        foreach (var (text, isField) in pieces)
        {
            key.Append(!isField
                ? text
                : text switch
                {
                    "path" => path,
                    "folder" => path[..(slash + 1)],
                    "name" => name,
                    "stem" => hasExtension ? name[..dot] : name,
                    "extension" => hasExtension ? name[dot..] : "",
                    "year" => modified.ToString("yyyy", CultureInfo.InvariantCulture),
                    "month" => modified.ToString("MM", CultureInfo.InvariantCulture),
                    "day" => modified.ToString("dd", CultureInfo.InvariantCulture),
                    _ => modified.ToString("HH", CultureInfo.InvariantCulture),
                });
        }

        return key.ToString();
    }

    public override string ToString() => Text;
}
