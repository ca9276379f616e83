namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>Again and again a node stops for three session timeouts (SIGSTOP), and comes back with all that it believes of the world.</summary>
internal static class Frozen
{
    // The end of a session itself notes what it frees.
    private static readonly string[] NotesOfTheEnd = ["expired", "released", "part released"];

    public static async Task<Figures> RunAsync(SceneOptions options)
    {
        await using var theatre = await Theatre.OpenAsync(options);
        theatre.Files.MakeSmall(options.Files);
        theatre.Files.MakeLarge(options.Large, options.LargeBytes);
        await theatre.StartNodesAsync(options.Nodes);
        var chance = new Random(options.Seed);

        var began = Stopwatch.GetTimestamp();
        theatre.Files.Reveal();
        var freezes = 0;
        var working = theatre.DoneAsync();
        while (!working.IsCompleted)
        {
            await Task.WhenAny(working, Task.Delay(options.Pause * chance.NextDouble()));
            if (working.IsCompleted)
            {
                break;
            }

            var victim = theatre.Living[chance.Next(theatre.Living.Count)];
            victim.Freeze();
            freezes++;
            await Task.Delay(options.SessionTimeout * 3);
            victim.Thaw();
        }

        await working;
        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();
        var (expired, late) = await LateAsync(theatre.Fleet);
        return await Verdict.OfAsync(theatre, "frozen", took, [$"{freezes} freezes; {expired} sessions expired"], late);
    }

    /// <summary>How many sessions expired, and what the audit trail says that they did afterwards.</summary>
    internal static async Task<(int Expired, IReadOnlyList<string> Late)> LateAsync(IFleet fleet)
    {
        var over = new HashSet<SessionId>();
        var late = new List<string>();
        foreach (var record in await fleet.AuditAsync(new AuditQuery(Limit: int.MaxValue), CancellationToken.None))
        {
            if (record.What == "expired")
            {
                over.Add(record.Session);
            }
            else if (over.Contains(record.Session) && !NotesOfTheEnd.Contains(record.What, StringComparer.Ordinal))
            {
                late.Add($"after its end {record}");
            }
        }

        return (over.Count, late);
    }
}
