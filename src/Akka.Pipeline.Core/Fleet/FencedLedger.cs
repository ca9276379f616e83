namespace Akka.Pipeline.Core.Fleet;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// The shared ledger as one session sees it: what it commits counts only while the session lives, and with it goes what it says about shared work.
/// </summary>
/// <param name="shared">For everything that is read; not disposed of.</param>
/// <param name="fleet">For everything that is written.</param>
/// <param name="session">Whose.</param>
/// <param name="refused">Told when a commit is refused because the session, or a claim, is lost. From then on nothing of it is worth going on with.</param>
public sealed class FencedLedger(ILedger shared, IFleet fleet, SessionId session, Action refused) : ILedger
{
    /// <inheritdoc/>
    /// <exception cref="LedgerException">Also "SessionEnded": nothing was committed, and never will be on behalf of this session.</exception>
    public async Task CommitAsync(IReadOnlyList<LedgerChange> changes, CancellationToken cancellation)
    {
        if (await fleet.CommitAsync(session, Sorted(changes), cancellation) != FleetOutcome.Done)
        {
            refused();
            throw new LedgerException(new Failure(
                FailureScope.Node,
                FailureNature.Passing,
                "SessionEnded",
                $"Session {session.Epoch} of this node has ended, and others have what it held.",
                "Nothing: the node joins again by itself. If it happens often, see that the database answers within the session's time (fleet.session-timeout)."));
        }
    }

    public Task<IReadOnlyList<LedgerEntry?>> LookUpAsync(string route, IReadOnlyList<string> paths, CancellationToken cancellation) => shared.LookUpAsync(route, paths, cancellation);

    public Task<IReadOnlyList<ObjectOrigin?>> LookUpOriginsAsync(string store, IReadOnlyList<ObjectAddress> addresses, CancellationToken cancellation) =>
        shared.LookUpOriginsAsync(store, addresses, cancellation);

    public Task<MultipartProgress?> FindMultipartAsync(string route, string path, CancellationToken cancellation) => shared.FindMultipartAsync(route, path, cancellation);

    public Task<IReadOnlyList<MultipartProgress>> OpenMultipartsAsync(CancellationToken cancellation) => shared.OpenMultipartsAsync(cancellation);

    public Task<IReadOnlyList<MultipartIntent>> OpenIntentsAsync(CancellationToken cancellation) => shared.OpenIntentsAsync(cancellation);

    public IAsyncEnumerable<LedgerEntry> FilesAsync(FileQuery query, CancellationToken cancellation) => shared.FilesAsync(query, cancellation);

    public Task<IReadOnlyList<RouteTally>> TallyAsync(CancellationToken cancellation) => shared.TallyAsync(cancellation);

    public Task<IReadOnlyList<Blockage>> BlockagesAsync(CancellationToken cancellation) => shared.BlockagesAsync(cancellation);

    public Task<int> RequestRetryAsync(string? route, string? path, DateTimeOffset at, CancellationToken cancellation) => shared.RequestRetryAsync(route, path, at, cancellation);

    public Task<long> RetryGenerationAsync(CancellationToken cancellation) => shared.RetryGenerationAsync(cancellation);

    public Task<int> PruneAsync(DateTimeOffset doneBefore, CancellationToken cancellation) => shared.PruneAsync(doneBefore, cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static FleetCommit Sorted(IReadOnlyList<LedgerChange> changes) => new()
    {
        Changes = [.. changes.Where(change => change is not FleetChange)],
        CompletedBatches = [.. changes.OfType<BatchCompleted>().Select(change => change.Ticket)],
        ReturnedBatches = [.. changes.OfType<BatchHandedBack>().Select(change => change.Return)],
        FinishedParts = [.. changes.OfType<PartFinished>().Select(change => change.Finish)],
        ReturnedParts = [.. changes.OfType<PartHandedBack>().Select(change => change.Return)],
        Notes = [.. changes.OfType<Noted>().Select(change => change.Note)],
    };
}
