namespace Akka.Pipeline.Core.Digests;

/// <summary>Which digests of a content to compute.</summary>
[Flags]
public enum DigestKinds
{
    None = 0,

    /// <summary>MD5: what Content-MD5 and the ETag of a plain PUT carry.</summary>
    Md5 = 1,

    /// <summary>CRC-32C (Castagnoli): cheap in hardware, and it combines over parts.</summary>
    Crc32C = 2,

    /// <summary>SHA-256: what a signed payload carries.</summary>
    Sha256 = 4,
}

/// <summary>Digests of one content, each as lower-case hex in the order that the algorithm's standard gives (big-endian for CRC-32C), or null where unknown.</summary>
public sealed record DigestSet(string? Md5 = null, string? Crc32C = null, string? Sha256 = null)
{
    /// <summary>No digest is known.</summary>
    public static readonly DigestSet Unknown = new();

    /// <summary>The kinds that are known.</summary>
    public DigestKinds Kinds =>
        (Md5 is null ? DigestKinds.None : DigestKinds.Md5) | (Crc32C is null ? DigestKinds.None : DigestKinds.Crc32C) | (Sha256 is null ? DigestKinds.None : DigestKinds.Sha256);

    /// <summary>Compares what both sides know: null when they have no digest in common, false when any that they share differs.</summary>
    public bool? Agrees(DigestSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        bool? verdict = null;
        return Differ(Md5, other.Md5, ref verdict) || Differ(Crc32C, other.Crc32C, ref verdict) || Differ(Sha256, other.Sha256, ref verdict) ? false : verdict;
    }

    private static bool Differ(string? mine, string? theirs, ref bool? verdict)
    {
        if (mine is null || theirs is null)
        {
            return false;
        }

        verdict = true;
        return !string.Equals(mine, theirs, StringComparison.OrdinalIgnoreCase);
    }
}
