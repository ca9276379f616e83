namespace Akka.Pipeline.Sandbox.Store;

using System.Text;

/// <summary>
/// Turns keys into relative paths that a file system can hold, and back. An ordinary key is its own path. For the rest:
/// <list type="bullet">
/// <item>`%XX`, two upper-case hexadecimal digits: one byte that cannot or should not stand in a name: `%`, control characters, and the dots of `.` and `..`.</item>
/// <item>`%_`: an empty component, as in `a//b`, `/a` and `a/`.</item>
/// <item>`…%+/…`: a component that is longer than a name may be goes on in the next folder.</item>
/// <item>`a%d`: the folder `a`, where the file `a` was there first; `a%f`: the file `a`, where the folder `a` was there first.</item>
/// </list>
/// A name never holds a bare `%`, so no two keys share a path, and no path leaves its folder.
/// </summary>
internal static class KeyPath
{
    public const string FolderMark = "%d";
    public const string FileMark = "%f";
    private const string EmptyComponent = "%_";
    private const string Continued = "%+";
    // 255 bytes is the limit of ext4, xfs, btrfs and tmpfs (NAME_MAX); a mark takes two.
    private const int MaxNameBytes = 251;

    /// <summary>The components of the path of a key, without marks for clashes.</summary>
    public static List<string> Components(string key)
    {
        var names = new List<string>();
        foreach (var component in key.Split('/'))
        {
            AddEscaped(names, component);
        }

        return names;
    }

    /// <summary>The key whose path this is.</summary>
    /// <returns>Null where it is the path of no key.</returns>
    public static string? ToKey(string path)
    {
        var key = new MemoryStream();
        var goesOn = true;
        foreach (var name in path.Split('/'))
        {
            if (!goesOn)
            {
                key.WriteByte((byte)'/');
            }

            goesOn = name.EndsWith(Continued, StringComparison.Ordinal);
            var bare = goesOn || name.EndsWith(FolderMark, StringComparison.Ordinal) || name.EndsWith(FileMark, StringComparison.Ordinal) ? name[..^2] : name;
            if (bare != EmptyComponent && !TryUnescape(bare, key))
            {
                return null;
            }
        }

        return goesOn ? null : Encoding.UTF8.GetString(key.ToArray());
    }

    private static void AddEscaped(List<string> names, string component)
    {
        if (component.Length == 0)
        {
            names.Add(EmptyComponent);
            return;
        }

        if (component is "." or "..")
        {
            names.Add(component.Replace(".", "%2E", StringComparison.Ordinal));
            return;
        }

        var name = new StringBuilder(component.Length);
        var nameBytes = 0;
        foreach (var rune in component.EnumerateRunes())
        {
            var isPlain = rune.Value is >= 0x20 and not 0x7F and not '%';
            var bytes = isPlain ? rune.Utf8SequenceLength : 3;
            if (nameBytes + bytes > MaxNameBytes)
            {
                names.Add(name.Append(Continued).ToString());
                name.Clear();
                nameBytes = 0;
            }

            nameBytes += bytes;
            if (isPlain)
            {
                name.Append(rune);
            }
            else
            {
                name.Append('%').Append(rune.Value.ToString("X2"));
            }
        }

        // A piece of a long component may by chance be a name of its own meaning.
        var last = name.ToString();
        names.Add(last is "." or ".." ? last.Replace(".", "%2E", StringComparison.Ordinal) : last);
    }

    private static bool TryUnescape(string name, MemoryStream key)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '%')
            {
                var length = char.IsHighSurrogate(name[i]) && i + 1 < name.Length ? 2 : 1;
                key.Write(Encoding.UTF8.GetBytes(name.Substring(i, length)));
                i += length - 1;
            }
            else if (i + 2 < name.Length && char.IsAsciiHexDigit(name[i + 1]) && char.IsAsciiHexDigit(name[i + 2]))
            {
                key.Write(Convert.FromHexString(name.AsSpan(i + 1, 2)));
                i += 2;
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
