namespace Akka.Pipeline.Hocon;

/// <summary>The bounds that keep hostile input from exhausting stack, memory or time. Going over one is a <see cref="HoconException"/>.</summary>
public static class HoconLimits
{
    /// <summary>Bytes (of a text: UTF-16 characters) of one file and of all files that one document includes together: 16 MiB.</summary>
    public const int InputSizeBytes = 16 * 1024 * 1024;

    /// <summary>Objects and arrays inside one another, dotted keys counted segment by segment, before and after substitution.</summary>
    public const int Depth = 512;

    /// <summary>Substitutions that lead to one another before a value is reached.</summary>
    public const int SubstitutionChain = 512;

    /// <summary>Include statements followed for one document.</summary>
    public const int Includes = 1000;

    /// <summary>Files that include one another in a row.</summary>
    public const int IncludeChain = 64;

    /// <summary>Values in a resolved document, every repetition by substitution counted.</summary>
    public const int Values = 500_000;

    /// <summary>Characters that joining text may produce in one document.</summary>
    public const int JoinedCharacters = 64 * 1024 * 1024;

    /// <summary>Places, assignments and list elements that resolving one document may look at; about two seconds' work.</summary>
    public const int ResolveSteps = 2_000_000;
}
