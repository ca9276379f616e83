namespace Akka.Pipeline.Core.Files;

using System.Buffers;
using System.Globalization;
using System.Text;

/// <summary>
/// Linux names are bytes, not text. A path is kept as a string in which every byte that is not part of valid UTF-8 stands as the lone
/// surrogate U+DC00 + byte (as Python's "surrogateescape", PEP 383, does): nothing is lost, every file can be opened, and a name that is
/// no text is recognised where text is needed.
/// </summary>
public static class SourcePath
{
    private const char EscapeBase = '\uDC00';

    /// <summary>The string for a name of the file system.</summary>
    public static string FromBytes(ReadOnlySpan<byte> name)
    {
        if (System.Text.Unicode.Utf8.IsValid(name))
        {
            return Encoding.UTF8.GetString(name);
        }

        var text = new StringBuilder(name.Length);
        Span<char> chars = stackalloc char[2];
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(chars[..rune.EncodeToUtf16(chars)]);
                name = name[consumed..];
            }
            else
            {
                text.Append((char)(EscapeBase + name[0]));
                name = name[1..];
            }
        }

        return text.ToString();
    }

    /// <summary>The bytes for a path, the exact opposite of <see cref="FromBytes"/>.</summary>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException">The buffer is too small (3 bytes a character always suffice), or a surrogate stands alone that no name gave.</exception>
    public static int ToBytes(ReadOnlySpan<char> path, Span<byte> buffer)
    {
        if (System.Text.Unicode.Utf8.FromUtf16(path, buffer, out _, out var written, replaceInvalidSequences: false) == OperationStatus.Done)
        {
            return written;
        }

        written = 0;
        while (!path.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(path, out var rune, out var consumed) == OperationStatus.Done)
            {
                if (!rune.TryEncodeToUtf8(buffer[written..], out var size))
                {
                    throw new ArgumentException("The buffer is too small for the path.", nameof(buffer));
                }

                written += size;
            }
            else if (path[0] is >= '\uDC80' and <= '\uDCFF' && written < buffer.Length)
            {
                buffer[written++] = (byte)(path[0] - EscapeBase);
                consumed = 1;
            }
            else
            {
                throw new ArgumentException("The path holds a surrogate that no file name gave, or the buffer is too small.", nameof(path));
            }

            path = path[consumed..];
        }

        return written;
    }

    /// <summary>True when the path is valid text, so that it can become an object key.</summary>
    public static bool IsText(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var rest = path.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var consumed) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[consumed..];
        }

        return true;
    }

    /// <summary>The path as one printable line: control characters and bytes that are no text stand as \xNN or \n.</summary>
    public static string ForDisplay(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.AsSpan().ContainsAnyInRange('\0', '\u001f') && !path.AsSpan().ContainsAnyInRange('\u007f', '\u009f') && IsText(path))
        {
            return path;
        }

        var text = new StringBuilder(path.Length + 8);
        var rest = path.AsSpan();
        while (!rest.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf16(rest, out var rune, out var consumed) == OperationStatus.Done;
            _ = isRune switch
            {
                true when rune.Value == '\n' => text.Append("\\n"),
                true when rune.Value == '\r' => text.Append("\\r"),
                true when rune.Value == '\t' => text.Append("\\t"),
                true when rune.Value is < ' ' or (>= 0x7f and <= 0x9f) => text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                true => text.Append(rest[..consumed]),
                false => text.Append(CultureInfo.InvariantCulture, $"\\x{rest[0] - EscapeBase:x2}"),
            };
            rest = rest[consumed..];
        }

        return text.ToString();
    }
}
