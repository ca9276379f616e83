namespace Akka.Pipeline.Core.Routes;

/// <summary>What a route takes from its source folder.</summary>
/// <param name="Folder">Absolute path of the source.</param>
/// <param name="Include">Globs over the path below the source; a file goes if any matches. "**" spans folders, "*" and "?" stay in one component, "[abc]", "{a,b}".</param>
/// <param name="Exclude">Globs that keep a file out; they win over <paramref name="Include"/>. A glob without '/' is matched against the last component.</param>
/// <param name="MinimumSizeBytes">Smaller files stay; 0 for no limit.</param>
/// <param name="MaximumSizeBytes">Larger files stay; null for no limit.</param>
/// <param name="MinimumAge">Files changed more recently stay for now; zero for no limit.</param>
/// <param name="MaximumAge">Files last changed longer ago stay; null for no limit.</param>
/// <param name="FollowLinks">Follow symbolic links, never out of the source; otherwise they are passed over.</param>
/// <param name="Watch">Watch for changes where the file system can.</param>
public sealed record SourceSettings(
    string Folder,
    IReadOnlyList<string> Include,
    IReadOnlyList<string> Exclude,
    long MinimumSizeBytes,
    long? MaximumSizeBytes,
    TimeSpan MinimumAge,
    TimeSpan? MaximumAge,
    bool FollowLinks,
    bool Watch)
{
    /// <summary>Hidden folder, beside the files of one folder, that holds a file for the moment between its last check and its removal.</summary>
    public const string HoldingFolder = ".pipeline-holding";
}
