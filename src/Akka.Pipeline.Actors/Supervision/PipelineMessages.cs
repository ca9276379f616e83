namespace Akka.Pipeline.Actors.Supervision;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;

/// <summary>How a run ended, for the host.</summary>
/// <param name="Remainders">What was left, by route.</param>
/// <param name="CredentialsRefused">The store refuses our credentials, so the run could not begin.</param>
/// <param name="LedgerFailure">The ledger could not be written, so nothing could be finished.</param>
public sealed record RunEnded(IReadOnlyDictionary<string, RouteRemainder> Remainders, Failure? CredentialsRefused, Failure? LedgerFailure);
