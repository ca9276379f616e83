namespace Akka.Pipeline.Node.Settings;

using Akka.Pipeline.Hocon;

/// <summary>Finds keys that nothing reads: a mistyped key would otherwise silently leave a default in force.</summary>
internal static class KnownKeys
{
    // Objects whose keys are the user's own.
    private static readonly string[] Open = ["bucket-names", "tags"];

    /// <summary>Checks what a user wrote against the reference.</summary>
    /// <exception cref="HoconException">An unknown key, with the nearest right one.</exception>
    public static void Check(HoconObject written, HoconObject reference)
    {
        foreach (var key in written.Keys)
        {
            if (string.Equals(key, "pipeline", StringComparison.Ordinal))
            {
                CheckObject(AsObject(written.Get(key)), reference.GetObject(key), reference);
            }
            else if (!string.Equals(key, "akka", StringComparison.Ordinal))
            {
                throw Unknown(written.Find(HoconPath.Quote(key))!, key, ["pipeline"]);
            }
        }
    }

    private static void CheckObject(HoconObject written, HoconObject known, HoconObject reference)
    {
        foreach (var (key, value) in written.Entries)
        {
            if (string.Equals(known.Path, "pipeline", StringComparison.Ordinal) && string.Equals(key, "routes", StringComparison.Ordinal))
            {
                foreach (var (_, route) in AsObject(value).Entries)
                {
                    CheckRoute(AsObject(route), reference);
                }
            }
            else if (known.Find(HoconPath.Quote(key)) is not { } there)
            {
                throw Unknown(value, key, known.Keys);
            }
            else if (there.Kind == HoconKind.Map && !Open.Contains(key, StringComparer.Ordinal))
            {
                CheckObject(AsObject(value), there.AsObject(), reference);
            }
        }
    }

    private static void CheckRoute(HoconObject route, HoconObject reference)
    {
        var known = reference.GetObject("pipeline.route-defaults");
        var store = reference.GetObject("pipeline.store");
        foreach (var (key, value) in route.Entries)
        {
            if (string.Equals(key, "store", StringComparison.Ordinal))
            {
                CheckObject(AsObject(value), store, reference);
            }
            else if (known.Find(HoconPath.Quote(key)) is null)
            {
                throw Unknown(value, key, [.. known.Keys, "store"]);
            }
        }
    }

    private static HoconObject AsObject(HoconValue value) => value.AsObject();

    private static HoconException Unknown(HoconValue value, string key, IEnumerable<string> known) =>
        new(
            value.KeyOrigin,
            $"there is no key '{value.Path}'",
            KeySuggestion.Nearest(key, known) is { } nearest
                ? $"did you mean '{nearest}'?"
                : $"there are: {string.Join(", ", known)}");
}
