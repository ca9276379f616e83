namespace Akka.Pipeline.Actors.Ledger;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;

/// <summary>Commit these changes, together with whatever else is waiting.</summary>
/// <param name="Changes">In order.</param>
/// <param name="Confirmation">Told to the sender once they are durable; null for no answer.</param>
public sealed record CommitChanges(IReadOnlyList<LedgerChange> Changes, object? Confirmation);

/// <summary>Answer with <see cref="LedgerFlushed"/> once everything sent before is durable.</summary>
public sealed record FlushLedger;

/// <summary>Everything that was sent before the request is durable.</summary>
public sealed record LedgerFlushed;

/// <summary>To the pipeline: the ledger has refused for so long that a run that ends gives up.</summary>
public sealed record LedgerGaveUp(Failure Failure);
