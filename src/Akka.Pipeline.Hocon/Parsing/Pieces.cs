namespace Akka.Pipeline.Hocon.Parsing;

/// <summary>Puts the values that stand side by side on a line together, as far as that is known before substitution.</summary>
internal static class Pieces
{
    public static Node Join(List<Node> pieces)
    {
        if (pieces.Count == 1)
        {
            return pieces[0];
        }

        if (pieces.TrueForAll(piece => piece is ScalarNode))
        {
            return new ScalarNode(pieces[0].Origin, HoconKind.Text, string.Concat(pieces.Select(piece => ((ScalarNode)piece).Text)));
        }

        var text = pieces.Find(piece => piece is ScalarNode { IsGap: false });
        if (text is not null && pieces.Exists(piece => piece is MapNode or ListNode))
        {
            throw Mixed(text.Origin);
        }

        return new JoinNode(pieces[0].Origin, pieces);
    }

    public static HoconException Mixed(HoconOrigin origin) =>
        new(origin, "text stands beside an object or a list on one line", "put them on lines of their own, or a comma between them");
}
