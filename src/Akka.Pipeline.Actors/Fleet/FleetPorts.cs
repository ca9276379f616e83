namespace Akka.Pipeline.Actors.Fleet;

using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;

/// <summary>What connects a node to its fleet.</summary>
/// <param name="OpenAsync">Connects to the shared database; tried again until it succeeds. Whoever gives it closes what it opened.</param>
/// <param name="Identity">Who this node is.</param>
/// <param name="Settings">How it takes part.</param>
/// <param name="Clock">A monotonic clock that goes on while the machine sleeps.</param>
public sealed record FleetPorts(Func<CancellationToken, Task<FleetAccess>> OpenAsync, NodeIdentity Identity, FleetSettings Settings, TimeProvider Clock);

/// <summary>The shared database, connected.</summary>
public sealed record FleetAccess(IFleet Fleet, ILedger Ledger);
