namespace Akka.Pipeline.Actors.Fleet;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>
/// The parts of one large file as the work of all nodes: whoever claimed the file publishes what is missing, waits until all of it is there, and joins it.
/// It sends parts by claiming them like everybody else (<see cref="PartsActor"/>). Should it die, whoever gets the file next finds the parts.
/// </summary>
public sealed class SharedParts(SessionContext session, ILedger ledger, TimeProvider time) : IPartSharing
{
    /// <summary>Without a new part for this long, the store is asked whether it still knows the upload; after several such times, the file is put off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const int MostWaits = 6;

    private volatile TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool leaving;

    /// <summary>A part was finished, here or elsewhere.</summary>
    public void Wake() => Interlocked.Exchange(ref news, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The node is about to leave: nobody waits any more.</summary>
    public void Leave()
    {
        leaving = true;
        Wake();
    }

    public async Task<IReadOnlyList<PartFacts>> SendAsync(RouteContext route, ISourceFile file, MultipartProgress upload, IReadOnlyList<int> missing, IReadOnlyList<int> lost, CancellationToken cancellation)
    {
        // What others have finished since the look stays finished; only what does not hold is dropped.
        if (lost.Count > 0)
        {
            await PublishAsync(new PartsToDo(upload.UploadId, lost, Again: true), cancellation);
        }

        if (missing.Count > 0)
        {
            await PublishAsync(new PartsToDo(upload.UploadId, missing), cancellation);
        }

        var (finished, since, waits) = (-1, time.GetTimestamp(), 0);
        while (missing.Count > 0)
        {
            var told = news.Task;
            ThrowIfOver(file, upload);
            var state = await AskAsync(() => session.Fleet.PartsAsync(upload.UploadId, cancellation), cancellation)
                ?? throw new StoreException(new Failure(FailureScope.File, FailureNature.Passing, "NoSuchUpload", $"The upload of {upload.Address} was ended by another node.", "Nothing to do: it is looked at again."));
            if (state.Waiting + state.Claimed == 0)
            {
                break;
            }

            if (state.Finished != finished)
            {
                (finished, since, waits) = (state.Finished, time.GetTimestamp(), 0);
            }
            else if (time.GetElapsedTime(since) >= Patience)
            {
                since = time.GetTimestamp();
                await LookAsync(route, upload, ++waits, cancellation);
            }

            await Task.WhenAny(told, Task.Delay(session.Settings.Poll, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }

        var known = await AskAsync(() => ledger.FindMultipartAsync(upload.Route, upload.Path, cancellation), cancellation);
        return known is not null && string.Equals(known.UploadId, upload.UploadId, StringComparison.Ordinal)
            ? [.. known.Parts.OrderBy(part => part.PartNumber)]
            : upload.Parts;
    }

    private async Task PublishAsync(PartsToDo parts, CancellationToken cancellation)
    {
        if (await AskAsync(() => session.Fleet.PublishPartsAsync(session.Session.Id, parts, cancellation), cancellation) != FleetOutcome.Done)
        {
            session.Refused();
            throw new HandedOverException();
        }
    }

    private async Task LookAsync(RouteContext route, MultipartProgress upload, int waits, CancellationToken cancellation)
    {
        if (await route.Store.ListPartsAsync(upload.Address, upload.UploadId, cancellation) is null)
        {
            throw new StoreException(new Failure(FailureScope.File, FailureNature.Passing, "NoSuchUpload", $"The upload of {upload.Address} is gone from the store.", "Nothing to do: it begins again."));
        }

        if (waits >= MostWaits)
        {
            throw new StoreException(new Failure(
                FailureScope.File,
                FailureNature.Passing,
                "PartsStalled",
                $"No node has finished a part of '{SourcePath.ForDisplay(upload.Path)}' for {(Patience * MostWaits).TotalMinutes:0} minutes.",
                "See the nodes' logs for what keeps them (pipeline nodes). The parts that are finished are kept."));
        }
    }

    private void ThrowIfOver(ISourceFile file, MultipartProgress upload)
    {
        if (leaving || !session.Session.IsSure)
        {
            throw new HandedOverException();
        }

        if (file.Check().Fingerprint != upload.Fingerprint)
        {
            throw new FileChangedException();
        }
    }

    // The database may restart at any time; while the session is sure, it is worth asking again.
    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (LedgerException passing) when (passing.Failure.Nature == FailureNature.Passing && session.Session.IsSure && !leaving)
            {
                await Task.Delay(session.Settings.Poll, time, cancellation);
            }
        }
    }
}
