namespace Akka.Pipeline.Hocon.Parsing;

/// <summary>What was written, before substitution.</summary>
internal abstract class Node(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;
}

/// <param name="origin">Where it stands.</param>
/// <param name="kind">Text, Number, Truth or Null.</param>
/// <param name="text">As written, escapes decoded.</param>
/// <param name="isGap">Unquoted blanks between two values: part of joined text, nothing between lists or objects.</param>
internal sealed class ScalarNode(HoconOrigin origin, HoconKind kind, string text, bool isGap = false) : Node(origin)
{
    public HoconKind Kind { get; } = kind;

    public string Text { get; } = text;

    public bool IsGap { get; } = isGap;
}

internal sealed class ListNode(HoconOrigin origin, IReadOnlyList<Node> elements) : Node(origin)
{
    public IReadOnlyList<Node> Elements { get; } = elements;
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
/// <param name="origin">Where it stands.</param>
/// <param name="path">As written.</param>
/// <param name="optional">Whether nothing may be found.</param>
/// <param name="roots">Where the path is looked up, one after the other: the root of the file that it stands in first, the document's root last.</param>
internal sealed class SubstitutionNode(HoconOrigin origin, IReadOnlyList<string> path, bool optional, IReadOnlyList<IReadOnlyList<string>> roots) : Node(origin)
{
    public IReadOnlyList<string> Path { get; } = path;

    public bool Optional { get; } = optional;

    public IReadOnlyList<IReadOnlyList<string>> Roots { get; } = roots;
}

/// <summary>Values side by side on a line, at least one of them not plain text.</summary>
internal sealed class JoinNode(HoconOrigin origin, IReadOnlyList<Node> pieces) : Node(origin)
{
    public IReadOnlyList<Node> Pieces { get; } = pieces;
}

/// <summary><c>key += element</c>.</summary>
internal sealed class AppendNode(HoconOrigin origin, Node element) : Node(origin)
{
    public Node Element { get; } = element;
}

/// <summary>One time that a key was given a value.</summary>
internal sealed record Assignment(Node Value, HoconOrigin KeyOrigin);

/// <summary>Keys in the order in which they were first written, each with all its assignments, oldest first: looking back needs the older ones.</summary>
internal sealed class MapNode(HoconOrigin origin) : Node(origin)
{
    public OrderedDictionary<string, List<Assignment>> Fields { get; } = [];

    public void Assign(string key, Assignment assignment)
    {
        if (!Fields.TryGetValue(key, out var assignments))
        {
            Fields.Add(key, assignments = []);
        }

        assignments.Add(assignment);
    }

    public void Assign(IReadOnlyList<PathSegment> path, Node value)
    {
        for (var i = path.Count - 1; i > 0; i--)
        {
            var parent = new MapNode(path[i].Origin);
            parent.Assign(path[i].Key, new Assignment(value, path[i].Origin));
            value = parent;
        }

        Assign(path[0].Key, new Assignment(value, path[0].Origin));
    }

    public void AssignAll(MapNode other)
    {
        foreach (var (key, assignments) in other.Fields)
        {
            foreach (var assignment in assignments)
            {
                Assign(key, assignment);
            }
        }
    }
}
