namespace Akka.Pipeline.Node.Tests.Hostile;

using System.Text;
using Akka.Pipeline.Node.Tests.Programs;

/// <summary>A name may hold every byte but 0 and '/'. What is text arrives under exactly its name; what is not stays and is listed.</summary>
public sealed class Every_name_that_Linux_allows : NodeTest
{
    // One byte alone, in the middle, and at both ends.
    private const int FormsPerByte = 3;

    private static readonly string[] OtherNames =
    [
        "cafe\u0301", "caf\u00e9", "CAF\u00c9", "\u212b", "\u00c5", "A\u030a", "a", "A", "a.", "a..", "a ", " ", "..a", "...", "....", "-rf", "~", "*", "?", "name.recovered-1", "name.recovered-1.txt",
        ".pipeline-holding-of-mine", ".pipeline-holdings", "pipeline-holding", "con", "nul.txt", "%2e%2e", "%00", "\ufeffbom", "\u202etxt.exe", "\ud83d\ude00", "\uffff",
    ];

    private static readonly byte[][] NamesOfBytes = [.. from form in new[] { "{0}", "in {0} side", "{0} both {0}" } from b in Enumerable.Range(1, 255) where b != '/' && !(form == "{0}" && b == '.') select Fill(form, (byte)b)];

    [Fact]
    public async Task What_is_text_arrives_in_the_store_byte_for_byte_and_the_rest_is_kept_and_listed()
    {
        Configure("pipeline.route-defaults.exclude-temporary = []");
        var expected = WriteAll($"{Source}/{Bucket}");

        var run = (await OnceAsync()).Exits(1).Says($"left in the source: {NamesOfBytes.Count(name => !IsText(name))} set aside", "is not valid UTF-8", "\\xff");

        Assert.DoesNotContain("\u0001", run.Errors, StringComparison.Ordinal);
        await Store.HoldsExactlyAsync(Bucket, expected.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal));
        Assert.Equal(NamesOfBytes.Count(name => !IsText(name)), CountOfFiles(Source));
    }

    [Fact]
    public async Task What_is_text_arrives_in_a_folder_byte_for_byte_and_the_rest_is_kept_and_listed()
    {
        var target = Path.Combine(Root, "target");
        Configure($"pipeline.route-defaults {{ target = \"file://{target}\", exclude-temporary = [] }}");
        var expected = WriteAll(Source);

        (await OnceAsync()).Exits(1).Says("is not valid UTF-8");

        Assert.Equal(expected.Count, CountOfFiles(target));
        Assert.All(expected, e => Assert.Equal(e.Value, File.ReadAllBytes(Path.Combine(target, e.Key))));
        Assert.Equal(NamesOfBytes.Count(name => !IsText(name)), CountOfFiles(Source));
    }

    [Fact]
    public async Task No_template_leads_out_of_a_target_folder()
    {
        var target = Path.Combine(Root, "target", "inner");
        Configure($"pipeline.route-defaults {{ target = \"file://{target}\", key = \"{{folder}}{{stem}}/{{name}}\" }}");
        Write("...", "x");
        Write("a/...", "y");
        Write("a/fine.txt", "z");

        (await OnceAsync()).Exits(1).Says("component '.' or '..'", "2 set aside");

        Assert.Equal([Path.Combine(target, "a/fine/fine.txt")], Directory.GetFiles(Path.Combine(Root, "target"), "*", SearchOption.AllDirectories));
        Assert.Equal(["...", "a/..."], Left());
    }

    [Fact]
    public async Task Components_of_255_bytes_arrive_and_longer_paths_than_a_key_may_be_are_kept()
    {
        var fits = string.Join('/', Enumerable.Repeat(new string('f', 255), 3)) + "/" + new string('n', 255);
        var tooLong = string.Join('/', Enumerable.Repeat(new string('g', 254), 14)) + "/file";
        Write($"{Bucket}/{fits}", "fits");
        Write($"{Bucket}/{tooLong}", "stays");

        (await OnceAsync()).Exits(1).Says($"key of {tooLong.Length} bytes", "1 set aside");

        Assert.Equal([fits], await Store.KeysAsync(Bucket));
        Assert.Equal([$"{Bucket}/{tooLong}"], Left());
    }

    private static byte[] Fill(string form, byte value) => [.. form.Replace("{0}", "\u0000", StringComparison.Ordinal).Select(c => c == 0 ? value : (byte)c)];

    private static bool IsText(byte[] name) => System.Text.Unicode.Utf8.IsValid(name);

    private static int CountOfFiles(string folder)
    {
        // By a program that does not mind bytes.
        using var find = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("find", [folder, "-type", "f", "-printf", "."]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var dots = find.StandardOutput.ReadToEnd();
        find.WaitForExit();
        return dots.Length;
    }

    /// <summary>Writes a file of each name, each with content of its own; returns those whose names are text.</summary>
    private Dictionary<string, byte[]> WriteAll(string folder)
    {
        Directory.CreateDirectory(folder);
        var expected = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var script = new StringBuilder($"cd '{folder}'\n");
        foreach (var name in NamesOfBytes.Concat(OtherNames.Select(Encoding.UTF8.GetBytes)).DistinctBy(Convert.ToHexString))
        {
            var content = Convert.ToHexString(name);
            script.Append(System.Globalization.CultureInfo.InvariantCulture, $"printf {content} > ./$'{string.Concat(name.Select(b => $"\\x{b:x2}"))}'\n");
            if (IsText(name))
            {
                expected[Encoding.UTF8.GetString(name)] = Encoding.ASCII.GetBytes(content);
            }
        }

        var file = Path.Combine(Root, "write-all");
        File.WriteAllText(file, script.ToString());
        Assert.Equal(0, Shell.Run($"LC_ALL=C bash '{file}'"));
        return expected;
    }
}
