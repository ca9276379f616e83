namespace Akka.Pipeline.Storage.PostgreSql;

using System.Buffers;
using System.Text;
using Akka.Pipeline.Core.Files;

/// <summary>
/// Strings as bytea: PostgreSQL's text holds no NUL, no lone surrogate, and in a database of another encoding not even every letter.
/// </summary>
internal static class StoredText
{
    private const byte HexFollows = 0;
    private const byte TextFollows = 1;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>The bytes that a path or key stands for.</summary>
    /// <exception cref="ArgumentException">The string stands for no bytes (see <see cref="SourcePath"/>).</exception>
    public static byte[] OfPath(string path)
    {
        // A UTF-16 unit is at most three bytes.
        var buffer = ArrayPool<byte>.Shared.Rent(3 * path.Length);
        try
        {
            return buffer.AsSpan(0, SourcePath.ToBytes(path, buffer)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Any string, as UTF-8; a lone surrogate as the three bytes that UTF-8's scheme gives it.</summary>
    public static byte[] OfName(string name)
    {
        var buffer = new byte[3 * name.Length];
        if (System.Text.Unicode.Utf8.FromUtf16(name, buffer, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            written = 0;
            for (var i = 0; i < name.Length; i++)
            {
                if (Rune.TryGetRuneAt(name, i, out var rune))
                {
                    written += rune.EncodeToUtf8(buffer.AsSpan(written));
                    i += rune.Utf16SequenceLength - 1;
                }
                else
                {
                    buffer[written++] = (byte)(0xE0 | (name[i] >> 12));
                    buffer[written++] = (byte)(0x80 | ((name[i] >> 6) & 0x3F));
                    buffer[written++] = (byte)(0x80 | (name[i] & 0x3F));
                }
            }
        }

        return buffer[..written];
    }

    /// <summary>The opposite of <see cref="OfName"/>.</summary>
    public static string ToName(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else if (bytes is [0xED, >= 0xA0, _, ..])
            {
                text.Append((char)(((bytes[0] & 0x0F) << 12) | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F)));
                consumed = 3;
            }
            else
            {
                text.Append('\uFFFD');
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>An ETag or digest: lower-case hex in half as many bytes, anything else as a name.</summary>
    public static byte[]? OfDigest(string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (value.Length == 0 || value.Length % 2 != 0 || value.AsSpan().ContainsAnyExcept(HexDigits))
        {
            return [TextFollows, .. OfName(value)];
        }

        var bytes = new byte[1 + (value.Length / 2)];
        bytes[0] = HexFollows;
        _ = Convert.FromHexString(value, bytes.AsSpan(1), out _, out _);
        return bytes;
    }

    /// <summary>The opposite of <see cref="OfDigest"/>.</summary>
    public static string ToDigest(ReadOnlySpan<byte> bytes) => bytes[0] == HexFollows ? Convert.ToHexStringLower(bytes[1..]) : ToName(bytes[1..]);
}
