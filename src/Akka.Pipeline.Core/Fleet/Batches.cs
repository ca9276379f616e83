namespace Akka.Pipeline.Core.Fleet;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;

/// <summary>The right to walk a route.</summary>
/// <param name="Route">The route.</param>
/// <param name="Epoch">Grows with every holder: publishing with an old one is refused.</param>
/// <param name="NextNumber">What the next batch is numbered.</param>
public sealed record ScanLease(string Route, long Epoch, long NextNumber);

/// <summary>The answer to the wish to walk a route.</summary>
/// <param name="Outcome">Done: it is the session's. ClaimLost: another has it, or the session drains.</param>
/// <param name="Lease">The lease, when it is done.</param>
/// <param name="Holder">Who has it otherwise, if anybody.</param>
public sealed record ScanAnswer(FleetOutcome Outcome, ScanLease? Lease, SessionId? Holder);

/// <summary>A file as the walk saw it.</summary>
public sealed record BatchFile(string Path, Fingerprint Fingerprint);

/// <summary>What became of a publication.</summary>
/// <param name="Outcome">ClaimLost: the lease is another's.</param>
/// <param name="Published">How many of the batches, from the first on, are published now.</param>
/// <param name="Room">How many more there is room for.</param>
/// <param name="NextNumber">For the next publication.</param>
public sealed record Publication(FleetOutcome Outcome, int Published, int Room, long NextNumber);

/// <summary>A batch that is not finished.</summary>
public sealed record OpenBatch(long Number, IReadOnlyList<BatchFile> Files);

/// <summary>Names one claim of a batch: a batch that was given back and claimed again is another claim.</summary>
/// <param name="Route">The route.</param>
/// <param name="Number">The batch's number; greater ones were published later.</param>
/// <param name="Claim">How often it was claimed.</param>
public readonly record struct BatchTicket(string Route, long Number, int Claim);

/// <summary>A batch to work on.</summary>
public sealed record BatchClaim(BatchTicket Ticket, IReadOnlyList<BatchFile> Files);

/// <summary>Gives a batch back. Without effect when the claim is over.</summary>
/// <param name="Ticket">Which.</param>
/// <param name="Rest">The files that are still to be done; null for all of them.</param>
/// <param name="NotBefore">How long nobody gets it.</param>
public sealed record BatchReturn(BatchTicket Ticket, IReadOnlyList<BatchFile>? Rest, TimeSpan NotBefore);

/// <summary>What a session commits in one transaction. Lists that are not named are empty.</summary>
public sealed record FleetCommit
{
    /// <summary>Facts for the ledger.</summary>
    public IReadOnlyList<LedgerChange> Changes { get; init; } = [];

    /// <summary>Batches all of whose files are dealt with: they are forgotten. A batch that was completed already counts as done.</summary>
    public IReadOnlyList<BatchTicket> CompletedBatches { get; init; } = [];

    /// <summary>Batches that others shall do.</summary>
    public IReadOnlyList<BatchReturn> ReturnedBatches { get; init; } = [];

    /// <summary>Parts that the store has confirmed; they stand in the upload's <see cref="MultipartProgress.Parts"/> then. One that was finished already counts as done.</summary>
    public IReadOnlyList<PartFinish> FinishedParts { get; init; } = [];

    /// <summary>Parts that others shall do.</summary>
    public IReadOnlyList<PartReturn> ReturnedParts { get; init; } = [];

    /// <summary>For the audit trail: what the session did, or is about to do once this is committed.</summary>
    public IReadOnlyList<AuditNote> Notes { get; init; } = [];
}

/// <summary>A line for the audit trail.</summary>
/// <param name="What">A short stable word ("removed").</param>
/// <param name="Route">The route.</param>
/// <param name="Path">The file, if it is about one.</param>
/// <param name="Batch">The batch, if it is about one.</param>
public sealed record AuditNote(string What, string Route, string? Path, long? Batch);

/// <summary>A line of the audit trail.</summary>
/// <param name="At">When.</param>
/// <param name="Session">Whose doing, or whose end.</param>
/// <param name="What">"joined", "draining", "left", "expired", "scan", "published", "claimed", "completed", "returned", "released", or a note's word; parts with "part " before.</param>
/// <param name="Route">The route, where there is one.</param>
/// <param name="Path">The file, where it is about one.</param>
/// <param name="Number">The batch, or the part of a file; of several published at once, the first.</param>
public sealed record AuditRecord(DateTimeOffset At, SessionId Session, string What, string? Route, string? Path, long? Number);

/// <summary>Which lines; null means any.</summary>
public sealed record AuditQuery(SessionId? Session = null, string? What = null, string? Route = null, string? Path = null, int Limit = 10_000);
