namespace Akka.Pipeline.Storage.Posix;

using Akka.Pipeline.Core.Files;

/// <summary>Names on their way to the kernel: bytes with a zero at the end.</summary>
internal static class NativeName
{
    /// <summary>Room for a name of 255 characters at 3 bytes each, and the zero.</summary>
    public const int BufferBytes = 768;

    /// <summary>PATH_MAX of Linux, with the zero at the end.</summary>
    public const int PathBytes = 4096;

    /// <summary>Writes one component; false when it is no component (empty, "." or "..", with '/' or NUL, too long, not from a file system).</summary>
    public static bool TryWrite(ReadOnlySpan<char> name, Span<byte> buffer, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return name.Length is > 0 and <= 255 && !name.ContainsAny('/', '\0') && name is not "." and not ".."
            && TryEncode(name, buffer, out bytes) && bytes.Length <= 256;
    }

    /// <summary>Writes a path; false when it has a NUL or is too long for one call.</summary>
    public static bool TryWritePath(ReadOnlySpan<char> path, Span<byte> buffer, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return path.Length is > 0 and < PathBytes && !path.Contains('\0') && TryEncode(path, buffer, out bytes);
    }

    private static bool TryEncode(ReadOnlySpan<char> text, Span<byte> buffer, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        try
        {
            // The usual case first: no exception, one pass.
            if (System.Text.Unicode.Utf8.FromUtf16(text, buffer[..^1], out _, out var written, replaceInvalidSequences: false) != System.Buffers.OperationStatus.Done)
            {
                written = SourcePath.ToBytes(text, buffer[..^1]);
            }

            buffer[written] = 0;
            bytes = buffer[..(written + 1)];
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
