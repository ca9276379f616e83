namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Fleet.Tests.Stage;
using Akka.Pipeline.Sandbox;

/// <summary>The node that has a large file is told to go in the middle of it: another one goes on from the finished parts.</summary>
internal static class Spot
{
    private const int SecondsForIt = 8;

    /// <summary>A part that is broken off may have reached the store in the last moment, and nobody knows of it.</summary>
    internal const int PartsUnderWay = 4;

    /// <summary>There is time to finish the parts under way.</summary>
    public static Task<Figures> RunAsync(SceneOptions options) => RunAsync("spot", options, breaksOff: false);

    /// <summary>There is not.</summary>
    public static Task<Figures> HastilyAsync(SceneOptions options) => RunAsync("spot in haste", options with { Grace = TimeSpan.FromMilliseconds(300), BandwidthBytes = options.LargeBytes / SecondsForIt }, breaksOff: true);

    private static async Task<Figures> RunAsync(string scene, SceneOptions options, bool breaksOff)
    {
        options = options.Patient() with { Files = 0, Large = 1, BandwidthBytes = options.BandwidthBytes ?? options.LargeBytes / SecondsForIt };
        await using var theatre = await Theatre.OpenAsync(options);
        theatre.Files.MakeLarge(1, options.LargeBytes);
        await theatre.StartNodesAsync(options.Nodes);
        var began = Stopwatch.GetTimestamp();
        theatre.Files.Reveal();

        var parts = (options.LargeBytes + options.PartSizeBytes - 1) / options.PartSizeBytes;
        await theatre.UntilAsync(() => theatre.Store.Count(S3Operation.UploadPart) >= parts / 3, "a third of the file to be there");
        var owner = await theatre.OwnerAsync();
        var (before, toldAt) = (theatre.Store.Count(S3Operation.UploadPart), Stopwatch.GetTimestamp());
        var code = await owner.TerminateAsync(TimeSpan.FromSeconds(30));
        var left = Stopwatch.GetElapsedTime(toldAt);
        var after = theatre.Store.Count(S3Operation.UploadPart);
        var state = (await theatre.Fleet.NodesAsync(CancellationToken.None)).Last(report => report.Node.ProcessId == owner.Id).State;
        await theatre.DoneAsync();
        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();

        var figures = await Verdict.OfAsync(
            theatre, scene, took, [$"{owner.Name} was told to go with {before} of {parts} parts there, and went after {left.TotalSeconds:0.0} s with {after}, code {code}"]);
        var begun = theatre.Store.Count(S3Operation.CreateMultipartUpload);
        return figures with
        {
            Violations =
            [
                .. figures.Violations,
                .. code != 0 ? [$"it ended with code {code}"] : Array.Empty<string>(),
                .. figures.PartsTwice > (breaksOff ? PartsUnderWay : 0) ? [$"{figures.PartsTwice} parts were sent again"] : Array.Empty<string>(),
                .. !breaksOff && figures.PartsPerPart > 1 ? ["parts were broken off"] : Array.Empty<string>(),
                .. state != NodeState.Left ? [$"its session was {state}, so that others had to wait"] : Array.Empty<string>(),
                .. begun > 1 ? [$"the upload was begun {begun} times"] : Array.Empty<string>(),
                .. before >= parts ? ["it came too late"] : Array.Empty<string>(),
            ],
        };
    }
}
