namespace Akka.Pipeline.Hocon.Resolving;

using Akka.Pipeline.Hocon.Parsing;

/// <summary>An object that takes part in a merge.</summary>
/// <param name="Map">The object.</param>
/// <param name="IsShared">Whether it belongs to another place too, so that its places have to be named and not taken apart.</param>
internal sealed record MapLayer(LazyMap Map, bool IsShared);

/// <summary>Merges objects: later ones win, key by key.</summary>
internal static class Merging
{
    public static LazyMap Merge(IReadOnlyList<MapLayer> layers, Budget budget)
    {
        if (layers.Count == 1)
        {
            return layers[0].Map;
        }

        var merged = new OrderedDictionary<string, List<Assignment>>();
        foreach (var (map, isShared) in layers)
        {
            foreach (var (key, slot) in map.Fields)
            {
                budget.SpendSteps(1, map.Origin);
                if (!merged.TryGetValue(key, out var assignments))
                {
                    merged.Add(key, assignments = []);
                }

                if (isShared)
                {
                    var newest = slot[slot.Count - 1];
                    assignments.Add(new Assignment(new SlotNode(newest.Value.Origin, slot), newest.KeyOrigin));
                    continue;
                }

                for (var i = 0; i < slot.Count; i++)
                {
                    assignments.Add(slot[i]);
                }
            }
        }

        return new LazyMap(layers[^1].Map.Origin, Slots(merged));
    }

    public static OrderedDictionary<string, Slot> FieldsOf(MapNode node) => Slots(node.Fields);

    private static OrderedDictionary<string, Slot> Slots(OrderedDictionary<string, List<Assignment>> fields)
    {
        var slots = new OrderedDictionary<string, Slot>(fields.Count);
        foreach (var (key, assignments) in fields)
        {
            slots.Add(key, new Slot(assignments));
        }

        return slots;
    }
}
