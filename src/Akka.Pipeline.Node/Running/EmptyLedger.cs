namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>Knows nothing and keeps nothing: the ledger of a dry run where there is none, so that not even a file is made.</summary>
internal sealed class EmptyLedger : ILedger
{
    public Task<IReadOnlyList<LedgerEntry?>> LookUpAsync(string route, IReadOnlyList<string> paths, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<LedgerEntry?>>(new LedgerEntry?[paths.Count]);

    public Task<IReadOnlyList<ObjectOrigin?>> LookUpOriginsAsync(string store, IReadOnlyList<ObjectAddress> addresses, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ObjectOrigin?>>(new ObjectOrigin?[addresses.Count]);

    public Task CommitAsync(IReadOnlyList<LedgerChange> changes, CancellationToken cancellation) => Task.CompletedTask;

    public Task<MultipartProgress?> FindMultipartAsync(string route, string path, CancellationToken cancellation) => Task.FromResult<MultipartProgress?>(null);

    public Task<IReadOnlyList<MultipartProgress>> OpenMultipartsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<MultipartProgress>>([]);

    public Task<IReadOnlyList<MultipartIntent>> OpenIntentsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<MultipartIntent>>([]);

    public IAsyncEnumerable<LedgerEntry> FilesAsync(FileQuery query, CancellationToken cancellation) => AsyncEnumerable.Empty<LedgerEntry>();

    public Task<IReadOnlyList<RouteTally>> TallyAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<RouteTally>>([]);

    public Task<IReadOnlyList<Blockage>> BlockagesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Blockage>>([]);

    public Task<int> RequestRetryAsync(string? route, string? path, DateTimeOffset at, CancellationToken cancellation) => Task.FromResult(0);

    public Task<long> RetryGenerationAsync(CancellationToken cancellation) => Task.FromResult(0L);

    public Task<int> PruneAsync(DateTimeOffset doneBefore, CancellationToken cancellation) => Task.FromResult(0);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
