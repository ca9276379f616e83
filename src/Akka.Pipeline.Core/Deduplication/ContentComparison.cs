namespace Akka.Pipeline.Core.Deduplication;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;

/// <summary>Whether an object holds the bytes of a file.</summary>
public enum SameContent
{
    Yes,
    No,

    /// <summary>The sizes agree, and a digest of the file that is not known yet can decide.</summary>
    NeedsDigest,

    /// <summary>The sizes agree, and nothing that the store tells can be compared.</summary>
    CannotTell,
}

/// <summary>Compares a file with an object from what the store says of it. Size alone never says yes, unless the route wants it so.</summary>
public static class ContentComparison
{
    /// <summary>Compares.</summary>
    /// <param name="sizeBytes">Of the file.</param>
    /// <param name="local">Its digests, as far as they are known.</param>
    /// <param name="remote">The object.</param>
    /// <param name="mode">Of the route.</param>
    public static SameContent Compare(long sizeBytes, DigestSet local, ObjectFacts remote, DedupeMode mode)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(remote);
        if (remote.SizeBytes != sizeBytes)
        {
            return SameContent.No;
        }

        if (mode == DedupeMode.Size)
        {
            return SameContent.Yes;
        }

        return local.Agrees(remote.Digests) switch
        {
            true => SameContent.Yes,
            false => SameContent.No,
            null => Wanted(remote) != DigestKinds.None || MultipartParts(remote.ETag) is not null ? SameContent.NeedsDigest : SameContent.CannotTell,
        };
    }

    /// <summary>The one digest of the whole file that is best compared with the object: the strongest that the store knows; none when it knows none.</summary>
    public static DigestKinds Wanted(ObjectFacts remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        var known = remote.Digests.Kinds;
        return known.HasFlag(DigestKinds.Sha256) ? DigestKinds.Sha256
            : known.HasFlag(DigestKinds.Md5) ? DigestKinds.Md5
            : known.HasFlag(DigestKinds.Crc32C) ? DigestKinds.Crc32C
            : DigestKinds.None;
    }

    /// <summary>The number of parts that an ETag of the form "md5-N" tells; null for another form.</summary>
    public static int? MultipartParts(string eTag)
    {
        ArgumentNullException.ThrowIfNull(eTag);
        return eTag.Length > 33 && eTag[32] == '-' && eTag.AsSpan(0, 32).IndexOfAnyExcept("0123456789abcdef") < 0
            && int.TryParse(eTag.AsSpan(33), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var parts) && parts > 0
            ? parts
            : null;
    }
}
