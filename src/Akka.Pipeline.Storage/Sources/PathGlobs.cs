namespace Akka.Pipeline.Storage.Sources;

/// <summary>
/// Which paths below a source a route takes. "**" spans any number of folders, "*" and "?" stay in one component, "[a-z]" and "[!a-z]" take one
/// character, "{a,b}" either text, "\" takes the next character as it is. A glob without '/' is held against the last component; one with '/' against
/// the whole path; one that ends in '/' takes everything below. Upper and lower case differ; names that begin with a dot are names like others.
/// </summary>
public sealed class PathGlobs
{
    private const int MaximumPatterns = 1_000;

    private readonly GlobPattern[] patterns;
    private readonly int includes;
    private readonly bool takesAll;

    private PathGlobs(GlobPattern[] include, GlobPattern[] exclude)
    {
        patterns = [.. include, .. exclude];
        includes = include.Length;
        takesAll = include.Any(p => p.TakesAll(p.Start));
        Start = Array.ConvertAll(patterns, p => p.Start);
    }

    /// <summary>The state at the source itself; see <see cref="TryEnter"/>.</summary>
    internal ulong[] Start { get; }

    /// <summary>Compiles globs. No <paramref name="include"/> takes nothing.</summary>
    /// <exception cref="FormatException">A glob is malformed; the message names it and what is wrong.</exception>
    public static PathGlobs Compile(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
    {
        ArgumentNullException.ThrowIfNull(include);
        ArgumentNullException.ThrowIfNull(exclude);
        return new PathGlobs(Compile(include), Compile(exclude));
    }

    /// <summary>True when the route takes a file at this path.</summary>
    public bool Matches(ReadOnlySpan<char> path)
    {
        var state = Start;
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/'))
        {
            if (!TryEnter(state, path[..slash], out state))
            {
                return false;
            }

            path = path[(slash + 1)..];
        }

        return MatchesFile(state, path);
    }

    /// <summary>False when no file below this folder can be taken.</summary>
    internal bool CanMatchBelow(ReadOnlySpan<char> folder)
    {
        var state = Start;
        foreach (var range in folder.Split('/'))
        {
            if (!TryEnter(state, folder[range], out state))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The state in a sub-folder; false when no file below it can be taken, so that it need not be read.</summary>
    internal bool TryEnter(ulong[] state, ReadOnlySpan<char> folder, out ulong[] next)
    {
        next = new ulong[patterns.Length];
        var possible = false;
        for (var i = 0; i < patterns.Length; i++)
        {
            next[i] = patterns[i].Enter(state[i], folder);
            if (i < includes)
            {
                possible |= next[i] != 0;
            }
            else if (patterns[i].TakesAll(next[i]))
            {
                return false;
            }
        }

        return possible;
    }

    /// <summary>True when the route takes a file of this name in a folder of this state.</summary>
    internal bool MatchesFile(ulong[] state, ReadOnlySpan<char> file)
    {
        var taken = takesAll;
        for (var i = 0; i < includes && !taken; i++)
        {
            taken = patterns[i].Matches(state[i], file);
        }

        for (var i = includes; i < patterns.Length && taken; i++)
        {
            taken = !patterns[i].Matches(state[i], file);
        }

        return taken;
    }

    private static GlobPattern[] Compile(IReadOnlyList<string> globs)
    {
        var compiled = new List<GlobPattern>();
        foreach (var glob in globs)
        {
            try
            {
                foreach (var plain in Expand(glob))
                {
                    compiled.Add(GlobPattern.Parse(plain));
                    if (compiled.Count > MaximumPatterns)
                    {
                        throw new FormatException($"its braces make more than {MaximumPatterns} patterns");
                    }
                }
            }
            catch (FormatException e)
            {
                throw new FormatException($"The glob '{glob}' is malformed: {e.Message}.", e);
            }
        }

        return [.. compiled];
    }

    /// <summary>Writes out the first pair of braces, and so on.</summary>
    private static IEnumerable<string> Expand(string glob)
    {
        var open = FindOutsideClass(glob, 0, '{');
        if (open < 0)
        {
            yield return glob;
            yield break;
        }

        var depth = 0;
        var commas = new List<int> { open };
        var close = -1;
        for (var i = open; i < glob.Length && close < 0; i++)
        {
            switch (glob[i])
            {
                case '\\':
                    i++;
                    break;
                case '{':
                    depth++;
                    break;
                case '}' when --depth == 0:
                    close = i;
                    break;
                case ',' when depth == 1:
                    commas.Add(i);
                    break;
            }
        }

        if (close < 0)
        {
            throw new FormatException("a '{' is not closed; add the '}', or write '\\{' for the character itself");
        }

        commas.Add(close);
        for (var i = 0; i + 1 < commas.Count; i++)
        {
            foreach (var expanded in Expand(string.Concat(glob.AsSpan(0, open), glob.AsSpan((commas[i] + 1)..commas[i + 1]), glob.AsSpan(close + 1))))
            {
                yield return expanded;
            }
        }
    }

    private static int FindOutsideClass(string glob, int from, char wanted)
    {
        var inClass = false;
        for (var i = from; i < glob.Length; i++)
        {
            if (glob[i] == '\\')
            {
                i++;
            }
            else if (!inClass && glob[i] == wanted)
            {
                return i;
            }
            else
            {
                inClass = glob[i] == '[' || (inClass && glob[i] != ']');
            }
        }

        return -1;
    }
}
