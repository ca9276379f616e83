namespace Akka.Pipeline.Core.Failures;

/// <summary>How far a failure reaches: what shares its cause is not worth trying meanwhile, everything else goes on.</summary>
public enum FailureScope
{
    /// <summary>This file only.</summary>
    File,

    /// <summary>Everything that goes to this bucket (or target folder).</summary>
    Bucket,

    /// <summary>Everything that goes to this store: it cannot be reached, or it refuses our credentials.</summary>
    Store,

    /// <summary>This route's source.</summary>
    Source,

    /// <summary>This node: its disk, its memory, its file handles, its ledger.</summary>
    Node,
}

/// <summary>Whether waiting helps.</summary>
public enum FailureNature
{
    /// <summary>It may pass by itself; a retry soon can help.</summary>
    Passing,

    /// <summary>Somebody has to do something first; it is tried again all the same, ever more rarely.</summary>
    Lasting,

    /// <summary>The store refuses our credentials: <see cref="Lasting"/>, and at the start of a run away from EC2 it ends the run with exit code 3.</summary>
    Credentials,

    /// <summary>The store asks us to slow down (503 SlowDown, 429): fewer requests at a time, then again.</summary>
    Throttled,
}

/// <summary>What went wrong, in words for an operator.</summary>
/// <param name="Scope">How far it reaches.</param>
/// <param name="Nature">Whether waiting helps.</param>
/// <param name="Code">A short stable name ("NoSuchBucket", "EACCES", "Timeout"), for grouping and for machines.</param>
/// <param name="Cause">What happened, and to what: one sentence that names the thing. Never a secret.</param>
/// <param name="Cure">What to do about it: one sentence.</param>
/// <param name="OutcomeUnknown">The request may have been carried out all the same: ask the store before acting on it.</param>
/// <param name="RetryAfter">How long the other side asked us to wait, if it did.</param>
public sealed record Failure(
    FailureScope Scope,
    FailureNature Nature,
    string Code,
    string Cause,
    string Cure,
    bool OutcomeUnknown = false,
    TimeSpan? RetryAfter = null)
{
    /// <summary>Cause and cure as sentences.</summary>
    public string Explanation => $"{Cause}{(Cause.EndsWith('.') ? "" : ".")} {Cure}{(Cure.EndsWith('.') || Cure.EndsWith('?') ? "" : ".")}";
}
