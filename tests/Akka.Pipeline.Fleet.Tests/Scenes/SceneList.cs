namespace Akka.Pipeline.Fleet.Tests.Scenes;

using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>The scenes by name.</summary>
internal static class SceneList
{
    public static IReadOnlyDictionary<string, Func<SceneOptions, Task<Figures>>> All { get; } = new Dictionary<string, Func<SceneOptions, Task<Figures>>>(StringComparer.Ordinal)
    {
        ["calm"] = Calm.RunAsync,
        ["killed"] = Killed.RunAsync,
        ["frozen"] = Frozen.RunAsync,
        ["frozen-removing"] = FrozenAtWork.RemovingAsync,
        ["frozen-sending"] = FrozenAtWork.SendingAsync,
        ["database"] = Outage.RunAsync,
        ["cut"] = Cut.RunAsync,
        ["spot"] = Spot.RunAsync,
        ["spot-haste"] = Spot.HastilyAsync,
        ["spot-notice"] = SpotNotice.RunAsync,
        ["silence"] = Silence.RunAsync,
    };
}
