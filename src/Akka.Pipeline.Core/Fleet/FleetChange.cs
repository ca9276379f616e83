namespace Akka.Pipeline.Core.Fleet;

using Akka.Pipeline.Core.Ledger;

/// <summary>A fact about shared work that is committed together with those about files. Only <see cref="FencedLedger"/> takes them.</summary>
public abstract record FleetChange(DateTimeOffset At) : LedgerChange(At);

/// <summary>All files of a batch are dealt with.</summary>
public sealed record BatchCompleted(BatchTicket Ticket, DateTimeOffset At) : FleetChange(At);

/// <summary>Others shall do a batch, or its rest.</summary>
public sealed record BatchHandedBack(BatchReturn Return, DateTimeOffset At) : FleetChange(At);

/// <summary>The store has confirmed a part.</summary>
public sealed record PartFinished(PartFinish Finish, DateTimeOffset At) : FleetChange(At);

/// <summary>Others shall do a part.</summary>
public sealed record PartHandedBack(PartReturn Return, DateTimeOffset At) : FleetChange(At);

/// <summary>For the audit trail.</summary>
public sealed record Noted(AuditNote Note, DateTimeOffset At) : FleetChange(At);
