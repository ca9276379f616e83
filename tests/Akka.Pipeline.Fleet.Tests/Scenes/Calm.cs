namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>Nothing happens to the nodes.</summary>
internal static class Calm
{
    public static async Task<Figures> RunAsync(SceneOptions options)
    {
        await using var theatre = await Theatre.OpenAsync(options.Patient());
        theatre.Files.MakeSmall(options.Files);
        theatre.Files.MakeLarge(options.Large, options.LargeBytes);
        await theatre.StartNodesAsync(options.Nodes);

        var began = Stopwatch.GetTimestamp();
        theatre.Files.Reveal();
        await theatre.DoneAsync();
        var took = Stopwatch.GetElapsedTime(began);
        var codes = await theatre.TerminateAsync();
        return await Verdict.OfAsync(theatre, "calm", took, violations: [.. codes.Where(code => code != 0).Select(code => $"a node ended with code {code}")]);
    }
}
