namespace Akka.Pipeline.Actors.Supervision;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Insight;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>How a run ended, for the host.</summary>
/// <param name="Remainders">What was left, by route.</param>
/// <param name="CredentialsRefused">The store refuses our credentials, so the run could not begin.</param>
/// <param name="LedgerFailure">The ledger could not be written, so nothing could be finished.</param>
public sealed record RunEnded(IReadOnlyDictionary<string, RouteRemainder> Remainders, Failure? CredentialsRefused, Failure? LedgerFailure);

/// <summary>Makes the actor of a route.</summary>
public delegate Props RouteProps(RouteContext route, NodeContext node, IActorRef uploaders, IActorRef ledger);

/// <summary>
/// to the pipeline: leave. Nothing new is taken, what runs is finished or broken off, what is done becomes durable; answered by <see cref="NodeDrained"/>.
/// </summary>
/// <param name="CutOffAt">Monotonic clock: uploads under way then are broken off.</param>
/// <param name="SavesFiles">
/// The machine's own disk may be lost: until then files of node routes go on being uploaded, small ones first. Otherwise only uploads under way are finished.
/// </param>
/// <param name="CountFor">How long what remains may be counted at the end.</param>
public sealed record DrainNode(TimeSpan CutOffAt, bool SavesFiles, TimeSpan CountFor);

/// <summary>to the pipeline, while it leaves: the uploads are to be cut off earlier.</summary>
/// <param name="CutOffAt">Monotonic clock; a later one than before changes nothing.</param>
public sealed record HastenDrain(TimeSpan CutOffAt);

/// <summary>The node has left; nothing is under way.</summary>
/// <param name="Remaining">What the sources of node routes still hold.</param>
public sealed record NodeDrained(RemainingFiles Remaining);
