namespace Akka.Pipeline.Actors.Fleet;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;

/// <summary>A store as one session sees it: it changes nothing there once the session may have ended. It also notes for how long the store has done nothing but fail.</summary>
/// <param name="inner">The store; not disposed of.</param>
/// <param name="session">Whose.</param>
/// <param name="clock">A monotonic clock.</param>
public sealed class FencedStore(IObjectStore inner, HeldSession session, TimeProvider clock) : IObjectStore
{
    private readonly Lock gate = new();
    private TimeSpan? failingSince;
    private ObjectAddress? failedAt;

    public StoreTraits Traits => inner.Traits;

    public int RequestsAtOnce => inner.RequestsAtOnce;

    /// <summary>How long no request has succeeded, since one failed for a reason that passes; zero while all is well.</summary>
    public TimeSpan FailingFor
    {
        get
        {
            lock (gate)
            {
                return failingSince is { } since ? HeldSession.Now(clock) - since : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Asks for what failed last, whatever the session; true when the store answers.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            if (failedAt is { } address)
            {
                await inner.HeadAsync(address, cancellation);
            }

            Note(null);
            return true;
        }
        catch (StoreException failed)
        {
            return failed.Failure.Nature != FailureNature.Passing;
        }
    }

    public Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation) => Watched(address, () => inner.HeadAsync(address, cancellation));

    public Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation) => Fenced(request.Address, () => inner.PutAsync(request, cancellation));

    public Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation) =>
        Fenced(request.Address, () => inner.CreateMultipartAsync(request, cancellation));

    public Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation) => Fenced(request.Address, () => inner.UploadPartAsync(request, cancellation));

    public Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) =>
        Watched(address, () => inner.ListPartsAsync(address, uploadId, cancellation));

    public Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation) =>
        Fenced(request.Address, () => inner.CompleteMultipartAsync(request, cancellation));

    public Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation) => Fenced(address, async () =>
    {
        await inner.AbortMultipartAsync(address, uploadId, cancellation);
        return true;
    });

    public IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, CancellationToken cancellation) => inner.ListMultipartsAsync(bucket, keyPrefix, cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> Fenced<T>(ObjectAddress address, Func<Task<T>> act) => session.IsSure
        ? Watched(address, act)
        : Task.FromException<T>(new StoreException(new Failure(
            FailureScope.File,
            FailureNature.Passing,
            "SessionEnded",
            $"Session {session.Id.Epoch} of this node may have ended, so that others may be at it.",
            "Nothing: the node joins again by itself.")));

    private async Task<T> Watched<T>(ObjectAddress address, Func<Task<T>> act)
    {
        try
        {
            var result = await act();
            Note(null);
            return result;
        }
        catch (StoreException failed)
        {
            // Any other failure is an answer.
            Note(failed.Failure.Nature == FailureNature.Passing ? address : null);
            throw;
        }
    }

    private void Note(ObjectAddress? failed)
    {
        lock (gate)
        {
            failingSince = failed is null ? null : failingSince ?? HeldSession.Now(clock);
            failedAt = failed ?? failedAt;
        }
    }
}
