namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>Every few seconds a node dies at once (kill -9), and a new one takes its place.</summary>
internal static class Killed
{
    public static async Task<Figures> RunAsync(SceneOptions options)
    {
        await using var theatre = await Theatre.OpenAsync(options);
        theatre.Files.MakeSmall(options.Files);
        theatre.Files.MakeLarge(options.Large, options.LargeBytes);
        await theatre.StartNodesAsync(options.Nodes);
        var chance = new Random(options.Seed);

        var began = Stopwatch.GetTimestamp();
        theatre.Files.Reveal();
        var (kills, files, parts) = (0, 0L, 0L);
        var working = theatre.DoneAsync();
        while (!working.IsCompleted)
        {
            await Task.WhenAny(working, Task.Delay(options.Pause));
            if (working.IsCompleted || Stopwatch.GetElapsedTime(began) > options.Limit)
            {
                break;
            }

            // Frozen first, so that what it holds is what it held when it died.
            var victim = theatre.Living[chance.Next(theatre.Living.Count)];
            victim.Freeze();
            var held = await theatre.SessionOfAsync(victim);
            await victim.KillAsync();
            (kills, files, parts) = (kills + 1, files + (held?.Files ?? 0), parts + (held?.Parts ?? 0));
            theatre.StartNode();
        }

        await working;
        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();
        var figures = await Verdict.OfAsync(theatre, "killed", took, [$"{kills} kills; the dead held {files} files and {parts} parts when they died"]);
        return figures with
        {
            Violations =
            [
                .. figures.Violations,
                .. figures.ObjectsTwice > files ? [$"{figures.ObjectsTwice} objects were written twice, and the dead held {files} files"] : Array.Empty<string>(),
                .. figures.PartsTwice > parts ? [$"{figures.PartsTwice} parts were sent twice, and the dead held {parts}"] : Array.Empty<string>(),
            ],
        };
    }
}
