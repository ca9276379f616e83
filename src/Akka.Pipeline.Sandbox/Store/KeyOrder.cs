namespace Akka.Pipeline.Sandbox.Store;

/// <summary>The order of S3's listings: by the bytes of UTF-8, which differs from the order of .NET's strings beyond U+FFFF.</summary>
internal sealed class KeyOrder : IComparer<string>
{
    public static readonly KeyOrder Instance = new();

    /// <summary>Greater than any key: longer than a key may be, of the last code point.</summary>
    public static readonly string AfterAllKeys = string.Concat(Enumerable.Repeat("\U0010FFFF", 257));

    /// <summary>Greater than all that listings ever start from.</summary>
    public static readonly string End = string.Concat(AfterAllKeys, AfterAllKeys, AfterAllKeys);

    public int Compare(string? x, string? y)
    {
        var left = x.AsSpan();
        var right = y.AsSpan();
        var same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length - right.Length;
        }

        var (a, b) = (left[same], right[same]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}
