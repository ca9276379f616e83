namespace Akka.Pipeline.Core.Uploading;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;

/// <summary>How a file is cut into parts: all of one size but the last, numbered from 1.</summary>
/// <param name="SizeBytes">Of the file; at least 1.</param>
/// <param name="PartSizeBytes">Of every part but the last.</param>
public sealed record PartPlan(long SizeBytes, long PartSizeBytes)
{
    private const long Granularity = 1L << 20;

    /// <summary>How many parts that makes.</summary>
    public int Count => (int)((SizeBytes + PartSizeBytes - 1) / PartSizeBytes);

    /// <summary>Cuts a file: parts of the wished size, larger when there would be too many of them.</summary>
    /// <param name="sizeBytes">Of the file; at least 1.</param>
    /// <param name="wishedPartSizeBytes">From the configuration.</param>
    /// <param name="limits">Of the store.</param>
    /// <returns>Null when the store cannot hold a file of that size.</returns>
    public static PartPlan? For(long sizeBytes, long wishedPartSizeBytes, MultipartLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeBytes, 1);
        var least = ((sizeBytes - 1) / limits.MaximumParts) + 1;
        var size = Math.Max(Math.Clamp(wishedPartSizeBytes, limits.MinimumPartSizeBytes, limits.MaximumPartSizeBytes), least);
        if (size > wishedPartSizeBytes && size > limits.MinimumPartSizeBytes)
        {
            size = Math.Min((size + Granularity - 1) / Granularity * Granularity, limits.MaximumPartSizeBytes);
        }

        return size > limits.MaximumPartSizeBytes || least > limits.MaximumPartSizeBytes ? null : new PartPlan(sizeBytes, size);
    }

    /// <summary>Where a part begins in the file, in bytes.</summary>
    public long OffsetBytes(int partNumber) => (partNumber - 1) * PartSizeBytes;

    /// <summary>How long a part is, in bytes.</summary>
    public long LengthBytes(int partNumber) => Math.Min(PartSizeBytes, SizeBytes - OffsetBytes(partNumber));

    /// <summary>
    /// The parts that need not be sent again: the ledger says that we sent them, with which digests, and the store says that it holds just that.
    /// </summary>
    /// <param name="recorded">From the ledger.</param>
    /// <param name="held">From the store.</param>
    public IReadOnlyList<PartFacts> Kept(IReadOnlyList<PartFacts> recorded, IReadOnlyList<PartFacts> held)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(held);
        var store = new Dictionary<int, PartFacts>(held.Count);
        foreach (var part in held)
        {
            store[part.PartNumber] = part;
        }

        return
        [
            .. from part in recorded
               where part.PartNumber >= 1 && part.PartNumber <= Count && part.SizeBytes == LengthBytes(part.PartNumber)
               where store.TryGetValue(part.PartNumber, out var there)
                   && there.SizeBytes == part.SizeBytes
                   && string.Equals(there.ETag, part.ETag, StringComparison.Ordinal)
                   && part.Digests.Agrees(there.Digests) != false
               orderby part.PartNumber
               select part,
        ];
    }

    /// <summary>The CRC-32C of the whole file from those of its parts; null when one is missing.</summary>
    public string? WholeCrc32C(IReadOnlyList<PartFacts> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        uint whole = 0;
        foreach (var part in parts.OrderBy(p => p.PartNumber))
        {
            if (part.Digests.Crc32C is not { } crc)
            {
                return null;
            }

            whole = Crc32C.Combine(whole, Crc32C.FromHex(crc), part.SizeBytes);
        }

        return parts.Count == Count ? Crc32C.ToHex(whole) : null;
    }
}
