namespace Akka.Pipeline.Storage.S3.Direct;

using System.Buffers;
using System.Globalization;
using System.Text;

/// <summary>UTF-8 text under construction, on the stack as long as it fits.</summary>
internal ref struct SigningText(Span<byte> room)
{
    private const int RoomForOneCharBytes = 3;
    private const int LongestNumberBytes = 20;

    private Span<byte> bytes = room;
    private byte[]? rented;
    private int length;

    public readonly int Length => length;

    public readonly ReadOnlySpan<byte> Bytes => bytes[..length];

    public void Append(string text)
    {
        Reserve(text.Length * RoomForOneCharBytes);
        length += Encoding.UTF8.GetBytes(text, bytes[length..]);
    }

    public void Append(ReadOnlySpan<byte> ascii)
    {
        Reserve(ascii.Length);
        ascii.CopyTo(bytes[length..]);
        length += ascii.Length;
    }

    public void Append(byte ascii)
    {
        Reserve(1);
        bytes[length++] = ascii;
    }

    public void Append(long number)
    {
        Reserve(LongestNumberBytes);
        number.TryFormat(bytes[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
    }

    public void AppendHex(ReadOnlySpan<byte> digest)
    {
        Reserve(2 * digest.Length);
        Convert.TryToHexStringLower(digest, bytes[length..], out var written);
        length += written;
    }

    /// <summary>A header's value as a signature sees it: without spaces around it, and with one where there are several.</summary>
    public void AppendTrimmed(string value)
    {
        var text = value.AsSpan().Trim(" \t");
        if (text.IndexOf("  ", StringComparison.Ordinal) < 0)
        {
            Reserve(text.Length * RoomForOneCharBytes);
            length += Encoding.UTF8.GetBytes(text, bytes[length..]);
            return;
        }

        Append(string.Join(' ', text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    public void Clear() => length = 0;

    public void Dispose()
    {
        if (rented is { } array)
        {
            rented = null;
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void Reserve(int moreBytes)
    {
        if (bytes.Length - length >= moreBytes)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * bytes.Length, length + moreBytes));
        Bytes.CopyTo(larger);
        Dispose();
        bytes = rented = larger;
    }
}
