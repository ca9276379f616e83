namespace Akka.Pipeline.Storage.S3;

/// <summary>
/// What is known of a store's way with conditional PUTs. A store that ignores them answers 200 like one that honours them; any 412 shows that it honours them; only a second
/// conditional PUT of the same bytes, right after the first has written them, tells for sure, and it is harmless: either it is refused, or it writes what is there already.
/// So one is sent once in the life of the store object, unless a 412 came first.
/// </summary>
internal sealed class ConditionTrial(ConditionSupport given)
{
    private const int Unknown = 0, OnTrial = 1, Native = 2, Emulated = 3;

    private int state = given switch
    {
        ConditionSupport.Native => Native,
        ConditionSupport.Emulated => Emulated,
        _ => Unknown,
    };

    private int unquoted;
    private int quotesKnown;

    public bool MustEmulate => Volatile.Read(ref state) == Emulated;

    public bool IsNative => Volatile.Read(ref state) == Native;

    /// <summary>True for one caller at a time while nothing is known: it makes the trial and then calls <see cref="Conclude"/>.</summary>
    public bool TryBegin() => Volatile.Read(ref state) == Unknown && Interlocked.CompareExchange(ref state, OnTrial, Unknown) == Unknown;

    /// <param name="honoured">Null: the trial failed for other reasons and is to be repeated some time.</param>
    public void Conclude(bool? honoured) =>
        Interlocked.CompareExchange(ref state, honoured switch { true => Native, false => Emulated, null => Unknown }, OnTrial);

    /// <summary>A 412 came: the store looks at conditions.</summary>
    public void SawRefusal()
    {
        if (given == ConditionSupport.Auto)
        {
            Interlocked.CompareExchange(ref state, Native, Unknown);
        }
    }

    /// <summary>The store refuses requests because they have a condition.</summary>
    public void SawNoSupport() => Volatile.Write(ref state, Emulated);

    /// <summary>RFC 9110 wants the ETag of If-Match in quotes; Ceph (16.2, seen 2026-11) compares it with the bare ETag.</summary>
    public bool Quoted => Volatile.Read(ref unquoted) == 0;

    public bool QuotesKnown => Volatile.Read(ref quotesKnown) != 0;

    public void LearnQuotes(bool quoted)
    {
        Volatile.Write(ref unquoted, quoted ? 0 : 1);
        Volatile.Write(ref quotesKnown, 1);
    }
}
