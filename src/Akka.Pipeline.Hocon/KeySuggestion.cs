namespace Akka.Pipeline.Hocon;

/// <summary>Finds what was probably meant by a key that does not exist.</summary>
public static class KeySuggestion
{
    private const int LongestKey = 100;

    /// <summary>
    /// The candidate nearest to a name, or null if none is near: at most one edit for every three characters (a character too many, missing, wrong, or two swapped;
    /// upper and lower case count as the same). Of several equally near ones the first.
    /// </summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var best = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            // A length that differs by as much as the best distance cannot be nearer.
            if (Math.Max(name.Length, candidate.Length) > LongestKey || Math.Abs(name.Length - candidate.Length) >= best)
            {
                continue;
            }

            var distance = Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < best && distance < Math.Max(name.Length, candidate.Length))
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    // Damerau-Levenshtein in its restricted form: no part is edited twice. Three rows are enough.
    private static int Distance(string a, string b)
    {
        var beforeLast = new int[b.Length + 1];
        var last = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last) = (last, row);
        }

        return last[b.Length];
    }
}
