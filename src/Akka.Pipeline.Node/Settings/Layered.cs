namespace Akka.Pipeline.Node.Settings;

using Akka.Pipeline.Hocon;

/// <summary>Objects in which a key is looked for one after the other: a route, then the defaults of all routes.</summary>
internal sealed class Layered(IReadOnlyList<HoconObject> layers)
{
    public HoconValue? Find(string key) => layers.Select(layer => layer.Find(key)).FirstOrDefault(value => value is not null);

    public HoconValue Value(string key) => Holder(key).Get(key);

    public T With<T>(string key, Func<HoconObject, string, T> read) => read(Holder(key), key);

    /// <summary>The entries of an object whose keys are the user's own; the first layer wins key by key.</summary>
    public IEnumerable<(string Key, HoconValue Value)> Entries(string key) =>
        layers.Select(layer => layer.Find(key)).OfType<HoconValue>().SelectMany(value => value.AsObject().Entries).DistinctBy(entry => entry.Key);

    private HoconObject Holder(string key) => layers.FirstOrDefault(layer => layer.Find(key) is not null) ?? layers[^1];
}
