namespace Akka.Pipeline.Hocon.Parsing;

/// <summary>What the text around a file says about it.</summary>
/// <param name="Depth">Objects and arrays around it.</param>
/// <param name="Roots">Where its substitutions are looked up: its own place in the document first, then that of each file around it, the document's root last.</param>
/// <param name="InList">Whether it stands inside a list, where no path leads to it.</param>
internal sealed record DocumentScope(int Depth, IReadOnlyList<IReadOnlyList<string>> Roots, bool InList)
{
    public static DocumentScope Whole { get; } = new(0, [[]], InList: false);

    /// <summary>The scope of a file that is included in this one.</summary>
    /// <param name="path">The keys from this file's root to the include.</param>
    /// <param name="depth">Objects and arrays around the include.</param>
    /// <param name="inList">Whether the include stands inside a list.</param>
    public DocumentScope Included(IReadOnlyList<string> path, int depth, bool inList) =>
        this with
        {
            Depth = depth,
            Roots = path.Count == 0 ? Roots : [[.. Roots[0], .. path], .. Roots],
            InList = inList || InList,
        };
}
