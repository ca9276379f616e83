namespace Akka.Pipeline.Hocon;

using System.Diagnostics.CodeAnalysis;
using Akka.Pipeline.Hocon.Resolving;

/// <summary>
/// An object of a resolved document: keys with values. Paths are path expressions seen from here; a single key that came from <see cref="Keys"/> goes through
/// <see cref="HoconPath.Quote"/>, or better, <see cref="Entries"/>. A key set to <c>null</c> counts as not set, except in <see cref="Keys"/>, <see cref="Entries"/> and <see cref="Leaves"/>.
/// Every reader that takes a path throws <see cref="HoconException"/> where the value is missing or of the wrong kind.
/// </summary>
public sealed class HoconObject
{
    private readonly ResolvedMap _map;

    internal HoconObject(string path, ResolvedMap map)
    {
        Path = path;
        _map = map;
    }

    /// <summary>The path from the document's root to here; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Where it was written; of a merged object, where the part that wins was.</summary>
    public HoconOrigin Origin => _map.Origin;

    /// <summary>The keys, unquoted, in the order in which they were first written, those of fallbacks first.</summary>
    public IReadOnlyList<string> Keys => _map.Fields.Keys;

    /// <summary>The keys with their values, in the order of <see cref="Keys"/>.</summary>
    public IEnumerable<(string Key, HoconValue Value)> Entries => _map.Fields.Select(entry => (entry.Key, Child(entry.Key, entry.Value)));

    /// <summary>The value at a path, or null if there is none or it is <c>null</c>: <c>Find("endpoint")?.AsString()</c>.</summary>
    public HoconValue? Find(string path)
    {
        var value = Search(path);
        return value is null || value.Kind == HoconKind.Null ? null : value;
    }

    /// <summary>Whether there is a value at a path that is not <c>null</c>.</summary>
    public bool TryGet(string path, [NotNullWhen(true)] out HoconValue? value) => (value = Find(path)) is not null;

    /// <summary>The value at a path.</summary>
    public HoconValue Get(string path)
    {
        var value = Search(path);
        return value switch
        {
            null => throw new HoconException(Origin, $"{Readable.Text(Below(path))} is not set", "give it a value"),
            { Kind: HoconKind.Null } => throw value.Wrong("is null", "give it a value"),
            _ => value,
        };
    }

    /// <inheritdoc cref="HoconValue.AsString"/>
    public string GetString(string path) => Get(path).AsString();

    /// <inheritdoc cref="HoconValue.AsBool"/>
    public bool GetBool(string path) => Get(path).AsBool();

    /// <inheritdoc cref="HoconValue.AsInt"/>
    public int GetInt(string path) => Get(path).AsInt();

    /// <inheritdoc cref="HoconValue.AsLong"/>
    public long GetLong(string path) => Get(path).AsLong();

    /// <inheritdoc cref="HoconValue.AsDouble"/>
    public double GetDouble(string path) => Get(path).AsDouble();

    /// <inheritdoc cref="HoconValue.AsDuration"/>
    public TimeSpan GetDuration(string path, TimeSpan? bareUnit = null) => Get(path).AsDuration(bareUnit);

    /// <inheritdoc cref="HoconValue.AsSizeBytes"/>
    public long GetSizeBytes(string path, long? bareUnitBytes = null) => Get(path).AsSizeBytes(bareUnitBytes);

    /// <inheritdoc cref="HoconValue.AsStringList"/>
    public IReadOnlyList<string> GetStringList(string path) => Get(path).AsStringList();

    /// <inheritdoc cref="HoconValue.AsList"/>
    public IReadOnlyList<HoconValue> GetList(string path) => Get(path).AsList();

    /// <inheritdoc cref="HoconValue.AsObject"/>
    public HoconObject GetObject(string path) => Get(path).AsObject();

    /// <summary>
    /// Every value below that is no object, with its path from the root, in the order of the keys. A list is one value, whatever is in it; an object without keys is one too.
    /// </summary>
    public IEnumerable<HoconValue> Leaves()
    {
        var open = new Stack<HoconValue>(Entries.Select(entry => entry.Value).Reverse());
        while (open.TryPop(out var value))
        {
            var inside = value.Kind == HoconKind.Map ? value.AsObject() : null;
            if (inside is null || inside.Keys.Count == 0)
            {
                yield return value;
                continue;
            }

            foreach (var (_, child) in inside.Entries.Reverse())
            {
                open.Push(child);
            }
        }
    }

    private HoconValue? Search(string path)
    {
        var (map, below) = (_map, Path);
        HoconValue? value = null;
        foreach (var key in HoconPath.Parse(path))
        {
            if (map is null || !map.Fields.TryGetValue(key, out var field))
            {
                return null;
            }

            value = Child(key, field, below);
            (map, below) = (field.Value as ResolvedMap, value.Path);
        }

        return value;
    }

    private HoconValue Child(string key, ResolvedField field, string? parent = null)
    {
        parent ??= Path;
        return new HoconValue(parent.Length == 0 ? HoconPath.Quote(key) : $"{parent}.{HoconPath.Quote(key)}", field.Value, field.KeyOrigin);
    }

    private string Below(string path) => Path.Length == 0 ? path : $"{Path}.{path}";
}
