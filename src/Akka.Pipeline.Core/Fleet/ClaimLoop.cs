namespace Akka.Pipeline.Core.Fleet;

/// <summary>What a node that wants work does next.</summary>
public enum ClaimStep
{
    /// <summary>Nothing: a claim is under way, or it wants none.</summary>
    Wait,

    /// <summary>Ask what its session holds: a claim whose answer was lost, or that an earlier incarnation made, is the session's all the same.</summary>
    Recover,

    /// <summary>Claim.</summary>
    Claim,
}

/// <summary>What is to be said about claims.</summary>
public enum ClaimNews
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>They fail from now on.</summary>
    FellIll,

    /// <summary>They succeed again.</summary>
    Recovered,
}

/// <summary>How a node claims work of one kind: one claim at a time, and after one of unknown outcome first a look at what it holds.</summary>
/// <param name="IsClaiming">A claim is under way.</param>
/// <param name="IsUnsure">The session may hold what nobody here knows of.</param>
/// <param name="IsTroubled">The last claim failed, and that was said.</param>
/// <param name="IsResting">Nothing new for now: the machine is likely to be taken.</param>
/// <param name="IsStopped">Nothing new any more.</param>
public sealed record ClaimLoop(bool IsClaiming, bool IsUnsure, bool IsTroubled, bool IsResting, bool IsStopped)
{
    /// <summary>At the start, after whatever an earlier incarnation has claimed.</summary>
    public static ClaimLoop Start { get; } = new(IsClaiming: false, IsUnsure: true, IsTroubled: false, IsResting: false, IsStopped: false);

    /// <summary>What to do now.</summary>
    /// <param name="hasRoom">There is room for more work.</param>
    public ClaimStep Next(bool hasRoom) => IsClaiming || IsStopped || IsResting || !hasRoom ? ClaimStep.Wait : IsUnsure ? ClaimStep.Recover : ClaimStep.Claim;

    /// <summary>A step was begun.</summary>
    public ClaimLoop Begun() => this with { IsClaiming = true };

    /// <summary>It was answered, whatever it brought.</summary>
    public (ClaimLoop Next, ClaimNews News) Answered() =>
        (this with { IsClaiming = false, IsUnsure = false, IsTroubled = false }, IsTroubled ? ClaimNews.Recovered : ClaimNews.None);

    /// <summary>It failed, so it may have been carried out.</summary>
    public (ClaimLoop Next, ClaimNews News) Failed() =>
        (this with { IsClaiming = false, IsUnsure = true, IsTroubled = true }, IsTroubled ? ClaimNews.None : ClaimNews.FellIll);
}
