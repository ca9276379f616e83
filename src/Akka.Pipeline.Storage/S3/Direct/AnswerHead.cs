namespace Akka.Pipeline.Storage.S3.Direct;

using System.Globalization;
using System.Text;

/// <summary>The head of an HTTP/1.1 answer as it came: status line, headers, blank line (RFC 9112). Pure.</summary>
internal static class AnswerHead
{
    // "HTTP/1.1 200"
    private const int ShortestStatusLineBytes = 12;

    /// <summary>Where it ends, or -1 if it goes on.</summary>
    public static int EndOf(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; ;)
        {
            var line = bytes[at..].IndexOf((byte)'\n');
            if (line < 0)
            {
                return -1;
            }

            var isBlank = at > 0 && (line == 0 || (line == 1 && bytes[at] == '\r'));
            at += line + 1;
            if (isBlank)
            {
                return at;
            }
        }
    }

    /// <summary>The status, and whether the connection stays open if no header says otherwise; null for what is not HTTP/1.</summary>
    public static (int Status, bool StaysOpen)? StatusOf(ReadOnlySpan<byte> head)
    {
        var line = NextLine(ref head);
        return line.Length >= ShortestStatusLineBytes
            && line.StartsWith("HTTP/1."u8)
            && line[7] is (byte)'0' or (byte)'1'
            && line[8] == ' '
            && int.TryParse(line[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            && status >= 100
            && (line.Length == ShortestStatusLineBytes || line[12] == ' ')
                ? (status, line[7] == '1')
                : null;
    }

    /// <summary>A header; several of the same name are joined with ", ".</summary>
    /// <param name="head">The whole head.</param>
    /// <param name="name">In whatever case.</param>
    public static string? Find(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        string? found = null;
        for (NextLine(ref head); !head.IsEmpty;)
        {
            var line = NextLine(ref head);
            if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                var value = Encoding.UTF8.GetString(line[(name.Length + 1)..].Trim(" \t"u8));
                found = found is null ? value : $"{found}, {value}";
            }
        }

        return found;
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IndexOf((byte)'\n');
        var line = length < 0 ? rest : rest[..length];
        rest = length < 0 ? default : rest[(length + 1)..];
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
