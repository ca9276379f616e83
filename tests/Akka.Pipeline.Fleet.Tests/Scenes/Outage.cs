namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>The database is stopped for longer than a session lives, and started again; then it is killed and recovers.</summary>
internal static class Outage
{
    public static async Task<Figures> RunAsync(SceneOptions options)
    {
        options = options.IsSmall ? options with { StoreLatency = TimeSpan.FromMilliseconds(150) } : options;
        await using var theatre = await Theatre.OpenAsync(options);
        await theatre.StartNodesAsync(options.Nodes);
        var began = Stopwatch.GetTimestamp();
        var remarks = new List<string>();
        foreach (var mode in new[] { "fast", "kill" })
        {
            theatre.Files.MakeSmall(options.Files / 2);
            theatre.Files.MakeLarge(options.Large, options.LargeBytes);
            theatre.Files.Reveal();
            await theatre.UntilAsync(() => theatre.Files.Left().Count < options.Files * 4 / 10, "the work to be under way");
            await theatre.Server.StopAsync(mode);
            var before = theatre.Files.Left().Count;
            await Task.Delay(options.Pause);
            var after = theatre.Files.Left().Count;
            if (after == 0)
            {
                throw new SceneException($"The work was over before the database was back ({before} files were left when it was gone): there must be more of it.");
            }

            await theatre.Server.StartAgainAsync();
            var backAt = Stopwatch.GetTimestamp();
            await theatre.UntilAsync(() => theatre.Files.Left().Count < after, "the work to go on");
            remarks.Add($"stopped ({mode}) for {options.Pause.TotalSeconds:0} s: {before - after} of {before} files went meanwhile, and it went on after {Stopwatch.GetElapsedTime(backAt).TotalSeconds:0.0} s");
            await theatre.DoneAsync();
        }

        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();
        return await Verdict.OfAsync(theatre, "database", took, remarks);
    }
}
