namespace Akka.Pipeline.Storage.S3.Direct;

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

internal readonly record struct SignedHeader(string Name, string Value);

/// <summary>The headers that a signature covers: lower-case names, added in their order.</summary>
internal struct SignedHeaders
{
    private const int Most = 16;

    private Slots slots;
    private int count;

    [UnscopedRef]
    public readonly ReadOnlySpan<SignedHeader> All => ((ReadOnlySpan<SignedHeader>)slots)[..count];

    /// <summary>Adds a header, unless it has no value.</summary>
    public void Add(string name, string? value)
    {
        if (value is null)
        {
            return;
        }

        Debug.Assert(count == 0 || string.CompareOrdinal(slots[count - 1].Name, name) < 0, "The names are to be in order.");
        slots[count++] = new SignedHeader(name, value);
    }

    [InlineArray(Most)]
    private struct Slots
    {
        private SignedHeader first;
    }
}
