namespace Akka.Pipeline.Hocon.Tests;

using System.Text;

/// <summary>Whatever comes in: a result or a <see cref="HoconException"/>, soon.</summary>
public sealed class HostileInputTests
{
    private const int FuzzedTexts = 20_000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly string[] Fragments =
    [
        "a", "b", "a.b", "\"x\"", "\"\"\"", "\"", "{", "}", "[", "]", ",", "\n", " ", "=", ":", "+=", "${a}", "${?b}", "${", "}", "$", "#", "//", "/", ".", "1", "-1.5e+3", "true", "null",
        "include ", "include \"f\"", "required(", "file(", ")", "\\", "\\u12", "\u2028", "\uFEFF", "\0", "\uD800", "😀", "a = ${a}", "a += 1\n", "a { b = ${c} }\n", "c = ${a}\n", "0 = x\n",
    ];

    private static readonly string[] Keys = ["a", "b", "c", "a.b", "a.c", "b.c", "a.b.c", "d", "\"0\""];

    private static readonly string[] Values =
        ["1", "x", "null", "{}", "[]", "[1]", "{ b = 1 }", "{ c = ${KEY} }", "[ ${KEY} ]", "${KEY}", "${?KEY}", "${?KEY}", "{ b = ${?KEY} { c = ${?KEY} } }", "{ include \"f\" }"];

    [Theory]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("a{")]
    [InlineData("a=[")]
    [InlineData("a.")]
    [InlineData("a={b=[")]
    [InlineData("a=${")]
    [InlineData("${")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("a=\"\"\"")]
    [InlineData("include ")]
    [InlineData("/")]
    [InlineData(",")]
    [InlineData("1")]
    [InlineData("1e+")]
    [InlineData("a +")]
    public void A_piece_repeated_a_hundred_thousand_times_is_refused(string piece)
    {
        foreach (var text in new[] { string.Concat(Enumerable.Repeat(piece, 100_000)), "x = " + string.Concat(Enumerable.Repeat(piece, 100_000)) })
        {
            Read(text);
        }
    }

    [Fact]
    public void Nesting_is_allowed_up_to_the_limit_and_refused_beyond()
    {
        static string Nested(int levels) => "a = " + new string('[', levels) + new string(']', levels);
        Assert.Single(Reading.Resolve(Nested(HoconLimits.Depth)).Keys);
        Assert.Equal("test.conf:1:517", Reading.Error(Nested(HoconLimits.Depth + 1)).Origin.ToString());
        Assert.Single(Reading.Resolve(string.Join('.', Enumerable.Repeat("a", HoconLimits.Depth)) + " = 1").Keys);
        Reading.Error(string.Join('.', Enumerable.Repeat("a", HoconLimits.Depth + 1)) + " = 1");
    }

    [Fact]
    public void Text_that_doubles_with_every_line_is_refused() => Refused("a0 = 0123456789\n", i => $"a{i} = ${{a{i - 1}}}${{a{i - 1}}}\n");

    [Fact]
    public void Lists_that_contain_lists_ten_times_are_refused() => Refused("a0 = [1]\n", i => $"a{i} = [{string.Join(',', Enumerable.Repeat($"${{a{i - 1}}}", 10))}]\n");

    [Fact]
    public void Lists_that_double_with_every_line_are_refused() => Refused("a0 = [1, 2]\n", i => $"a{i} = ${{a{i - 1}}} ${{a{i - 1}}}\n");

    [Fact]
    public void Objects_that_contain_objects_twice_are_refused() => Refused("a0 { x = 1 }\n", i => $"a{i} {{ x = ${{a{i - 1}}}, y = ${{a{i - 1}}} {{ z = 1 }} }}\n");

    [Fact]
    public void Objects_that_merge_with_one_another_are_refused_or_done() =>
        Read(string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i} = ${{?a{i - 1}}} {{ k{i} {{ x = ${{?a{i - 1}}} }} }} ${{?a{i - 1}}}\n")));

    [Fact]
    public void A_chain_of_substitutions_is_followed_up_to_the_limit()
    {
        static string Chain(int links) => string.Concat(Enumerable.Range(0, links).Select(i => $"a{i} = ${{a{i + 1}}}\n")) + $"a{links} = x";
        Assert.Equal("x", Reading.Resolve(Chain(HoconLimits.SubstitutionChain - 1)).GetString("a0"));
        Reading.Error(Chain(100_000));
    }

    [Fact]
    public void Substitutions_that_nest_objects_are_refused_beyond_the_limit() =>
        Reading.Error(string.Concat(Enumerable.Range(0, 5_000).Select(i => $"a{i} = {{ x = ${{a{i + 1}}} }}\n")) + "a5000 = 1");

    [Fact]
    public void A_key_that_refers_to_itself_ten_thousand_times_is_refused() =>
        Reading.Error("a = x\n" + string.Concat(Enumerable.Repeat("a = ${a}y\n", 10_000)));

    [Fact]
    public void A_very_long_key_around_very_many_fields_costs_no_more_than_its_length() =>
        Read($"{new string('k', 4_000_000)} {{\n{string.Concat(Enumerable.Repeat("a = 1\n", 100_000))}}}");

    [Fact]
    public void A_text_over_the_limit_is_refused() => Read(new string(' ', HoconLimits.InputSizeBytes + 1), mustFail: true);

    [Fact]
    public void Files_over_the_limit_together_are_refused()
    {
        var half = Encoding.UTF8.GetBytes("#" + new string(' ', HoconLimits.InputSizeBytes / 2));
        var files = new FilesInMemory().With("a.conf", "include \"b.conf\"\ninclude \"b.conf\"").With("b.conf", half);
        Assert.StartsWith("b.conf: the configuration is larger than 16 MiB", Assert.Throws<HoconException>(() => files.Resolve("a.conf")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Includes_that_multiply_are_refused()
    {
        var files = new FilesInMemory();
        for (var i = 0; i < 30; i++)
        {
            files.With($"f{i}.conf", $"include \"f{i + 1}.conf\"\ninclude \"f{i + 1}.conf\"");
        }

        Assert.Contains("includes are followed", Assert.Throws<HoconException>(() => files.Resolve("f0.conf")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_row_of_includes_is_refused()
    {
        var files = new FilesInMemory();
        for (var i = 0; i < 100; i++)
        {
            files.With($"f{i}.conf", $"include \"f{i + 1}.conf\"");
        }

        Assert.Contains("include one another", Assert.Throws<HoconException>(() => files.Resolve("f0.conf")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_and_random_grammar_give_a_result_or_an_error()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HOCON_FUZZ_SEED"), out var given) ? given : Random.Shared.Next();
        var resolved = 0;
        var text = Array.Empty<byte>();
        var thrown = WithinDeadline(
            () =>
            {
                var random = new Random(seed);
                for (var i = 0; i < FuzzedTexts; i++)
                {
                    text = RandomText(random, i);
                    resolved += Resolves(text) ? 1 : 0;
                }
            },
            () => Reproduce(seed, text));
        Assert.True(thrown is null, $"{Reproduce(seed, text)}: {thrown}");
        Assert.True(resolved > FuzzedTexts / 20, $"only {resolved} of {FuzzedTexts} texts were right, so little was tried; seed {seed}");
    }

    private static string Reproduce(int seed, byte[] text) => $"HOCON_FUZZ_SEED={seed}, text {Convert.ToHexString(text)}";

    private static bool Resolves(byte[] text)
    {
        try
        {
            var root = new FilesInMemory().With("main", text).With("f", "y = ${a}\nz = 1").Resolve("main");
            Assert.All(root.Leaves(), leaf => Assert.Same(leaf.Origin, root.Leaves().First(other => other.Path == leaf.Path).Origin));
            return true;
        }
        catch (HoconException e)
        {
            Assert.NotEmpty(e.Cure);
            return false;
        }
    }

    private static byte[] RandomText(Random random, int i) => (i % 4) switch
    {
        0 => [.. Enumerable.Range(0, random.Next(60)).Select(_ => (byte)random.Next(i % 8 == 0 ? 256 : 128))],
        1 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => Pick(random, Fragments)))),
        _ => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => RandomField(random)))),
    };

    private static string Pick(Random random, string[] texts) => texts[random.Next(texts.Length)];

    // Well-formed fields over few keys, so that substitutions meet one another in every way.
    private static string RandomField(Random random)
    {
        var values = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(random, Values).Replace("KEY", Pick(random, Keys), StringComparison.Ordinal));
        return Pick(random, Keys) + Pick(random, [" = ", " = ", " += "]) + string.Join(' ', values) + "\n";
    }

    private static void Refused(string first, Func<int, string> line) =>
        Read(first + string.Concat(Enumerable.Range(1, 60).Select(line)), mustFail: true);

    private static void Read(string text, bool mustFail = false)
    {
        var thrown = WithinDeadline(() => Reading.Resolve(text), () => "still reading");
        if (mustFail || thrown is not null)
        {
            Assert.IsType<HoconException>(thrown);
        }
    }

    // On a thread of its own: a test that hangs has to fail, and its stack is smaller than any that the reader meets.
    private static Exception? WithinDeadline(Action action, Func<string> whatHung)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(action), maxStackSize: 1024 * 1024) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(Deadline), $"over the deadline: {whatHung()}");
        return thrown;
    }
}
