namespace Akka.Actor;

using System.Buffers;

/// <summary>The place of an actor in the tree, such as <c>akka://sys/user/a/b</c>. Equality ignores the incarnation (<see cref="Uid"/>).</summary>
public sealed class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    public const string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static readonly SearchValues<char> ValidChars = SearchValues.Create(Letters + ValidSymbols);

    private readonly ActorPath? _parent;

    internal ActorPath(Address address)
    {
        Address = address;
        Name = "";
    }

    internal ActorPath(ActorPath parent, string name, long uid)
    {
        _parent = parent;
        Address = parent.Address;
        Name = name;
        Uid = uid;
    }

    public Address Address { get; }

    public string Name { get; }

    /// <summary>Tells incarnations of one path apart; 0 where there is only one.</summary>
    public long Uid { get; }

    /// <summary>The path above; the root is its own parent.</summary>
    public ActorPath Parent => _parent ?? this;

    public ActorPath Root => _parent is null ? this : _parent.Root;

    public IReadOnlyList<string> Elements
    {
        get
        {
            if (_parent is null)
            {
                return [""];
            }

            var elements = new List<string>();
            for (var path = this; path._parent is not null; path = path._parent)
            {
                elements.Add(path.Name);
            }

            elements.Reverse();
            return elements;
        }
    }

    /// <summary>Whether an actor may be given this name: URI characters, and no leading <c>$</c>.</summary>
    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$')
        {
            return false;
        }

        var rest = s.AsSpan();
        int at;
        while ((at = rest.IndexOfAnyExcept(ValidChars)) >= 0)
        {
            var escaped = rest[at] == '%' && at + 2 < rest.Length && char.IsAsciiHexDigit(rest[at + 1]) && char.IsAsciiHexDigit(rest[at + 2]);
            if (!escaped)
            {
                return false;
            }

            rest = rest[(at + 3)..];
        }

        return true;
    }

    public static ActorPath operator /(ActorPath path, string name) => new(path, name, 0);

    public static bool operator ==(ActorPath? left, ActorPath? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(ActorPath? left, ActorPath? right) => !(left == right);

    public string ToStringWithoutAddress() => _parent is null ? "/" : "/" + string.Join('/', Elements);

    public override string ToString() => Address + ToStringWithoutAddress();

    public bool Equals(ActorPath? other)
    {
        var left = this;
        var right = other;
        while (!ReferenceEquals(left, right))
        {
            if (left is null || right is null || left.Name != right.Name)
            {
                return false;
            }

            if (left._parent is null && right._parent is null)
            {
                return left.Address.Equals(right.Address);
            }

            left = left._parent;
            right = right._parent;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    public override int GetHashCode() => _parent is null ? Address.GetHashCode() : HashCode.Combine(_parent.Name, Name);

    public int CompareTo(ActorPath? other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());
}
