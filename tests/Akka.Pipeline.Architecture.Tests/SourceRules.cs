namespace Akka.Pipeline.Architecture.Tests;

using System.Text.RegularExpressions;

/// <summary>What holds for the text of a source file or of the reference configuration.</summary>
internal static partial class SourceRules
{
    public const int UsualLines = 300;
    public const int MostLines = 450;

    // Child namespaces and types of Akka.NET: inside namespace Akka.Pipeline such a name of ours would hide them.
    private static readonly HashSet<string> AkkaNames = new(StringComparer.Ordinal)
    {
        "Actor", "Event", "Configuration", "Hosting", "IO", "Pattern", "Routing", "Util", "Dispatch", "Cluster", "Streams", "Persistence", "TestKit", "Remote", "Serialization",
        "DependencyInjection", "DI", "Delivery", "DistributedData", "Coordination", "Discovery", "Annotations", "Tools", "Done", "NotUsed",
    };

    /// <summary>A name that says nothing, as a word of its own within a name.</summary>
    public static bool SaysNothing(string name) => Vague().IsMatch(name);

    public static bool HidesAkka(string @namespace) =>
        @namespace.StartsWith("Akka.Pipeline", StringComparison.Ordinal) && @namespace.Split('.').Skip(2).Any(AkkaNames.Contains);

    /// <summary>The first using directive that stands before the namespace, if any. A program of top-level statements has no namespace to put it in.</summary>
    public static string? UsingOutside(IReadOnlyList<string> lines)
    {
        var before = lines.TakeWhile(line => !line.StartsWith("namespace ", StringComparison.Ordinal)).ToList();
        var isProgram = before.Count == lines.Count;
        return before.Find(line => Using().IsMatch(line) && (!isProgram || line.StartsWith("global ", StringComparison.Ordinal)));
    }

    public static bool HasConditions(IEnumerable<string> lines) => lines.Any(line => Condition().IsMatch(line));

    /// <summary>Keys of a configuration without a comment of their own or of the group that they stand in.</summary>
    public static IReadOnlyList<string> KeysWithoutComment(IEnumerable<string> lines)
    {
        var silent = new List<string>();
        var commented = false;
        foreach (var line in lines.Select(l => l.Trim()))
        {
            if (line.Length == 0 || line == "}" || line.EndsWith('{'))
            {
                commented = false;
            }
            else if (line.StartsWith('#'))
            {
                commented = true;
            }
            else if (!commented)
            {
                silent.Add(line);
            }
        }

        return silent;
    }

    [GeneratedRegex("(^|[a-z.])(Utils?|Utilities|Utility|Helpers?|Common|Managers?)($|[A-Z.])")]
    private static partial Regex Vague();

    [GeneratedRegex(@"^\s*(global\s+)?using\s+[^(]*;")]
    private static partial Regex Using();

    [GeneratedRegex(@"^\s*#\s*(if|elif)\b")]
    private static partial Regex Condition();
}
