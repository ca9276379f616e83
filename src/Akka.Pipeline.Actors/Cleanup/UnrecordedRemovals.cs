namespace Akka.Pipeline.Actors.Cleanup;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;

/// <summary>
/// Finds what a crash between the removal of a file and its record has left: entries that say "stored", of files that are gone. No walk meets those again.
/// Whoever is wrongly taken for gone (it is held for its removal just now) loses nothing: a version that is done and yet there is looked at again.
/// </summary>
internal static class UnrecordedRemovals
{
    private const int LookBatch = 512;

    /// <summary>Goes through the entries of a route once.</summary>
    /// <param name="route">The route.</param>
    /// <param name="node">For ledger and time.</param>
    /// <param name="record">Told what to record, some at a time.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SourceException">The source is not there: nothing can be said of its files.</exception>
    public static async Task FindAsync(RouteContext route, NodeContext node, Action<IReadOnlyList<LedgerChange>> record, CancellationToken cancellation)
    {
        var entries = new List<LedgerEntry>(LookBatch);
        await foreach (var entry in node.Ledger.FilesAsync(new FileQuery(route.Name, [FileProgress.Stored]), cancellation))
        {
            entries.Add(entry);
            if (entries.Count == LookBatch)
            {
                Look();
            }
        }

        Look();

        void Look()
        {
            if (entries.Count == 0)
            {
                return;
            }

            var now = node.Now();
            IReadOnlyList<LedgerChange> gone =
            [
                .. route.Source.Observe([.. entries.Select(entry => entry.Path)]).Zip(entries)
                    .Where(pair => pair.First.Sighting is null)
                    .Select(pair => new FileDone(route.Name, pair.Second.Path, pair.Second.Fingerprint, LocalFate.Gone, now)),
            ];
            if (gone.Count > 0)
            {
                record(gone);
            }

            entries.Clear();
        }
    }
}
