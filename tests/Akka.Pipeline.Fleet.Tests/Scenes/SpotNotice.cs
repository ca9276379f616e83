namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Fleet.Tests.Stage;
using Akka.Pipeline.Sandbox;

/// <summary>The machine of the node that has a large file is announced to be taken in the middle of it: the node is gone in time, and the others go on from the finished parts.</summary>
internal static class SpotNotice
{
    /// <summary>So that all nodes together are at it while the notice comes, is seen and followed.</summary>
    private const int SecondsForIt = 20;

    private static readonly TimeSpan DefaultNotice = TimeSpan.FromMinutes(2);

    /// <summary>With so little time parts under way are broken off: some of them may have reached the store in the last moment, and nobody knows of it.</summary>
    private static readonly TimeSpan TooShort = TimeSpan.FromSeconds(20);

    public static async Task<Figures> RunAsync(SceneOptions options)
    {
        var notice = options.Notice ?? DefaultNotice;
        options = options.Patient() with { Files = 0, Large = 1, Notice = notice, BandwidthBytes = options.BandwidthBytes ?? (options.LargeBytes / SecondsForIt / options.Nodes) };
        await using var theatre = await Theatre.OpenAsync(options);
        theatre.Files.MakeLarge(1, options.LargeBytes);
        await theatre.StartNodesAsync(options.Nodes);
        var began = Stopwatch.GetTimestamp();
        theatre.Files.Reveal();

        var parts = (options.LargeBytes + options.PartSizeBytes - 1) / options.PartSizeBytes;
        await theatre.UntilAsync(() => theatre.Store.Count(S3Operation.UploadPart) >= parts / 4, "a quarter of the file to be there");
        var owner = await theatre.OwnerAsync();
        var session = (await theatre.SessionOfAsync(owner))?.Session;
        var (before, toldAt) = (theatre.Store.Count(S3Operation.UploadPart), Stopwatch.GetTimestamp());
        owner.Notices!.Interrupt(notice);
        var code = await owner.EndAsync(notice + TimeSpan.FromSeconds(30), "the notice");
        var left = Stopwatch.GetElapsedTime(toldAt);
        var after = theatre.Store.Count(S3Operation.UploadPart);
        var state = (await theatre.Fleet.NodesAsync(CancellationToken.None)).Last(report => report.Node.ProcessId == owner.Id).State;
        await theatre.DoneAsync();
        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();

        var trail = await theatre.Fleet.AuditAsync(new AuditQuery(Limit: int.MaxValue), CancellationToken.None);
        var finished = trail.Where(record => record.What == "part completed").Select(record => record.Session).ToList();
        var figures = await Verdict.OfAsync(
            theatre,
            $"spot notice of {notice.TotalSeconds:0} s",
            took,
            [$"{owner.Name} was told with {before} of {parts} parts there, and was gone after {left.TotalSeconds:0.0} s with {after}, code {code}; it finished {finished.Count(who => who == session)} parts itself, the others {finished.Count(who => who != session)}"]);
        var begun = theatre.Store.Count(S3Operation.CreateMultipartUpload);
        var breaksOff = notice < TooShort;
        return figures with
        {
            Violations =
            [
                .. figures.Violations,
                .. AgainOf(trail),
                .. code != 0 ? [$"it ended with code {code}"] : Array.Empty<string>(),
                .. left > notice ? [$"it took {left.TotalSeconds:0.0} s to leave\n{owner.Log}"] : Array.Empty<string>(),
                .. !owner.Said("This instance will be terminated within") || !owner.Said("of the node routes remains") ? ["it did not say what happens, and what remains"] : Array.Empty<string>(),
                .. figures.PartsTwice > (breaksOff ? Spot.PartsUnderWay : 0) ? [$"{figures.PartsTwice} parts were sent again"] : Array.Empty<string>(),
                .. !breaksOff && figures.PartsPerPart > 1 ? ["parts were broken off"] : Array.Empty<string>(),
                .. state != NodeState.Left ? [$"its session was {state}, so that others had to wait"] : Array.Empty<string>(),
                .. begun > 1 ? [$"the upload was begun {begun} times"] : Array.Empty<string>(),
                .. before >= parts ? ["it came too late"] : Array.Empty<string>(),
            ],
        };
    }

    // Once a part is finished, nobody may take it again.
    private static IEnumerable<string> AgainOf(IReadOnlyList<AuditRecord> trail)
    {
        var finished = new HashSet<long>();
        foreach (var record in trail)
        {
            if (record is { What: "part completed", Number: { } done })
            {
                finished.Add(done);
            }
            else if (record is { What: "part claimed", Number: { } taken } && finished.Contains(taken))
            {
                yield return $"part {taken} was finished, and claimed again by session {record.Session.Epoch}";
            }
        }
    }
}
