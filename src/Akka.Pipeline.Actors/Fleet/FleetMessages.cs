namespace Akka.Pipeline.Actors.Fleet;

using Akka.Event;
using Akka.Pipeline.Core.Fleet;

/// <summary>How a node takes part in a fleet.</summary>
/// <param name="SessionTimeout">After this time without a renewal the others take over what this node holds.</param>
/// <param name="BatchFiles">Files in a batch, at most.</param>
/// <param name="BatchBytes">Bytes in a batch, unless its first file alone has more.</param>
/// <param name="MostWaiting">Batches of a route that may wait for a node.</param>
/// <param name="Poll">How often a node looks for news that it was not told.</param>
public sealed record FleetSettings(TimeSpan SessionTimeout, int BatchFiles, long BatchBytes, int MostWaiting, TimeSpan Poll);

/// <summary>What the actors of one session share.</summary>
/// <param name="Fleet">The shared state.</param>
/// <param name="Session">The node's session.</param>
/// <param name="Settings">How it takes part.</param>
/// <param name="Refused">To be called when the fleet says that the session has ended.</param>
public sealed record SessionContext(IFleet Fleet, HeldSession Session, FleetSettings Settings, Action Refused);

/// <summary>On the event stream: there may be something new in the fleet.</summary>
public sealed record FleetNewsHeard(FleetNews News) : IDeadLetterSuppression;

/// <summary>publisher -> walker: the lease is another's.</summary>
public sealed record LeaseLost;
