namespace Akka.Pipeline.Hocon.Resolving;

/// <summary>A value after substitution. Values that substitutions repeat are shared, so it knows no path.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Depth">Lists and objects from here down.</param>
/// <param name="Count">Values from here down, this one too, shared ones as often as they appear.</param>
internal abstract record Resolved(HoconOrigin Origin, HoconKind Kind, int Depth, long Count);

internal sealed record ResolvedScalar(HoconOrigin Origin, HoconKind Kind, string Text) : Resolved(Origin, Kind, 0, 1);

internal sealed record ResolvedList(HoconOrigin Origin, IReadOnlyList<Resolved> Elements, int Depth, long Count) : Resolved(Origin, HoconKind.List, Depth, Count);

internal sealed record ResolvedMap(HoconOrigin Origin, OrderedDictionary<string, ResolvedField> Fields, int Depth, long Count) : Resolved(Origin, HoconKind.Map, Depth, Count);

internal sealed record ResolvedField(Resolved Value, HoconOrigin KeyOrigin);
