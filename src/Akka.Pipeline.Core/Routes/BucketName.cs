namespace Akka.Pipeline.Core.Routes;

using System.Net;

/// <summary>The naming rules of general purpose buckets (docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, 2026-11).</summary>
public static class BucketName
{
    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"];

    /// <summary>What is wrong with a name, as the end of a sentence that begins with it; null when nothing is.</summary>
    public static string? Problem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is < 3 or > 63)
        {
            return $"has {name.Length} characters, and a bucket name has 3 to 63";
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.'))
            {
                var shown = char.IsControl(c) || char.IsSurrogate(c) ? $"U+{(int)c:X4}" : $"'{c}'";
                return $"contains {shown}, and a bucket name has only lower-case letters, digits, '-' and '.'";
            }
        }

        if (!char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
        {
            return "does not begin and end with a letter or digit";
        }

        if (name.Contains("..", StringComparison.Ordinal))
        {
            return "contains two dots in a row";
        }

        if (name.Count(c => c == '.') == 3 && IPAddress.TryParse(name, out _))
        {
            return "looks like an IP address";
        }

        return ReservedPrefixes.FirstOrDefault(p => name.StartsWith(p, StringComparison.Ordinal)) is { } prefix
            ? $"begins with '{prefix}', which AWS reserves"
            : ReservedSuffixes.FirstOrDefault(s => name.EndsWith(s, StringComparison.Ordinal)) is { } suffix
                ? $"ends with '{suffix}', which AWS reserves"
                : null;
    }

    /// <summary>The nearest valid name, to be suggested as an alias; null when there is none.</summary>
    public static string? Nearest(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var letters = name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' ? c : '-');
        var candidate = new string([.. letters]).Trim('-', '.');
        return Problem(candidate) is null ? candidate : null;
    }
}
