namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>One node loses the database, then the store, then both, by silence and by resets, each time for three session timeouts, while others work on.</summary>
internal static class Cut
{
    public static async Task<Figures> RunAsync(SceneOptions options)
    {
        await using var theatre = await Theatre.OpenAsync(options);
        var victim = (await theatre.StartNodesAsync(1, wired: true))[0];
        await theatre.StartNodesAsync(options.Nodes - 1);
        var (database, store) = (victim.Database!, victim.Store!);
        (database.Delay, store.Delay) = (TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(5));

        var began = Stopwatch.GetTimestamp();
        var (remarks, violations) = (new List<string>(), new List<string>());
        (string What, Wire[] Wires, bool Reset)[] cuts =
        [
            ("the database", [database], false), ("the answers of the database", [database], false), ("the store", [store], false), ("the store until all is done", [store], false), ("both", [database, store], false), ("both, by resets", [database, store], true),
        ];
        foreach (var (what, wires, reset) in cuts)
        {
            theatre.Files.MakeSmall(options.Files / cuts.Length);
            theatre.Files.MakeLarge(options.Large, options.LargeBytes / cuts.Length);
            theatre.Files.Reveal();
            await theatre.UntilAsync(() => theatre.Files.Left().Count < options.Files / cuts.Length * 8 / 10, "the work to be under way");
            var (session, mark) = ((await theatre.SessionOfAsync(victim))?.Session.Epoch ?? 0, theatre.Files.Left().Count);
            foreach (var wire in wires)
            {
                if (reset)
                {
                    wire.Cut();
                }
                else
                {
                    wire.Set(what.Contains("answers", StringComparison.Ordinal) ? Flow.Open : Flow.Blackhole, Flow.Blackhole);
                }
            }

            await Task.Delay(options.SessionTimeout * 2);
            var sent = store.BytesToServer;
            await Task.Delay(options.SessionTimeout);
            if (what.Contains("until", StringComparison.Ordinal))
            {
                await theatre.DoneAsync();
            }

            var (late, gone) = (store.BytesToServer - sent, mark - theatre.Files.Left().Count);
            Array.ForEach(wires, wire => wire.Heal());
            await theatre.JoinedAsync(victim);
            await theatre.DoneAsync();
            var kept = (await theatre.SessionOfAsync(victim))?.Session.Epoch == session;
            remarks.Add($"without {what}: {gone} of {mark} files went meanwhile; its session was {(kept ? "kept" : "lost")}");
            if (wires.Contains(database) && late > 0)
            {
                violations.Add($"without {what} it sent {late} bytes to the store after its session was over");
            }
        }

        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();
        var (_, afterTheEnd) = await Frozen.LateAsync(theatre.Fleet);
        return await Verdict.OfAsync(theatre, "cut", took, remarks, [.. violations, .. afterTheEnd]);
    }
}
