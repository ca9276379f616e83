namespace Akka.Pipeline.Storage.S3;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;

/// <content>Whether an answer proves that the bytes arrived.</content>
public sealed partial class S3ObjectStore
{
    /// <summary>Holds the answer against the bytes that were sent.</summary>
    private void Confirm(S3Operation operation, ObjectAddress address, IUploadBody body, SendAnswer answer)
    {
        if (answer.ETag.Length == 0)
        {
            throw new StoreException(S3Failures.Classify(Ask(operation, address), new S3Trouble(TroubleKind.Unreadable, 200, "UnreadableAnswer")));
        }

        var told = answer.Echo with { Md5 = answer.ETagIsOpaque ? null : S3Digests.Md5Of(answer.ETag) };
        var agrees = told.Agrees(body.Digests);
        FaultPoint.Disable("checksum-comparison", ref agrees);
        if (agrees == false)
        {
            throw new StoreException(S3Failures.Contradiction(Ask(operation, address)));
        }

        // With MD5 the store has checked Content-MD5 even where its ETag is something else; a checksum that it does not echo it has not understood.
        if (checksum != ChecksumMode.Md5 && (told with { Md5 = null }).Agrees(body.Digests) is null)
        {
            throw new StoreException(S3Failures.NotConfirmed(Ask(operation, address)));
        }
    }

    // Nothing in such an answer speaks of the bytes. A store that has ETags of its own kind tells the same one and the right length when it is asked; a web server that
    // answers 200 to everything tells the length of its page.
    private async Task ConfirmByLookAsync(PutRequest request, SendAnswer answer, CancellationToken cancellation)
    {
        ObjectFacts? held;
        try
        {
            held = await HeadAsync(request.Address, cancellation);
        }
        catch (StoreException e)
        {
            throw new StoreException(e.Failure with { OutcomeUnknown = true }, e);
        }

        if (held is null || held.SizeBytes != request.Body.LengthBytes || !string.Equals(held.ETag, answer.ETag, StringComparison.Ordinal))
        {
            throw new StoreException(S3Failures.Classify(Ask(S3Operation.PutObject, request.Address), new S3Trouble(TroubleKind.Unreadable, 200, "UnreadableAnswer")));
        }
    }
}
