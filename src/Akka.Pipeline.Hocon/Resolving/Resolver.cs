namespace Akka.Pipeline.Hocon.Resolving;

using Akka.Pipeline.Hocon.Parsing;

/// <summary>
/// Finds the value of places, one at a time and only as deep as needed. A substitution sees the final document; where that leads back to the place
/// that is being looked into, it sees that place as it was before the assignment that the substitution stands in.
/// </summary>
/// <param name="layers">The document's roots, the one that gives way first.</param>
/// <param name="environment">What a path that the document does not have is looked up in; null means not there.</param>
internal sealed class Resolver(IReadOnlyList<MapNode> layers, Func<string, string?> environment)
{
    private readonly Slot _root = new([.. layers.Select(layer => new Assignment(layer, layer.Origin))]);

    public Budget Budget { get; } = new();

    public ResolvedMap Resolve() => (ResolvedMap)new Completion(this).Complete(_root)!;

    /// <summary>The place's value, its inside still open; null if it is undefined.</summary>
    public LazyValue? Evaluate(Slot slot)
    {
        slot = Settled(slot, out _);
        if (slot.IsKnown)
        {
            return slot.Value;
        }

        LazyValue? value = null;
        var deciding = -1;
        var maps = new List<MapLayer>();
        for (var i = slot.Count - 1; i >= 0; i--)
        {
            slot.Pending = i;
            var node = slot[i].Value;
            Budget.SpendSteps(1, node.Origin);
            var layer = EvaluateNode(node, slot, i);
            if (layer is null)
            {
                continue;
            }

            deciding = Math.Max(deciding, i);
            if (layer is not LazyMap map)
            {
                value = maps.Count == 0 ? layer : null;
                break;
            }

            maps.Add(new MapLayer(map, IsShared: node is SubstitutionNode or SlotNode));
        }

        if (maps.Count > 0)
        {
            maps.Reverse();
            value = Merging.Merge(maps, Budget);
        }

        slot.Settle(value, deciding);
        return value;
    }

    // A place that is being looked into is seen as it was before.
    private static Slot Settled(Slot slot, out bool lookedBack)
    {
        lookedBack = slot.Pending >= 0;
        while (slot.Pending >= 0)
        {
            slot = slot.Before(slot.Pending);
        }

        return slot;
    }

    private LazyValue? EvaluateNode(Node node, Slot slot, int index) => node switch
    {
        ScalarNode scalar => new LazyScalar(scalar.Origin, scalar.Kind, scalar.Text),
        ListNode list => new LazyList(list.Origin, [.. list.Elements.Select(Element)]),
        MapNode map => new LazyMap(map.Origin, Merging.FieldsOf(map)),
        SubstitutionNode substitution => Substitute(substitution),
        JoinNode join => Joining.Join(join, piece => EvaluateNode(piece, slot, index), Budget),
        AppendNode => Append(slot, index),
        SlotNode other => Deeper(other.Slot, other.Origin),
        _ => throw new InvalidOperationException(node.GetType().Name),
    };

    private static Slot Element(Node node) => new([new Assignment(node, node.Origin)]);

    private LazyValue? Deeper(Slot slot, HoconOrigin at)
    {
        Budget.EnterSubstitution(at);
        var value = Evaluate(slot);
        Budget.LeaveSubstitution();
        return value;
    }

    // Appends in a row are taken together: a thousand of them are no recursion.
    private LazyList Append(Slot slot, int index)
    {
        var first = index;
        while (first > 0 && slot[first - 1].Value is AppendNode)
        {
            first--;
        }

        var appended = Enumerable.Range(first, index - first + 1).Select(i => Element(((AppendNode)slot[i].Value).Element)).ToList();
        var node = slot[index].Value;
        Budget.SpendSteps(appended.Count, node.Origin);
        return Deeper(slot.Before(first), node.Origin) switch
        {
            null => new LazyList(node.Origin, appended),
            var earlier when Joining.AsList(earlier) is { } list => new LazyList(node.Origin, [.. list.Elements, .. appended]),
            var earlier => throw new HoconException(node.Origin, $"'+=' appends to a list, but the value before it ({earlier.Origin}) is none", "use '=', or make the earlier value a list"),
        };
    }

    private LazyValue? Substitute(SubstitutionNode node)
    {
        Budget.EnterSubstitution(node.Origin);
        var lookedBack = false;
        foreach (var root in node.Roots)
        {
            if (Look(root, node.Path, ref lookedBack) is { } value)
            {
                Budget.LeaveSubstitution();
                return value;
            }
        }

        Budget.LeaveSubstitution();
        var name = string.Join('.', node.Path);
        if (environment(name) is { } text)
        {
            return new LazyScalar(HoconOrigin.Of($"environment {Readable.Text(name)}"), HoconKind.Text, text);
        }

        if (node.Optional)
        {
            return null;
        }

        var path = Readable.Text(HoconPath.Join(node.Path));
        throw lookedBack
            ? new HoconException(node.Origin, $"${{{path}}} leads back to the value that it stands in, and there is no earlier one", "give the key a value before this line, or name another key")
            : new HoconException(node.Origin, $"${{{path}}} names nothing: neither the configuration nor the environment has it", $"set it, or write ${{?{path}}} if it may be missing");
    }

    private LazyValue? Look(IReadOnlyList<string> root, IReadOnlyList<string> path, ref bool lookedBack)
    {
        var slot = _root;
        foreach (var key in root.Concat(path))
        {
            if (Evaluate(slot) is not LazyMap map || !map.Fields.TryGetValue(key, out var next))
            {
                return null;
            }

            Settled(next, out var back);
            lookedBack |= back;
            slot = next;
        }

        return Evaluate(slot);
    }
}
