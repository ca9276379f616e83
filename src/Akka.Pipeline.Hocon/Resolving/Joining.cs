namespace Akka.Pipeline.Hocon.Resolving;

using System.Globalization;
using System.Text;
using Akka.Pipeline.Hocon.Parsing;

/// <summary>Joins values that stand side by side: text with text, lists with lists, objects with objects.</summary>
internal static class Joining
{
    /// <summary>The joined value; null if every piece is undefined.</summary>
    public static LazyValue? Join(JoinNode node, Func<Node, LazyValue?> evaluate, Budget budget)
    {
        var pieces = new List<(Node Node, LazyValue Value)>();
        var defined = 0;
        foreach (var piece in node.Pieces)
        {
            budget.SpendSteps(1, piece.Origin);
            if (evaluate(piece) is { } value)
            {
                pieces.Add((piece, value));
                defined += IsGap(piece) ? 0 : 1;
            }
        }

        if (defined == 0)
        {
            return null;
        }

        if (pieces.TrueForAll(piece => piece.Value is LazyScalar))
        {
            return JoinText(node, pieces, budget);
        }

        pieces.RemoveAll(piece => IsGap(piece.Node));
        if (pieces.Find(piece => piece.Value is LazyScalar).Node is { } text)
        {
            throw Pieces.Mixed(text.Origin);
        }

        return pieces.TrueForAll(piece => piece.Value is LazyMap) ? JoinMaps(pieces, budget) : JoinLists(node, pieces, budget);
    }

    /// <summary>The value as a list: itself, or an object with numbers for keys in their order; null if it is neither.</summary>
    public static LazyList? AsList(LazyValue value)
    {
        if (value is not LazyMap map)
        {
            return value as LazyList;
        }

        var elements = NumberedKeys(map.Fields.Keys).Select(key => map.Fields[key]).ToList();
        return elements.Count > 0 ? new LazyList(map.Origin, elements) : null;
    }

    /// <summary>The keys that are whole numbers from zero on, in the order of these numbers.</summary>
    public static IEnumerable<string> NumberedKeys(IEnumerable<string> keys) =>
        keys.Select(key => (Key: key, IsNumber: int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number), Number: number))
            .Where(key => key.IsNumber)
            .OrderBy(key => key.Number)
            .Select(key => key.Key);

    private static bool IsGap(Node piece) => piece is ScalarNode { IsGap: true };

    private static LazyScalar JoinText(JoinNode node, List<(Node Node, LazyValue Value)> pieces, Budget budget)
    {
        var text = new StringBuilder();
        foreach (var (_, value) in pieces)
        {
            var part = ((LazyScalar)value).Text;
            budget.SpendCharacters(part.Length, node.Origin);
            text.Append(part);
        }

        return new LazyScalar(node.Origin, HoconKind.Text, text.ToString());
    }

    private static LazyMap JoinMaps(List<(Node Node, LazyValue Value)> pieces, Budget budget)
    {
        var layers = pieces.Select(piece => new MapLayer((LazyMap)piece.Value, IsShared: piece.Node is SubstitutionNode)).ToList();

        // A single piece would be handed on as it is, and the place that takes it must not take apart what belongs to another.
        return Merging.Merge(layers.Count > 1 ? layers : [new MapLayer(new LazyMap(layers[0].Map.Origin, []), IsShared: false), .. layers], budget);
    }

    private static LazyList JoinLists(JoinNode node, List<(Node Node, LazyValue Value)> pieces, Budget budget)
    {
        var elements = new List<Slot>();
        foreach (var (piece, value) in pieces)
        {
            var list = AsList(value)
                ?? throw new HoconException(piece.Origin, "an object stands beside a list on one line", "put them on lines of their own, or a comma between them");
            budget.SpendSteps(list.Elements.Count, node.Origin);
            elements.AddRange(list.Elements);
        }

        return new LazyList(node.Origin, elements);
    }
}
