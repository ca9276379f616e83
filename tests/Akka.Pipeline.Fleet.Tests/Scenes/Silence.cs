namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>Nodes are told to go while the database, the store or both do not answer: they are gone in time, and the next ones find everything.</summary>
internal static class Silence
{
    /// <summary>What a node has after its grace for records, removals and its end.</summary>
    private static readonly TimeSpan WrapUp = TimeSpan.FromSeconds(5);

    public static async Task<Figures> RunAsync(SceneOptions options)
    {
        await using var theatre = await Theatre.OpenAsync(options);
        var (remarks, violations) = (new List<string>(), new List<string>());
        var began = Stopwatch.GetTimestamp();
        foreach (var (what, database, store) in new[] { ("the database", true, false), ("the store", false, true), ("both", true, true) })
        {
            theatre.Files.MakeSmall(options.Files / 3);
            theatre.Files.MakeLarge(options.Large, options.LargeBytes / 3);
            var node = (await theatre.StartNodesAsync(1, wired: true))[0];
            node.Store!.Delay = TimeSpan.FromMilliseconds(20);
            var before = theatre.Files.All.Count;
            theatre.Files.Reveal();
            await theatre.UntilAsync(() => theatre.Files.Left().Count < before * 9 / 10, $"{node.Name} to be at work");
            foreach (var wire in new[] { database ? node.Database : null, store ? node.Store : null }.OfType<Wire>())
            {
                wire.Blackhole();
            }

            var toldAt = Stopwatch.GetTimestamp();
            var code = await node.TerminateAsync(options.Limit);
            var left = Stopwatch.GetElapsedTime(toldAt);
            remarks.Add($"without {what} it was gone {left.TotalSeconds:0.0} s after SIGTERM, code {code}, with {theatre.Files.Left().Count} files left: {node.LastWords}");
            if (code != 0 || left > options.Grace + WrapUp)
            {
                violations.Add($"without {what} it took {left.TotalSeconds:0.0} s to leave, with code {code}\n{node.Log}");
            }
        }

        await theatre.StartNodesAsync(1);
        await theatre.DoneAsync();
        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();
        return await Verdict.OfAsync(theatre, "silence", took, remarks, violations);
    }
}
