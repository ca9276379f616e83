namespace Akka.Pipeline.Core.Spot;

/// <summary>Where a cloud says what it is about to do with this machine.</summary>
public interface IInstanceNotices : IDisposable
{
    /// <summary>Where it is asked, for the log.</summary>
    string Address { get; }

    /// <summary>Asks once, in a second at most. Never throws but for cancellation: what cannot be reached is an answer.</summary>
    /// <param name="cancellation">Ends the look at once.</param>
    Task<InstanceLook> LookAsync(CancellationToken cancellation);
}

/// <summary>What one look found. The texts come from outside, as they are; <see cref="InstanceNotice"/> reads them.</summary>
/// <param name="IsReachable">There is such a service, and it answered both questions.</param>
/// <param name="Action">The interruption notice, or null where there is none.</param>
/// <param name="Rebalance">The rebalance recommendation, or null where there is none.</param>
/// <param name="ServerTime">The service's clock, where it told it; notices carry times of that clock.</param>
public sealed record InstanceLook(bool IsReachable, string? Action, string? Rebalance, DateTimeOffset? ServerTime)
{
    /// <summary>Not on such a machine, or the service does not answer now.</summary>
    public static InstanceLook Unreachable { get; } = new(false, null, null, null);
}
