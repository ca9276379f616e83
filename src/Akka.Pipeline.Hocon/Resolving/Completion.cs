namespace Akka.Pipeline.Hocon.Resolving;

using System.Runtime.CompilerServices;
using Akka.Pipeline.Hocon.Parsing;

/// <summary>Completes a value with everything inside it.</summary>
internal sealed class Completion(Resolver resolver)
{
    private int _depth;

    /// <summary>The place's complete value; null if it is undefined.</summary>
    public Resolved? Complete(Slot slot)
    {
        while (true)
        {
            var value = resolver.Evaluate(slot);
            if (value is not { IsCompleting: true })
            {
                return value is null ? null : value.Complete ??= Complete(value);
            }

            var node = slot[slot.Deciding].Value;
            if (node is not SubstitutionNode { Optional: true })
            {
                throw new HoconException(node.Origin, "a value contains itself", "break the circle of substitutions");
            }

            slot = slot.Before(slot.Deciding);
        }
    }

    private Resolved Complete(LazyValue value)
    {
        if (value is LazyScalar scalar)
        {
            return new ResolvedScalar(scalar.Origin, scalar.Kind, scalar.Text);
        }

        if (++_depth > HoconLimits.Depth + 1 || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TooDeep(value.Origin);
        }

        value.IsCompleting = true;
        Resolved complete = value is LazyList list ? CompleteList(list) : CompleteMap((LazyMap)value);
        value.IsCompleting = false;
        _depth--;
        if (complete.Depth > HoconLimits.Depth + 1)
        {
            throw TooDeep(value.Origin);
        }

        return complete.Count <= HoconLimits.Values
            ? complete
            : throw new HoconException(value.Origin, $"the configuration has more than {HoconLimits.Values} values", "use fewer substitutions that repeat one another");
    }

    private static HoconException TooDeep(HoconOrigin at) =>
        new(at, $"substitutions nest objects and lists deeper than {HoconLimits.Depth} levels", "nest less");

    private ResolvedList CompleteList(LazyList list)
    {
        var elements = list.Elements.Select(Complete).OfType<Resolved>().ToList();
        return new ResolvedList(list.Origin, elements, 1 + Deepest(elements), 1 + elements.Sum(element => element.Count));
    }

    private ResolvedMap CompleteMap(LazyMap map)
    {
        var fields = new OrderedDictionary<string, ResolvedField>(map.Fields.Count);
        foreach (var (key, slot) in map.Fields)
        {
            if (Complete(slot) is { } value)
            {
                fields.Add(key, new ResolvedField(value, slot[Math.Max(slot.Deciding, 0)].KeyOrigin));
            }
        }

        var values = fields.Values.Select(field => field.Value).ToList();
        return new ResolvedMap(map.Origin, fields, 1 + Deepest(values), 1 + values.Sum(value => value.Count));
    }

    private static int Deepest(List<Resolved> values) => values.Count == 0 ? 0 : values.Max(value => value.Depth);
}
