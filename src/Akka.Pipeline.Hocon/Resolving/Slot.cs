namespace Akka.Pipeline.Hocon.Resolving;

using Akka.Pipeline.Hocon.Parsing;

/// <summary>
/// A place for one value: a key of an object, or an element of a list. It has all assignments to it, oldest first, and finds its value when it is first asked.
/// </summary>
internal sealed class Slot(IReadOnlyList<Assignment> assignments, int count)
{
    private Dictionary<int, Slot>? _earlier;

    public Slot(IReadOnlyList<Assignment> assignments)
        : this(assignments, assignments.Count)
    {
    }

    public int Count => count;

    public Assignment this[int index] => assignments[index];

    /// <summary>Whether <see cref="Value"/> is known.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The value; null if it is undefined.</summary>
    public LazyValue? Value { get; private set; }

    /// <summary>The newest assignment that has a part in the value.</summary>
    public int Deciding { get; private set; }

    /// <summary>The assignment that is being looked into; -1 if none is. A substitution that comes back here meanwhile may only see the ones before.</summary>
    public int Pending { get; set; } = -1;

    /// <summary>This place as it was before an assignment.</summary>
    public Slot Before(int index)
    {
        _earlier ??= [];
        if (!_earlier.TryGetValue(index, out var slot))
        {
            _earlier.Add(index, slot = new Slot(assignments, index));
        }

        return slot;
    }

    public void Settle(LazyValue? value, int deciding)
    {
        Value = value;
        Deciding = deciding;
        Pending = -1;
        IsKnown = true;
    }
}

/// <summary>The value of another place. It takes part in a merge as a whole, so that a substitution has one value wherever it is repeated.</summary>
internal sealed class SlotNode(HoconOrigin origin, Slot slot) : Node(origin)
{
    public Slot Slot { get; } = slot;
}

/// <summary>A value whose inner places are still open: that is how <c>${bar.foo}</c> can stand inside <c>bar</c>.</summary>
internal abstract class LazyValue(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;

    /// <summary>The value with everything inside it, once that is known.</summary>
    public Resolved? Complete { get; set; }

    /// <summary>Set while what is inside is being completed: to meet it again then means that it contains itself.</summary>
    public bool IsCompleting { get; set; }
}

internal sealed class LazyScalar(HoconOrigin origin, HoconKind kind, string text) : LazyValue(origin)
{
    public HoconKind Kind { get; } = kind;

    public string Text { get; } = text;
}

internal sealed class LazyList(HoconOrigin origin, IReadOnlyList<Slot> elements) : LazyValue(origin)
{
    public IReadOnlyList<Slot> Elements { get; } = elements;
}

internal sealed class LazyMap(HoconOrigin origin, OrderedDictionary<string, Slot> fields) : LazyValue(origin)
{
    public OrderedDictionary<string, Slot> Fields { get; } = fields;
}
