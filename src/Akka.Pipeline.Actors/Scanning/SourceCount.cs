namespace Akka.Pipeline.Actors.Scanning;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Scanning;

/// <summary>Counts what a source holds that is not in the store, as source and ledger tell it.</summary>
internal static class SourceCount
{
    private const int ReadBatch = 1024;

    /// <summary>Counts until all is seen or the time is up. A source or ledger that cannot be read makes the count incomplete; it never fails.</summary>
    public static async Task<RemainingFiles> CountAsync(RouteContext route, NodeContext node, TimeSpan until)
    {
        var count = RemainingFiles.None;
        try
        {
            using var walk = route.Source.StartWalk();
            for (var ended = false; !ended;)
            {
                if (node.MonotonicNow() >= until)
                {
                    return count with { IsComplete = false };
                }

                var batch = walk.Next(ReadBatch);
                ended = batch.Ended;
                if (batch.Files.Count > 0)
                {
                    count = count.Plus(Count(batch.Files, await node.Ledger.LookUpAsync(route.Name, [.. batch.Files.Select(f => f.Path)], CancellationToken.None), route, node));
                }
            }

            return count;
        }
        catch (Exception unreadable) when (unreadable is SourceException or LedgerException)
        {
            return count with { IsComplete = false };
        }
    }

    private static RemainingFiles Count(IReadOnlyList<FileSighting> files, IReadOnlyList<LedgerEntry?> known, RouteContext route, NodeContext node)
    {
        long remaining = 0, bytes = 0, setAside = 0, failing = 0;
        foreach (var (seen, entry) in files.Zip(known))
        {
            if (entry is { Progress: FileProgress.Stored or FileProgress.Done } && entry.Fingerprint == seen.Fingerprint)
            {
                continue;
            }

            var verdict = Sifting.Judge(seen, entry, route.Settings.AfterUpload, node.Now(), node.Settings.FileRetry.MaximumDelay);
            remaining++;
            bytes += seen.Fingerprint.SizeBytes;
            setAside += verdict == SiftVerdict.SetAside ? 1 : 0;
            failing += verdict == SiftVerdict.NotDue ? 1 : 0;
        }

        return new RemainingFiles(remaining, bytes, setAside, failing, IsComplete: true);
    }
}
