namespace Akka.Pipeline.Core.Stores;

/// <summary>
/// A store of objects. Members may be called from any thread, many at a time, and never retry by themselves beyond re-sending what was surely not
/// processed: retries belong to the caller, who knows what else waits. Every failure is a <see cref="StoreException"/> whose
/// <see cref="Failures.Failure"/> says how far it reaches, whether a retry can help, and whether the request may have been carried out
/// all the same (<see cref="Failures.Failure.OutcomeUnknown"/>: time-outs, resets, 5xx). Cancellation is an <see cref="OperationCanceledException"/> and leaves the outcome unknown.
/// </summary>
public interface IObjectStore : IAsyncDisposable
{
    StoreTraits Traits { get; }

    /// <summary>How many requests are worth having under way at once, now; more would wait.</summary>
    int RequestsAtOnce => int.MaxValue;

    /// <summary>Asks for an object without its bytes; null when there is none (the bucket exists). Safe to repeat.</summary>
    /// <exception cref="StoreException">An unknown bucket is a failure of scope Bucket, never null.</exception>
    Task<ObjectFacts?> HeadAsync(ObjectAddress address, CancellationToken cancellation);

    /// <summary>
    /// Writes an object in one request. Returned as <see cref="WriteOutcome.Stored"/> only if the store has confirmed what it holds by everything it
    /// can confirm with (checksums in the request, ETag or checksum in the answer); an answer that contradicts the body is a failure, code "AnswerContradictsBody".
    /// Safe to repeat with the same body and condition.
    /// </summary>
    Task<WriteResult> PutAsync(PutRequest request, CancellationToken cancellation);

    /// <summary>Begins a multipart upload and returns its id. Not idempotent: a lost answer leaves an upload to be found by <see cref="ListMultipartsAsync"/>.</summary>
    Task<string> CreateMultipartAsync(CreateMultipartRequest request, CancellationToken cancellation);

    /// <summary>Writes one part, confirmed like <see cref="PutAsync"/>. Safe to repeat; the last one with a number counts.</summary>
    /// <exception cref="StoreException">Code "NoSuchUpload" when the upload was completed, aborted or has expired.</exception>
    Task<PartFacts> UploadPartAsync(PartRequest request, CancellationToken cancellation);

    /// <summary>The parts that the store holds of an upload, by number; null when it knows no such upload.</summary>
    Task<IReadOnlyList<PartFacts>?> ListPartsAsync(ObjectAddress address, string uploadId, CancellationToken cancellation);

    /// <summary>Joins the parts. Confirmed by what the store answers and, where that says nothing, by a <see cref="HeadAsync"/>.</summary>
    /// <exception cref="StoreException">Code "NoSuchUpload" (it may have been completed by a request whose answer was lost), "InvalidPart".</exception>
    Task<WriteResult> CompleteMultipartAsync(CompleteMultipartRequest request, CancellationToken cancellation);

    /// <summary>Ends an upload and frees its parts; an unknown one is no error. Safe to repeat.</summary>
    Task AbortMultipartAsync(ObjectAddress address, string uploadId, CancellationToken cancellation);

    /// <summary>Unfinished uploads of a bucket whose keys begin with the prefix, by anybody.</summary>
    IAsyncEnumerable<OpenMultipart> ListMultipartsAsync(string bucket, string keyPrefix, CancellationToken cancellation);
}

/// <summary>A request to a store failed.</summary>
public sealed class StoreException : Exception
{
    public StoreException(Failures.Failure failure, Exception? inner = null)
        : base(failure?.Cause, inner)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Failure = failure;
    }

    public Failures.Failure Failure { get; }
}
