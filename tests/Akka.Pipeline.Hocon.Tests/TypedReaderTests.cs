namespace Akka.Pipeline.Hocon.Tests;

using static Akka.Pipeline.Hocon.Tests.Reading;

/// <summary>The specification's sections on type conversion, units, durations and sizes, and what this reader makes stricter.</summary>
public sealed class TypedReaderTests
{
    [Theory]
    [InlineData("50 ns", 0)]
    [InlineData("150ns", 2)]
    [InlineData("100 nano", 1)]
    [InlineData("100 nanos", 1)]
    [InlineData("100 nanosecond", 1)]
    [InlineData("100 nanoseconds", 1)]
    [InlineData("1us", 10)]
    [InlineData("1 micro", 10)]
    [InlineData("1 micros", 10)]
    [InlineData("1 microsecond", 10)]
    [InlineData("1 microseconds", 10)]
    [InlineData("1ms", 10_000)]
    [InlineData("1 milli", 10_000)]
    [InlineData("1 millis", 10_000)]
    [InlineData("1 millisecond", 10_000)]
    [InlineData("1 milliseconds", 10_000)]
    [InlineData("1s", 10_000_000)]
    [InlineData("1 second", 10_000_000)]
    [InlineData("60 seconds", 600_000_000)]
    [InlineData("\" 1.5 s \"", 15_000_000)]
    [InlineData("1e3ms", 10_000_000)]
    [InlineData("-1s", -10_000_000)]
    [InlineData("0s", 0)]
    [InlineData("1m", 600_000_000)]
    [InlineData("1 minute", 600_000_000)]
    [InlineData("1 minutes", 600_000_000)]
    [InlineData("1h", 36_000_000_000)]
    [InlineData("1 hour", 36_000_000_000)]
    [InlineData("1 hours", 36_000_000_000)]
    [InlineData("1d", 864_000_000_000)]
    [InlineData("1 day", 864_000_000_000)]
    [InlineData("1 days", 864_000_000_000)]
    [InlineData("1w", 6_048_000_000_000)]
    [InlineData("1 week", 6_048_000_000_000)]
    [InlineData("1 weeks", 6_048_000_000_000)]
    public void A_duration_has_a_number_and_a_unit(string text, long ticks)
    {
        var root = Resolve($"a = {text}");
        if (ticks == 0 && !text.StartsWith('0'))
        {
            Assert.Throws<HoconException>(() => root.GetDuration("a"));
            return;
        }

        Assert.Equal(ticks, root.GetDuration("a").Ticks);
    }

    [Theory]
    [InlineData("60", "is '60', which is not a duration, since it has no unit")]
    [InlineData("\"60\"", "is '60', which is not a duration, since it has no unit")]
    [InlineData("60S", "is '60S', which is not a duration, since 'S' is no unit of it")]
    [InlineData("1 month", "is '1 month', which is not a duration, since 'month' is no unit of it")]
    [InlineData("s", "is 's', which is not a number with a unit of duration")]
    [InlineData("1 2 s", "is '1 2 s', which is not a number with a unit of duration")]
    [InlineData("1e20s", "is '1e20s', which is not a duration that can be counted: it is too large or too small")]
    [InlineData("1e999999999s", "is '1e999999999s', which is not a duration that can be counted: it is too large or too small")]
    [InlineData("1e-999999999s", "is '1e-999999999s', which is not a duration that can be counted: it is too large or too small")]
    public void A_duration_that_is_none_is_an_error_with_the_cure(string text, string problem) =>
        Assert.Equal(
            $"test.conf:1:5: a {problem}; write a number and a unit: ns, us, ms, s, m, h, d or w, as in 60s",
            Assert.Throws<HoconException>(() => Resolve($"a = {text}").GetDuration("a")).Message);

    [Fact]
    public void A_caller_may_say_what_a_bare_number_counts()
    {
        var root = Resolve("a = 60, b = \"1.5\", c = 2m");
        Assert.Equal(TimeSpan.FromMinutes(1), root.GetDuration("a", TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(1.5), root.GetDuration("b", TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromMinutes(2), root.GetDuration("c", TimeSpan.FromSeconds(1)));
        Assert.Equal(60, root.GetSizeBytes("a", 1));
        Assert.Equal(1536, root.GetSizeBytes("b", 1024));
    }

    [Theory]
    [InlineData("1B b byte bytes", 1L)]
    [InlineData("1kB kilobyte kilobytes", 1000L)]
    [InlineData("1MB megabyte megabytes", 1000_000L)]
    [InlineData("1GB gigabyte gigabytes", 1000_000_000L)]
    [InlineData("1TB terabyte terabytes", 1000_000_000_000L)]
    [InlineData("1PB petabyte petabytes", 1000_000_000_000_000L)]
    [InlineData("1EB exabyte exabytes", 1000_000_000_000_000_000L)]
    [InlineData("1K k Ki KiB kibibyte kibibytes", 1L << 10)]
    [InlineData("1M m Mi MiB mebibyte mebibytes", 1L << 20)]
    [InlineData("1G g Gi GiB gibibyte gibibytes", 1L << 30)]
    [InlineData("1T t Ti TiB tebibyte tebibytes", 1L << 40)]
    [InlineData("1P p Pi PiB pebibyte pebibytes", 1L << 50)]
    [InlineData("1E e Ei EiB exbibyte exbibytes", 1L << 60)]
    [InlineData("1.5GiB", 1536L << 20)]
    [InlineData("0.5 kB", 500L)]
    [InlineData("0YB", 0L)]
    public void A_size_has_a_number_and_a_unit(string text, long bytes)
    {
        var number = text.TakeWhile(c => !char.IsLetter(c)).ToArray();
        foreach (var unit in text[number.Length..].Split(' '))
        {
            Assert.Equal(bytes, Resolve($"a = {new string(number)}{unit}").GetSizeBytes("a"));
        }
    }

    [Theory]
    [InlineData("8")]
    [InlineData("KB")]
    [InlineData("8KB")]
    [InlineData("8 mb")]
    [InlineData("-1B")]
    [InlineData("0.1B")]
    [InlineData("1ZB")]
    [InlineData("8YiB")]
    [InlineData("9223372036854775808B")]
    [InlineData("50%")]
    public void A_size_that_is_none_is_an_error(string text) => Assert.Throws<HoconException>(() => Resolve($"a = {text}").GetSizeBytes("a"));

    [Theory]
    [InlineData("true", true)]
    [InlineData("yes", true)]
    [InlineData("on", true)]
    [InlineData("\"true\"", true)]
    [InlineData("false", false)]
    [InlineData("no", false)]
    [InlineData("off", false)]
    public void Six_words_are_truth_values(string text, bool value) => Assert.Equal(value, Resolve($"a = {text}").GetBool("a"));

    [Fact]
    public void Numbers_are_read_from_numbers_and_text()
    {
        var root = Resolve("a = 42, b = \"42\", c = 1e3, d = 0.25, e = -9223372036854775808, f = 2.0");
        Assert.Equal((42, 42, 1000, 2), (root.GetInt("a"), root.GetInt("b"), root.GetInt("c"), root.GetInt("f")));
        Assert.Equal(0.25, root.GetDouble("d"));
        Assert.Equal(long.MinValue, root.GetLong("e"));
        Assert.Equal("1e3", root.GetString("c"));
    }

    [Theory]
    [InlineData("2147483648")]
    [InlineData("1.5")]
    [InlineData("x")]
    [InlineData("08")]
    [InlineData("\"\"")]
    [InlineData("\" 1\"")]
    [InlineData("1e99")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{ 0 = 1 }")]
    public void What_is_no_whole_number_of_32_bits_is_an_error(string text) => Assert.Throws<HoconException>(() => Resolve($"a = {text}").GetInt("a"));

    [Theory]
    [InlineData("1e999")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public void A_double_is_a_finite_number(string text) => Assert.Throws<HoconException>(() => Resolve($"a = {text}").GetDouble("a"));

    [Theory]
    [InlineData("a = [x, 1, true]", new[] { "x", "1", "true" })]
    [InlineData("a.0 = x, a.1 = y", new[] { "x", "y" })]
    [InlineData("a { 2 = z, 0 = x, other = y }", new[] { "x", "z" })]
    [InlineData("a = []", new string[0])]
    public void A_list_of_strings_comes_from_a_list_or_numbered_keys(string text, string[] values) => Assert.Equal(values, Resolve(text).GetStringList("a"));

    [Theory]
    [InlineData("a = x", "test.conf:1:5: a is text, but a list is expected; write it in brackets, as in [a, b]")]
    [InlineData("a = {}", "test.conf:1:5: a is an object, but a list is expected; write it in brackets, as in [a, b]")]
    [InlineData("a { b = 1 }", "test.conf:1:3: a is an object, but a list is expected; write it in brackets, as in [a, b]")]
    [InlineData("a = [x, [y]]", "test.conf:1:9: a[1] is a list, but text is expected; write a single value")]
    [InlineData("a = [null]", "test.conf:1:6: a[0] is null, but text is expected; give it a value")]
    [InlineData("a = null", "test.conf:1:5: a is null; give it a value")]
    [InlineData("b = null", "test.conf:1:1: a is not set; give it a value")]
    public void What_is_no_list_of_strings_is_an_error_with_its_path(string text, string message) =>
        Assert.Equal(message, Assert.Throws<HoconException>(() => Resolve(text).GetStringList("a")).Message);

    [Fact]
    public void Errors_inside_an_object_name_the_whole_path()
    {
        var routes = Resolve("pipeline { routes {\n \"a.b\" { source = [] } } }").GetObject("pipeline.routes");
        var route = routes.Entries.Single();
        Assert.Equal("a.b", route.Key);
        Assert.Equal(
            "test.conf:2:19: pipeline.routes.\"a.b\".source is a list, but text is expected; write a single value",
            Assert.Throws<HoconException>(() => route.Value.AsObject().GetString("source")).Message);
        Assert.Equal(
            "test.conf:2:8: pipeline.routes.\"a.b\".target is not set; give it a value",
            Assert.Throws<HoconException>(() => route.Value.AsObject().GetString("target")).Message);
    }

    [Fact]
    public void Null_counts_as_not_set()
    {
        var root = Resolve("a = 1, a = null, b = 2");
        Assert.Null(root.Find("a"));
        Assert.False(root.TryGet("a", out _));
        Assert.False(root.TryGet("c.d", out _));
        Assert.True(root.TryGet("b", out var b));
        Assert.Equal(2, b.AsInt());
        Assert.Equal(["a", "b"], root.Keys);
    }
}
