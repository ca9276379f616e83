namespace Akka.Pipeline.Actors.Scanning;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Scanning;

/// <summary>A stretch of a walk, or some named files, held against the ledger.</summary>
/// <param name="Work">There is something to do about them.</param>
/// <param name="PassedOver">They failed before, and their time has not come, or they are set aside.</param>
/// <param name="Notices">For the operator.</param>
/// <param name="Unread">What could not be looked at.</param>
/// <param name="Ended">The walk is at its end.</param>
internal sealed record SourceReading(
    IReadOnlyList<Candidate> Work, IReadOnlyList<PassedOver> PassedOver, IReadOnlyList<WalkNotice> Notices, IReadOnlyList<WalkNotice> Unread, bool Ended)
{
    public static readonly SourceReading Nothing = new([], [], [], [], Ended: false);
}

/// <summary>A file that is not to be tried now.</summary>
internal sealed record PassedOver(string Path, SiftVerdict Verdict, Trouble Trouble);

/// <summary>Reads a source and looks up what the ledger knows of it.</summary>
internal sealed class SourceReader(RouteContext route, NodeContext node)
{
    /// <summary>The next files of a walk.</summary>
    public async Task<SourceReading> NextAsync(IFileWalk walk, int count)
    {
        var batch = walk.Next(count);
        var (work, passedOver) = await SiftAsync(batch.Files, areFresh: true);
        return new SourceReading(work, passedOver, batch.Notices, batch.Unread, batch.Ended);
    }

    /// <summary>Files whose names are known.</summary>
    public async Task<SourceReading> NamedAsync(IReadOnlyList<string> paths)
    {
        var seen = route.Source.Observe(paths);
        var (work, passedOver) = await SiftAsync([.. seen.Where(s => s.Sighting is not null).Select(s => s.Sighting!)], areFresh: false);
        return new SourceReading(work, passedOver, [], [], Ended: false);
    }

    private async Task<(IReadOnlyList<Candidate> Work, IReadOnlyList<PassedOver> PassedOver)> SiftAsync(IReadOnlyList<FileSighting> seen, bool areFresh)
    {
        if (seen.Count == 0)
        {
            return ([], []);
        }

        var known = await node.Ledger.LookUpAsync(route.Name, [.. seen.Select(s => s.Path)], CancellationToken.None);
        var now = node.Now();
        var work = new List<Candidate>(seen.Count);
        var passedOver = new List<PassedOver>();
        for (var i = 0; i < seen.Count; i++)
        {
            var entry = known[i];
            switch (Sifting.Judge(seen[i], entry, route.Settings.AfterUpload, now, node.Settings.FileRetry.MaximumDelay))
            {
                case SiftVerdict.Candidate:
                    work.Add(new Candidate(seen[i], entry) { IsFresh = areFresh });
                    break;
                case SiftVerdict.Settled:
                    if (!IsWhereItBelongs(seen[i], entry!))
                    {
                        work.Add(new Candidate(seen[i], entry) { IsFresh = areFresh });
                    }

                    break;
                case var verdict:
                    passedOver.Add(new PassedOver(seen[i].Path, verdict, entry!.Trouble!));
                    break;
            }
        }

        return (work, passedOver);
    }

    // A kept file is settled for the target that it went to; the route may have got another one since.
    private bool IsWhereItBelongs(FileSighting seen, LedgerEntry entry) =>
        entry.Stored is { } stored
        && string.Equals(stored.Store, route.Store.Traits.Name, StringComparison.Ordinal)
        && route.Settings.Target.Map(seen.Path, seen.Fingerprint.ModifiedUnixNs).Address == stored.Address;
}
