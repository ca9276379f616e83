namespace Akka.Pipeline.Core.Insight;

/// <summary>Files that lie in a source and are not in the store.</summary>
/// <param name="Files">All of them.</param>
/// <param name="Bytes">Their length together.</param>
/// <param name="SetAside">Of the files, those that wait for an operator.</param>
/// <param name="Failing">Of the files, those whose last attempt failed and that wait for the next one.</param>
/// <param name="IsComplete">All were counted; otherwise there was no time for more, or the source could not be read.</param>
public sealed record RemainingFiles(long Files, long Bytes, long SetAside, long Failing, bool IsComplete)
{
    /// <summary>Nothing.</summary>
    public static RemainingFiles None { get; } = new(0, 0, 0, 0, true);

    /// <summary>Of the files, those that nothing was wrong with: there was no time for them, or somebody still wrote them.</summary>
    public long Untouched => Files - SetAside - Failing;

    /// <summary>Of two sources together.</summary>
    public RemainingFiles Plus(RemainingFiles other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new RemainingFiles(Files + other.Files, Bytes + other.Bytes, SetAside + other.SetAside, Failing + other.Failing, IsComplete && other.IsComplete);
    }
}
