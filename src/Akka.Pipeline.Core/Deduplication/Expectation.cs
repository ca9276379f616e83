namespace Akka.Pipeline.Core.Deduplication;

/// <summary>
/// Whether an upload begins by asking whether its object is there already. A write that depends on the object's absence finds out as well, in the same one request where it is
/// not there; where it is, its bytes went for nothing. So it is asked where that is more likely, as after a crash or without the old ledger: what the last files were, the next ones will be.
/// </summary>
/// <param name="Leaning">0: what comes is new. <see cref="Most"/>: what comes is there already.</param>
/// <param name="HasEvidence">Something has turned out, this way or that.</param>
public sealed record Expectation(int Leaning, bool HasEvidence)
{
    /// <summary>Bodies up to this length cost about as much as the request that they come with.</summary>
    public const long SmallBytes = 64 << 10;

    /// <summary>The end of the scale: two surprises in a row turn it.</summary>
    public const int Most = 3;

    /// <summary>Nothing is known.</summary>
    public static Expectation None { get; } = new(0, HasEvidence: false);

    /// <summary>Takes in what a file of which the ledger knew nothing has turned out to be.</summary>
    /// <param name="wasThere">Its very bytes were in the store.</param>
    public Expectation After(bool wasThere) => new(Math.Clamp(Leaning + (wasThere ? 1 : -1), 0, Most), HasEvidence: true);

    /// <summary>Whether to ask.</summary>
    /// <param name="sizeBytes">Of the file.</param>
    /// <param name="mayBeStored">There is reason to think of this very file that somebody has stored it and could not record it.</param>
    public bool AsksFirst(long sizeBytes, bool mayBeStored) => sizeBytes > SmallBytes ? mayBeStored || Leaning > 0 : Leaning > Most / 2;
}
