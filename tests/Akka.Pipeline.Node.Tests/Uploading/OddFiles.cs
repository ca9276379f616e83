namespace Akka.Pipeline.Node.Tests.Uploading;

/// <summary>Files whose names and sizes are the ones that go wrong.</summary>
internal static class OddFiles
{
    public const int PartSize = 5 << 20;

    /// <summary>Three of the files are long enough for parts.</summary>
    public const string Settings = "pipeline.upload { multipart-from = 5MiB, part-size = 5MiB }";

    private static readonly string[] Names =
    [
        "a name with spaces.txt", " leading and trailing ", "100%.txt", "%2F%20.txt", "a+b.txt", "a#b?c=d&e.txt", "emoji 🎬🏳️‍🌈.txt",
        "cafe\u0301 in NFD.txt", "café in NFC.txt", "line\nbreak.txt", "tab\there", "quotes'\"`.txt", "back\\slash.txt", "<a&b>.xml",
        ".hidden", "-dash", "...", "~tilde$money!(brackets)[x]{y}^|;:,@*.txt", "日本語/ファイル.txt", "deep/er/and/deep/er/file",
    ];

    public static Dictionary<string, byte[]> All()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in Names)
        {
            files[name] = System.Text.Encoding.UTF8.GetBytes($"content of {name}");
        }

        // 900 bytes: three folders of 224 and a file of 225, with three slashes.
        files[string.Join('/', [.. Enumerable.Repeat(new string('f', 224), 3), new string('n', 225)])] = Bytes(1, 900);
        files["empty.bin"] = [];
        files["one byte"] = Bytes(1, 1);
        files["just below a part"] = Bytes(PartSize - 1, 2);
        files["just a part"] = Bytes(PartSize, 3);
        files["just above a part"] = Bytes(PartSize + 1, 4);
        files["large.bin"] = Bytes(40 << 20, 5);
        return files;
    }

    private static byte[] Bytes(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
