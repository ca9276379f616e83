namespace Akka.Pipeline.Core.Fleet;

using Akka.Pipeline.Core.Ledger;

/// <summary>
/// What the nodes of a fleet share: who is there, who walks a route, which batches and parts wait and who works on them. All times are by the database's clock.
/// </summary>
/// <remarks>
/// <para>
/// Everything that a node holds lives and dies with its session. A session ends when it leaves, or when its time is over without a renewal; it never comes back. From then on every
/// call that writes on its behalf is refused with <see cref="FleetOutcome.SessionEnded"/> and changes nothing, and what it held is for others to claim. Ending and writing are ordered
/// by the database: what was committed was committed while the session lived.
/// </para>
/// <para>
/// Failures are <see cref="LedgerException"/>. Where one says OutcomeUnknown, the call may have been carried out: each can be repeated as it is, and a claim whose answer was
/// lost is found by <see cref="HoldingsAsync"/>.
/// </para>
/// </remarks>
public interface IFleet : IAsyncDisposable
{
    /// <summary>Begins a session. If the answer is lost, the session that may have begun ends by itself, holding nothing.</summary>
    /// <param name="node">Who.</param>
    /// <param name="timeout">How long it lives without a renewal; 1 s to 1 h, 10 s is usual.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    Task<SessionGrant> JoinAsync(NodeIdentity node, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>Asks for another <see cref="Renewal.GoodFor"/>. Also ends the sessions of others whose time is over.</summary>
    Task<Renewal> RenewAsync(SessionId session, NodeRates rates, CancellationToken cancellation);

    /// <summary>The session claims nothing more and gives its scan leases back; what it holds it may finish.</summary>
    /// <returns>Done, or SessionEnded.</returns>
    Task<FleetOutcome> DrainAsync(SessionId session, CancellationToken cancellation);

    /// <summary>Ends the session: all that it held is free at once. Without effect when it has ended.</summary>
    Task LeaveAsync(SessionId session, CancellationToken cancellation);

    /// <summary>All sessions that are not pruned, those that ended too, in the order in which they joined.</summary>
    Task<IReadOnlyList<NodeReport>> NodesAsync(CancellationToken cancellation);

    /// <summary>What a session holds now; for a caller that lost the answer to a claim.</summary>
    Task<Holdings> HoldingsAsync(SessionId session, CancellationToken cancellation);

    /// <summary>Takes the right to walk a route if nobody has it; the holder gets the lease that it has.</summary>
    Task<ScanAnswer> TakeScanLeaseAsync(SessionId session, string route, CancellationToken cancellation);

    /// <summary>Gives the right back. Without effect when it is another's by now.</summary>
    Task ReturnScanLeaseAsync(SessionId session, ScanLease lease, CancellationToken cancellation);

    /// <summary>
    /// Publishes batches, as many as there is room for, in order. They get the numbers from <paramref name="firstNumber"/> on; what was published under these numbers before is not
    /// published again, so a call whose answer was lost can be repeated.
    /// </summary>
    /// <param name="session">The holder of the lease.</param>
    /// <param name="lease">The right to do so.</param>
    /// <param name="firstNumber">The next number: of the lease at first, then of the last <see cref="Publication"/>.</param>
    /// <param name="batches">The files of each, a few hundred, none of them empty.</param>
    /// <param name="mostUnclaimed">How many batches of the route may wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    Task<Publication> PublishAsync(
        SessionId session, ScanLease lease, long firstNumber, IReadOnlyList<IReadOnlyList<BatchFile>> batches, int mostUnclaimed, CancellationToken cancellation);

    /// <summary>The batches of a route that are not finished, with their files: what a new holder of the lease does not publish again.</summary>
    Task<IReadOnlyList<OpenBatch>> OpenBatchesAsync(string route, CancellationToken cancellation);

    /// <summary>Their numbers only, in order; cheap to ask for every few seconds.</summary>
    Task<IReadOnlyList<long>> OpenBatchNumbersAsync(string route, CancellationToken cancellation);

    /// <summary>Claims waiting batches, oldest first: as many as wanted, and no more once their files reach <paramref name="mostBytes"/> (one at least). A draining session gets none.</summary>
    /// <param name="session">For whom.</param>
    /// <param name="routes">Of these routes: those whose volume the node sees.</param>
    /// <param name="mostBatches">1 or more.</param>
    /// <param name="mostBytes">1 or more.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    Task<Claimed<BatchClaim>> ClaimBatchesAsync(SessionId session, IReadOnlyList<string> routes, int mostBatches, long mostBytes, CancellationToken cancellation);

    /// <summary>Commits all of it durably in one transaction, or nothing: SessionEnded, or ClaimLost when one of the claims is not the session's any more.</summary>
    Task<FleetOutcome> CommitAsync(SessionId session, FleetCommit commit, CancellationToken cancellation);

    /// <summary>Lets every node take part in an upload in parts, which the ledger must know (<see cref="MultipartBegun"/>).</summary>
    /// <param name="session">On whose behalf.</param>
    /// <param name="parts">What is to be done.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>Done (also when the upload has ended), or SessionEnded.</returns>
    Task<FleetOutcome> PublishPartsAsync(SessionId session, PartsToDo parts, CancellationToken cancellation);

    /// <summary>Claims parts that wait, of the oldest upload first. A draining session gets none.</summary>
    Task<Claimed<PartClaim>> ClaimPartsAsync(SessionId session, IReadOnlyList<string> routes, int most, CancellationToken cancellation);

    /// <summary>How far an upload in parts has come; null when it has ended.</summary>
    Task<PartsState?> PartsAsync(string uploadId, CancellationToken cancellation);

    /// <summary>
    /// Waits until there may be something new, or the time is over (<see cref="FleetNews.None"/>). News that came since the last call count. News can be lost with a connection, so
    /// look from time to time anyway; after a lost connection everything counts as news. For one caller at a time.
    /// </summary>
    Task<FleetNews> WaitForNewsAsync(TimeSpan timeout, CancellationToken cancellation);

    /// <summary>The audit trail, oldest first.</summary>
    Task<IReadOnlyList<AuditRecord>> AuditAsync(AuditQuery query, CancellationToken cancellation);

    /// <summary>Forgets ended sessions and audit records that are older. Returns how many records.</summary>
    Task<int> PruneAsync(TimeSpan olderThan, CancellationToken cancellation);
}
