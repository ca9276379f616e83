namespace Akka.Pipeline.Sandbox.Faults;

/// <summary>Whether a store that corrupts shows it.</summary>
internal enum Corruption
{
    /// <summary>Entity tag and checksums are those of the received bytes.</summary>
    Lying,
    /// <summary>Entity tag and checksums are those of the stored bytes.</summary>
    Honest,
}

/// <summary>The connection is to be reset instead of answered.</summary>
internal sealed class ConnectionDroppedException : Exception;

/// <summary>What one request's rule, if any, does to it.</summary>
internal sealed class FaultSession(FaultRule? rule, CancellationToken serverStopping)
{
    private readonly TaskCompletionSource _reachedCommit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FaultRule? Rule => rule;

    public long? ResetAfterBytes => rule?.Fault == FaultKind.ResetBody ? rule.AfterBytes : null;

    public Corruption? Corruption => rule?.Fault != FaultKind.Corrupt ? null : rule.ETagOfCorrupted ? Faults.Corruption.Honest : Faults.Corruption.Lying;

    /// <summary>Completes when the body is there and checked, and only the commit is left.</summary>
    public Task ReachedCommit => _reachedCommit.Task;

    /// <summary>To be awaited by whatever changes the store, just before it does.</summary>
    public Task BeforeCommitAsync()
    {
        _reachedCommit.TrySetResult();
        return rule?.Fault switch
        {
            FaultKind.Latency when rule.Before > TimeSpan.Zero => Task.Delay(rule.Before, serverStopping),
            FaultKind.CommitLater => Task.Delay(rule.After, serverStopping),
            _ => Task.CompletedTask,
        };
    }
}
