namespace Akka.Pipeline.Torture;

/// <summary>One life of the victim: how it ends, and where it dawdles.</summary>
/// <param name="KillAt">The step at which it kills itself; null: it is killed from outside after <paramref name="Limit"/>.</param>
/// <param name="KillAtArrival">At which arrival there, from 1.</param>
/// <param name="Limit">When it is killed in any case.</param>
/// <param name="Pauses">Milliseconds that it sleeps at each arrival at a step.</param>
internal sealed record Life(string? KillAt, int KillAtArrival, TimeSpan Limit, IReadOnlyDictionary<string, int> Pauses)
{
    /// <summary>The last life: nothing happens to it.</summary>
    public static Life Clean { get; } = new(null, 0, Timeout.InfiniteTimeSpan, new Dictionary<string, int>());

    public bool NeedsLarge => KillAt is "multipart-created" or "part-stored" or "parts-sent" or "completed";

    public override string ToString() =>
        (KillAt is null ? $"killed after {Limit.TotalMilliseconds:0} ms" : $"killed at {KillAt}:{KillAtArrival}, or after {Limit.TotalMilliseconds:0} ms")
        + string.Concat(Pauses.Select(pause => $", {pause.Value} ms at {pause.Key}"));
}

/// <summary>Draws lives from a seed: at random moments, and at every named step of the write order.</summary>
internal sealed class Killer(Random chance, Scenario scenario)
{
    /// <summary>The steps of the write order, as the sources name them (FaultPoint.Reached).</summary>
    public static readonly IReadOnlyList<string> Steps =
    [
        "read", "stored", "recorded", "held", "unlinking", "unlinked", "multipart-created", "part-stored", "parts-sent", "completed",
    ];

    /// <summary>Where a pause opens a window for writers.</summary>
    private static readonly IReadOnlyList<string> Places = ["opened", "read", "stored", "committing", "recorded", "looked", "held", "unlinking", "unlinked", "parts-sent"];

    private readonly Queue<string> due = new(scenario.EachStepFirst ? Steps : []);

    public Life Next()
    {
        if (scenario.FixedLife is { } always)
        {
            return always;
        }

        var pauses = new Dictionary<string, int>();
        for (var count = chance.Next(3); count > 0; count--)
        {
            pauses[Places[chance.Next(Places.Count)]] = chance.Next(10, 150);
        }

        if (due.TryDequeue(out var step))
        {
            return new Life(step, 1, TimeSpan.FromSeconds(5), pauses);
        }

        return chance.Next(2) == 0
            ? new Life(Steps[chance.Next(Steps.Count)], chance.Next(1, 5), TimeSpan.FromSeconds(2.5), pauses)
            : new Life(null, 0, TimeSpan.FromMilliseconds(chance.Next(10, 1800)), pauses);
    }
}
