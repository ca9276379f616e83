namespace Akka.Pipeline.Sandbox.Protocol;

/// <summary>The decoded query of a request, in the order in which it came.</summary>
internal sealed class QueryParameters
{
    private readonly List<KeyValuePair<string, string>> _pairs = [];

    /// <param name="query">What follows the question mark, still encoded.</param>
    /// <exception cref="S3Exception">A broken escape.</exception>
    public QueryParameters(ReadOnlySpan<char> query)
    {
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf('=');
            var name = UriText.Decode(equals < 0 ? pair : pair[..equals], plusIsSpace: true);
            var value = equals < 0 ? "" : UriText.Decode(pair[(equals + 1)..], plusIsSpace: true);
            if (name is null || value is null)
            {
                throw S3Errors.InvalidUri();
            }

            _pairs.Add(new(name, value));
        }
    }

    public IReadOnlyList<KeyValuePair<string, string>> Pairs => _pairs;

    public string? this[string name]
    {
        get
        {
            foreach (var pair in _pairs)
            {
                if (pair.Key == name)
                {
                    return pair.Value;
                }
            }

            return null;
        }
    }

    public bool Has(string name) => this[name] is not null;
}
