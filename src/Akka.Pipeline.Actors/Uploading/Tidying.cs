namespace Akka.Pipeline.Actors.Uploading;

using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;

/// <summary>
/// One round through the uploads and intents that the ledger knows: what nobody goes on with is ended in the store. Without any, no request is made.
/// A store that fails is left for the next round. Where other nodes may be at it, only what is old is looked at, and what is of no use to anybody because its file is stored.
/// </summary>
internal sealed class Tidying(
    IReadOnlyList<RouteContext> routes,
    NodeContext node,
    LeftoverUploads leftovers,
    TimeSpan minimumAge,
    Func<LedgerChange, CancellationToken, Task> record,
    Func<string, ObjectAddress, Task<IDisposable?>> holdKey,
    ILoggingAdapter log)
{
    private readonly HashSet<string> failedStores = new(StringComparer.Ordinal);
    private readonly HashSet<string> unreachedStores = new(StringComparer.Ordinal);

    /// <summary>Whether something could not be looked at because its key was being written: another look is worth while soon.</summary>
    public bool MetBusyKeys { get; private set; }

    /// <summary>Runs the round.</summary>
    /// <returns>How many uploads were ended.</returns>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var uploads = await node.Ledger.OpenMultipartsAsync(cancellation);
        var intents = await node.Ledger.OpenIntentsAsync(cancellation);
        var latest = uploads.ToLookup(upload => (upload.Route, upload.Path)).ToDictionary(group => group.Key, group => group.Last().UploadId);
        var ended = 0;
        foreach (var upload in uploads)
        {
            if (!IsOld(upload.BegunAt) && !Leftovers.IsStored(upload, await EntryAsync(upload.Route, upload.Path, cancellation)))
            {
                continue;
            }

            var isLatest = string.Equals(latest[(upload.Route, upload.Path)], upload.UploadId, StringComparison.Ordinal);
            ended += await WithKeyAsync(upload.Route, upload.Store, upload.Address, store => EndIfAbandonedAsync(store, upload, isLatest, cancellation));
        }

        foreach (var group in intents.GroupBy(intent => (intent.Store, intent.Address)).Select(group => group.ToList()))
        {
            var (old, first) = (group.Where(intent => IsOld(intent.At)).ToList(), group[0]);
            if (old.Count == 0 && group.Count == 1 && Leftovers.IsStored(first, await EntryAsync(first.Route, first.Path, cancellation)))
            {
                old = group;
            }

            if (old.Count > 0)
            {
                ended += await WithKeyAsync(first.Route, first.Store, first.Address, store => ResolveAsync(store, old, cancellation));
            }
        }

        return ended;
    }

    private async Task<LedgerEntry?> EntryAsync(string route, string path, CancellationToken cancellation) => (await node.Ledger.LookUpAsync(route, [path], cancellation))[0];

    private bool IsOld(DateTimeOffset at) => minimumAge == TimeSpan.Zero || node.Now() - at >= minimumAge;

    // An upload of a key that is being written belongs to whoever writes it.
    private async Task<int> WithKeyAsync(string route, string store, ObjectAddress address, Func<IObjectStore, Task<int>> act)
    {
        if (failedStores.Contains(store))
        {
            return 0;
        }

        if (StoreOf(route, store) is not { } reached)
        {
            if (unreachedStores.Add(store))
            {
                log.Info("There are unfinished uploads at {0}, which no route goes to any more. They stay there until a route does, or a lifecycle rule of the bucket ends them.", store);
            }

            return 0;
        }

        using var key = await holdKey(store, address);
        if (key is null)
        {
            MetBusyKeys = true;
            return 0;
        }

        try
        {
            return await act(reached);
        }
        catch (StoreException failed)
        {
            if (failed.Failure.Scope is FailureScope.Store or FailureScope.Node)
            {
                failedStores.Add(store);
            }

            log.Warning("Unfinished uploads of {0} cannot be ended now: {1} Trying again later.", SourcePath.ForDisplay(address.ToString()), failed.Failure.Explanation);
            return 0;
        }
        catch (SourceException)
        {
            // Whether the file is there cannot be known now; its scanner says why.
            return 0;
        }
    }

    private async Task<int> EndIfAbandonedAsync(IObjectStore store, MultipartProgress upload, bool isLatest, CancellationToken cancellation)
    {
        if (!await IsAbandonedAsync(upload, isLatest, cancellation) || !await leftovers.EndAsync(store, upload, cancellation))
        {
            return 0;
        }

        log.Info("Route {0}: ended the unfinished upload of '{1}' that nobody goes on with.", upload.Route, SourcePath.ForDisplay(upload.Path));
        return 1;
    }

    private async Task<bool> IsAbandonedAsync(MultipartProgress upload, bool isLatest, CancellationToken cancellation)
    {
        if (routes.FirstOrDefault(r => string.Equals(r.Name, upload.Route, StringComparison.Ordinal)) is not { } route)
        {
            return Leftovers.IsAbandonedWithItsRoute(upload, node.Now());
        }

        var seen = route.Source.Observe([upload.Path])[0].Sighting;
        var known = await EntryAsync(upload.Route, upload.Path, cancellation);
        var target = seen is null ? null : route.Settings.Target.Map(seen.Path, seen.Fingerprint.ModifiedUnixNs).Address;
        return Leftovers.IsAbandoned(upload, isLatest, seen, known, route.Store.Traits.Name, target);
    }

    private async Task<int> ResolveAsync(IObjectStore store, IReadOnlyList<MultipartIntent> intents, CancellationToken cancellation)
    {
        try
        {
            var found = await leftovers.ResolveIntentsAsync(store, intents[0].Address, cancellation);
            if (found > 0)
            {
                log.Info("Ended {0} uploads of {1} that were begun without an answer.", found, SourcePath.ForDisplay(intents[0].Address.ToString()));
            }

            return found;
        }
        catch (StoreException)
        {
            var now = node.Now();
            foreach (var intent in intents.Where(intent => now - intent.At >= Leftovers.IntentGivenUp))
            {
                await record(new MultipartIntentResolved(intent, now), cancellation);
            }

            throw;
        }
    }

    private IObjectStore? StoreOf(string route, string store) => routes
        .Where(r => string.Equals(r.Store.Traits.Name, store, StringComparison.Ordinal))
        .OrderBy(r => string.Equals(r.Name, route, StringComparison.Ordinal) ? 0 : 1)
        .FirstOrDefault()?.Store;
}
