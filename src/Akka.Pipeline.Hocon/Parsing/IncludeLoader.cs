namespace Akka.Pipeline.Hocon.Parsing;

using System.Text;

/// <summary>Loads the files of one document: counts them, measures them and refuses circles.</summary>
internal sealed class IncludeLoader(IHoconSource source)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<string> _open = [];
    private int _remainingBytes = HoconLimits.InputSizeBytes;
    private int _includes;

    /// <summary>The document's first file. It has to exist.</summary>
    public MapNode LoadFirst(string path)
    {
        var origin = HoconOrigin.Of(path);
        var fullName = Locate(path, null, origin);
        return Load(fullName, path, origin, DocumentScope.Whole)
            ?? throw new HoconException(origin, "there is no such file", "name an existing file");
    }

    /// <summary>An included file's content.</summary>
    /// <param name="name">As written.</param>
    /// <param name="required">Whether it is an error that there is no such file.</param>
    /// <param name="at">The include statement.</param>
    /// <param name="scope">Where the content goes.</param>
    public IEnumerable<MapNode> Include(string name, bool required, HoconOrigin at, DocumentScope scope)
    {
        if (name.Contains("://", StringComparison.Ordinal))
        {
            throw new HoconException(at, $"'{Readable.Text(name)}' cannot be included, since only files can", "include a file by its path");
        }

        var found = new List<MapNode>();
        foreach (var candidate in Candidates(name))
        {
            if (++_includes > HoconLimits.Includes)
            {
                throw new HoconException(at, $"more than {HoconLimits.Includes} includes are followed", "include fewer files");
            }

            var fullName = Locate(candidate, _open.LastOrDefault(), at);
            if (Load(fullName, fullName, at, scope) is { } content)
            {
                found.Add(content);
            }
        }

        return found.Count > 0 || !required
            ? found
            : throw new HoconException(at, $"the required file '{Readable.Text(name)}' does not exist", "create it, correct its name, or leave 'required' out");
    }

    // A name without an extension stands for that file, and for the ones with a known extension, HOCON last.
    private static IEnumerable<string> Candidates(string name) =>
        Path.HasExtension(name) ? [name] : [name, name + ".json", name + ".conf"];

    private string Locate(string name, string? includedFrom, HoconOrigin at) =>
        Guard(() => source.Locate(name, includedFrom), name, at);

    private MapNode? Load(string fullName, string description, HoconOrigin at, DocumentScope scope)
    {
        if (_open.Contains(fullName))
        {
            throw new HoconException(at, $"the file includes itself: {string.Join(" -> ", _open.Append(fullName).Select(Readable.Text))}", "remove one of these includes");
        }

        if (_open.Count == HoconLimits.IncludeChain)
        {
            throw new HoconException(at, $"more than {HoconLimits.IncludeChain} files include one another", "include fewer files in a row");
        }

        if (Guard(() => source.Read(fullName, _remainingBytes), fullName, at) is not { } bytes)
        {
            return null;
        }

        _remainingBytes -= bytes.Length;
        if (_remainingBytes < 0)
        {
            throw TooLarge(HoconOrigin.Of(description));
        }

        _open.Add(fullName);
        try
        {
            return new DocumentReader(new TextCursor(Decode(bytes, description), description), scope, this).Read();
        }
        finally
        {
            _open.RemoveAt(_open.Count - 1);
        }
    }

    public static HoconException TooLarge(HoconOrigin origin) =>
        new(origin, $"the configuration is larger than {HoconLimits.InputSizeBytes / (1024 * 1024)} MiB", "make it smaller; is it the right file?");

    private static T Guard<T>(Func<T> access, string name, HoconOrigin at)
    {
        try
        {
            return access();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or System.Security.SecurityException)
        {
            throw new HoconException(at, $"'{Readable.Text(name)}' cannot be read: {e.Message}", "make it a file that this user may read", e);
        }
    }

    private static string Decode(byte[] bytes, string description)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            var good = Encoding.UTF8.GetString(bytes, 0, Math.Clamp(e.Index, 0, bytes.Length));
            var cursor = new TextCursor(good, description);
            while (!cursor.AtEnd)
            {
                cursor.Take();
            }

            throw new HoconException(cursor.Here, "the file is not valid UTF-8", "save it as UTF-8", e);
        }
    }
}
