namespace Akka.Pipeline.Fleet.Tests.Stage;

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

/// <summary>What must become of a file: an object with this key, length and ETag, which for a store like ours is made of MD5 sums.</summary>
internal sealed record Expected(string Key, long SizeBytes, string ETag);

/// <summary>Makes files of mixed sizes, and knows what they must be in the store.</summary>
internal sealed class SourceFiles(string staging, string source, long partSizeBytes, long multipartFromBytes, int seed)
{
    private const int Folders = 40;

    private readonly Random chance = new(seed);
    private readonly byte[] block = new byte[1 << 20];
    private int wave;

    public Dictionary<string, Expected> All { get; } = new(StringComparer.Ordinal);

    public long Bytes => All.Values.Sum(file => file.SizeBytes);

    /// <summary>Makes small files in the staging folder: most of some KiB, a few of up to 2 MiB, some of them empty.</summary>
    public void MakeSmall(int count, long mostBytes = 2 << 20)
    {
        for (var i = 0; i < count; i++)
        {
            var size = chance.Next(1000) switch
            {
                < 5 => 0,
                < 700 => chance.Next(1, 4 << 10),
                < 950 => chance.Next(4 << 10, 32 << 10),
                < 995 => chance.Next(32 << 10, 256 << 10),
                _ => chance.Next(256 << 10, 2 << 20),
            };
            Make(string.Create(CultureInfo.InvariantCulture, $"wave-{wave}-shot-{i % Folders:00}/a frame, №{i:00000}.exr"), Math.Min(size, mostBytes));
        }
    }

    public void MakeLarge(int count, long sizeBytes)
    {
        for (var i = 0; i < count; i++)
        {
            Make(string.Create(CultureInfo.InvariantCulture, $"wave-{wave}-large-{i}/simulation.vdb"), sizeBytes);
        }
    }

    /// <summary>Puts all that was made where the nodes look for it, folder by folder, at once.</summary>
    public void Reveal()
    {
        wave++;
        foreach (var folder in Directory.EnumerateDirectories(staging).ToList())
        {
            Directory.Move(folder, Path.Combine(source, Path.GetFileName(folder)));
        }
    }

    /// <summary>Every file below the source, those in a node's hands too, by inode number.</summary>
    public IReadOnlyDictionary<long, string> Left()
    {
        using var find = Process.Start(new ProcessStartInfo("find", [source, "-type", "f", "-printf", "%i %P\\n"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = find.StandardError.ReadToEndAsync();
        var lines = find.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        find.WaitForExit();

        // A file that is renamed meanwhile may be met twice.
        var left = new Dictionary<long, string>();
        foreach (var parts in lines.Select(line => line.Split(' ', 2)))
        {
            left[long.Parse(parts[0], CultureInfo.InvariantCulture)] = parts[1];
        }

        return left;
    }

    private void Make(string key, long sizeBytes)
    {
        var path = Path.Combine(staging, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var inParts = sizeBytes >= multipartFromBytes;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var ofParts = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var (parts, inPart) = (0, 0L);
        for (var left = sizeBytes; left > 0;)
        {
            var count = (int)Math.Min(Math.Min(block.Length, left), partSizeBytes - inPart);
            chance.NextBytes(block.AsSpan(0, count));
            file.Write(block, 0, count);
            digest.AppendData(block, 0, count);
            (left, inPart) = (left - count, inPart + count);
            if (inParts && (left == 0 || inPart == partSizeBytes))
            {
                ofParts.AppendData(digest.GetHashAndReset());
                (parts, inPart) = (parts + 1, 0);
            }
            else if (inPart == partSizeBytes)
            {
                inPart = 0;
            }
        }

        var etag = inParts
            ? string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(ofParts.GetHashAndReset())}-{parts}")
            : Convert.ToHexStringLower(digest.GetHashAndReset());
        All.Add(key, new Expected(key, sizeBytes, etag));
    }
}
