namespace Akka.Pipeline.Storage.S3;

using System.Text;
using System.Text.RegularExpressions;

/// <summary>Makes text from outside fit to be shown: one line, short, and without anything that looks like a key or a token.</summary>
internal static partial class PlainText
{
    private const int MaximumLength = 300;

    public static string Of(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "";
        }

        var line = new StringBuilder(Math.Min(text.Length, MaximumLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= MaximumLength)
            {
                line.Append('…');
                break;
            }

            line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return SecretLike().Replace(line.ToString().Trim(), "…");
    }

    // Secret keys have 40 characters of this alphabet, session tokens hundreds, signatures 64.
    [GeneratedRegex("[A-Za-z0-9+/=_%-]{32,}", RegexOptions.CultureInvariant)]
    private static partial Regex SecretLike();
}
