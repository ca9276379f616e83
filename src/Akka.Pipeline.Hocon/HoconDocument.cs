namespace Akka.Pipeline.Hocon;

using Akka.Pipeline.Hocon.Parsing;
using Akka.Pipeline.Hocon.Resolving;

/// <summary>
/// A configuration as it was written: read, but its substitutions still open, so that they can see what other documents say. Immutable.
/// </summary>
public sealed class HoconDocument
{
    // The one that gives way first stands first.
    private readonly IReadOnlyList<MapNode> _layers;

    private HoconDocument(IReadOnlyList<MapNode> layers) => _layers = layers;

    /// <summary>A document without keys.</summary>
    public static HoconDocument Empty { get; } = new([]);

    /// <summary>Reads a file and what it includes.</summary>
    /// <param name="path">The file; errors name it as it is written here, included files by their full names.</param>
    /// <param name="source">Where files come from; <see cref="HoconFiles"/> for those on disk.</param>
    /// <exception cref="HoconException">A file is missing, unreadable, too large, not UTF-8 or not HOCON.</exception>
    public static HoconDocument ParseFile(string path, IHoconSource source) => new([new IncludeLoader(source).LoadFirst(path)]);

    /// <summary>Reads a text, which cannot include files.</summary>
    /// <param name="text">The text.</param>
    /// <param name="description">What errors call it, for example <c>reference.conf</c>.</param>
    /// <exception cref="HoconException">The text is too large or not HOCON.</exception>
    public static HoconDocument ParseText(string text, string description) =>
        text.Length <= HoconLimits.InputSizeBytes
            ? new([new DocumentReader(new TextCursor(text, description), DocumentScope.Whole, includes: null).Read()])
            : throw IncludeLoader.TooLarge(HoconOrigin.Of(description));

    /// <summary>A document from settings that come one by one, such as flags and environment variables. A later one wins over an earlier one.</summary>
    /// <param name="pairs">
    /// A path expression, a value, which is always taken as text and never parsed (typed readers convert it), and what it came from, for example <c>flag --endpoint</c>.
    /// </param>
    /// <exception cref="HoconException">A path is not a path expression.</exception>
    public static HoconDocument FromPairs(IEnumerable<(string Path, string Value, string Origin)> pairs)
    {
        var root = new MapNode(HoconOrigin.Of("settings"));
        foreach (var (path, value, description) in pairs)
        {
            var origin = HoconOrigin.Of(description);
            var keys = HoconPath.Parse(path, origin).Select(key => new PathSegment(key, origin)).ToList();
            root.Assign(keys, new ScalarNode(origin, HoconKind.Text, value));
        }

        return new([root]);
    }

    /// <summary>This document over another: its values win, objects in both are merged, and substitutions in either see the result.</summary>
    public HoconDocument WithFallback(HoconDocument fallback) => new([.. fallback._layers, .. _layers]);

    /// <summary>Replaces every substitution.</summary>
    /// <param name="environment">Gives an environment variable's value, or null; asked for a substitution whose path the document does not have. None is asked if left out.</param>
    /// <exception cref="HoconException">A substitution names nothing, runs in a circle, joins what cannot be joined, or multiplies beyond <see cref="HoconLimits"/>.</exception>
    public HoconObject Resolve(Func<string, string?>? environment = null) =>
        new("", new Resolver(_layers.Count > 0 ? _layers : [new MapNode(HoconOrigin.Of("empty document"))], environment ?? (_ => null)).Resolve());
}
