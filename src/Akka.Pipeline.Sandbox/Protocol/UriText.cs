namespace Akka.Pipeline.Sandbox.Protocol;

using System.Buffers;
using System.Text;

/// <summary>Percent encoding as Signature Version 4 wants it: only A-Z a-z 0-9 - . _ ~ stay, hexadecimal digits are upper case.</summary>
internal static class UriText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private static readonly SearchValues<char> Plain = SearchValues.Create(Unreserved);
    private static readonly SearchValues<char> PlainAndSlash = SearchValues.Create(Unreserved + "/");

    public static string Encode(string text, bool keepSlash)
    {
        var plain = keepSlash ? PlainAndSlash : Plain;
        if (text.AsSpan().IndexOfAnyExcept(plain) < 0)
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 32);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var character = (char)octet;
            if (octet < 0x80 && plain.Contains(character))
            {
                encoded.Append(character);
            }
            else
            {
                encoded.Append('%').Append(octet.ToString("X2"));
            }
        }

        return encoded.ToString();
    }

    /// <summary>Undoes percent encoding.</summary>
    /// <returns>The text, or null where an escape is broken or the bytes are no UTF-8.</returns>
    public static string? Decode(ReadOnlySpan<char> text, bool plusIsSpace)
    {
        if (text.IndexOf('%') < 0 && !(plusIsSpace && text.Contains('+')) && Ascii.IsValid(text))
        {
            return text.ToString();
        }

        var octets = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                {
                    return null;
                }

                octets[count++] = (byte)((Convert.FromHexString(text.Slice(i + 1, 2)))[0]);
                i += 2;
            }
            else if (character == '+' && plusIsSpace)
            {
                octets[count++] = (byte)' ';
            }
            else if (char.IsAscii(character))
            {
                octets[count++] = (byte)character;
            }
            else if (char.IsHighSurrogate(character) && i + 1 < text.Length)
            {
                count += Encoding.UTF8.GetBytes(text.Slice(i++, 2), octets.AsSpan(count));
            }
            else
            {
                count += Encoding.UTF8.GetBytes(text.Slice(i, 1), octets.AsSpan(count));
            }
        }

        try
        {
            return StrictUtf8.GetString(octets, 0, count);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
