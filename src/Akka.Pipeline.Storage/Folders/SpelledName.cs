namespace Akka.Pipeline.Storage.Folders;

using System.Text;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// Some file systems find a file under other names than its own: with other case, another Unicode normal form, dots or spaces at the end. There "A" and
/// "a" are two keys and one file, and who writes the second replaces the first.
/// </summary>
internal static class SpelledName
{
    /// <summary>
    /// The path that is really there, where it differs from the one that was asked for; null where it does not, or nothing is there. The folders are listed only where
    /// another spelling is seen to lead to the same place.
    /// </summary>
    public static string? OtherThan(Descriptor root, string path)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        var found = new StringBuilder(path.Length);
        var differs = false;
        if (Beneath.OpenChild(root, ".\0"u8, out var folder) != 0)
        {
            return null;
        }

        try
        {
            foreach (var range in path.AsSpan().Split('/'))
            {
                var name = path[range];
                if (!NativeName.TryWrite(name, buffer, out var bytes) || FileStatus.Of(folder!, bytes, follow: false, out var status) != 0)
                {
                    break;
                }

                var there = IsFoundOtherwise(folder!, name, status) ? NameOf(folder!, name, status.Inode) : name;
                differs |= !string.Equals(there, name, StringComparison.Ordinal);
                found.Append(found.Length == 0 ? "" : "/").Append(there);
                if (status.Kind != EntryKind.Directory || Beneath.OpenChild(folder!, bytes, out var child) != 0)
                {
                    break;
                }

                folder!.Dispose();
                folder = child;
            }
        }
        finally
        {
            folder?.Dispose();
        }

        return differs ? found.ToString() : null;
    }

    private static bool IsFoundOtherwise(Descriptor folder, string name, in FileStatus status)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        foreach (var other in OtherSpellings(name))
        {
            if (NativeName.TryWrite(other, buffer, out var bytes) && FileStatus.Of(folder, bytes, follow: false, out var same) == 0 && same.IsSameFile(status))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> OtherSpellings(string name)
    {
        if (!SourcePath.IsText(name))
        {
            return [];
        }

        string[] spellings =
        [
            name.ToUpperInvariant(), name.ToLowerInvariant(), name.Normalize(NormalizationForm.FormC), name.Normalize(NormalizationForm.FormD), name.TrimEnd('.', ' '), name + ".",
        ];
        return spellings.Where(other => other.Length > 0 && !string.Equals(other, name, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);
    }

    /// <summary>The name as it is listed: the wanted one if it is there (others may be hard links), else that of the inode.</summary>
    private static string NameOf(Descriptor folder, string wanted, ulong inode)
    {
        if (Beneath.OpenChild(folder, ".\0"u8, out var listed) != 0)
        {
            return wanted;
        }

        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        var there = wanted;
        using (listed)
        using (var reader = new EntryReader(listed!))
        {
            while (reader.Next())
            {
                var name = SourcePath.FromBytes(reader.Name[..^1]);
                if (string.Equals(name, wanted, StringComparison.Ordinal))
                {
                    return wanted;
                }

                if (NativeName.TryWrite(name, buffer, out var bytes) && FileStatus.Of(listed!, bytes, follow: false, out var status) == 0 && status.Inode == inode)
                {
                    there = name;
                }
            }
        }

        return there;
    }
}
