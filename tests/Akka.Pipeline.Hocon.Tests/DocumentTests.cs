namespace Akka.Pipeline.Hocon.Tests;

using static Akka.Pipeline.Hocon.Tests.Reading;

/// <summary>Documents over one another, origins, the list of all values, and suggestions.</summary>
public sealed class DocumentTests
{
    private static HoconDocument Parse(string text, string name = "test.conf") => HoconDocument.ParseText(text, name);

    [Fact]
    public void A_value_between_two_objects_hides_the_lower_one() =>
        Assert.Equal("""{"a":{"x":1}}""", Json(Parse("a : { x : 1 }").WithFallback(Parse("a : 42")).WithFallback(Parse("a : { y : 2 }")).Resolve()));

    [Fact]
    public void Neighbouring_objects_merge_and_the_value_below_is_hidden() =>
        Assert.Equal("""{"a":{"y":2,"x":1}}""", Json(Parse("a : { x : 1 }").WithFallback(Parse("a : { y : 2 }")).WithFallback(Parse("a : 42")).Resolve()));

    [Fact]
    public void It_does_not_matter_which_fallbacks_are_put_together_first()
    {
        var (a, b, c) = (Parse("k = 1, a.x = 1"), Parse("k = 2, a = 42"), Parse("k = 3, a.y = 2"));
        Assert.Equal(Json(a.WithFallback(b).WithFallback(c).Resolve()), Json(a.WithFallback(b.WithFallback(c)).Resolve()));
    }

    [Fact]
    public void Substitutions_see_the_final_document_from_either_side()
    {
        var reference = Parse("base = /ref, path = ${base}/x, list = [1]", "reference.conf");
        var file = Parse("base = /file, mine = ${path}/y, list = ${list} [2]", "file.conf");
        Assert.Equal("""{"base":"/file","path":"/file/x","list":[1,2],"mine":"/file/x/y"}""", Json(file.WithFallback(reference).Resolve()));
    }

    [Fact]
    public void An_undefined_optional_value_lets_the_fallback_through() =>
        Assert.Equal(60, Parse("interval = ${?S3_UPLOAD_INTERVAL}").WithFallback(Parse("interval = 60")).Resolve().GetInt("interval"));

    [Fact]
    public void Null_erases_what_the_fallback_says() =>
        Assert.Equal("""{"a":{"y":2}}""", Json(Parse("a = null, a = { y = 2 }").WithFallback(Parse("a.x = 1")).Resolve()));

    [Fact]
    public void An_empty_document_changes_nothing() =>
        Assert.Equal("""{"a":1}""", Json(HoconDocument.Empty.WithFallback(Parse("a = 1")).WithFallback(HoconDocument.Empty).Resolve()));

    [Fact]
    public void Resolving_an_empty_document_gives_no_keys() => Assert.Empty(HoconDocument.Empty.Resolve().Keys);

    [Fact]
    public void Pairs_keep_their_origin_and_are_never_parsed()
    {
        var flags = HoconDocument.FromPairs([("a.b", "old", "environment A"), ("a.b", "${x} # [", "flag --b"), ("c.\"d.e\"", "60", "flag --c")]);
        var root = flags.WithFallback(Parse("a { b = 1, z = 2 }")).Resolve();
        Assert.Equal("${x} # [", root.GetString("a.b"));
        Assert.Equal(60, root.GetInt("c.\"d.e\""));
        Assert.Equal("flag --b", root.Get("a.b").Origin.ToString());
        Assert.Equal("test.conf:1:12", root.Get("a.z").KeyOrigin.ToString());
        Assert.Equal("flag --c: c.\"d.e\" is '60', which is not a duration, since it has no unit; write a number and a unit: ns, us, ms, s, m, h, d or w, as in 60s",
            Assert.Throws<HoconException>(() => root.GetDuration("c.\"d.e\"")).Message);
    }

    [Fact]
    public void A_pair_with_a_wrong_path_is_an_error_at_its_origin() =>
        Assert.Equal("flag --x: a path has an empty key; remove the extra '.', or write \"\" for a key that is empty",
            Assert.Throws<HoconException>(() => HoconDocument.FromPairs([("a..b", "1", "flag --x")])).Message);

    [Fact]
    public void Every_value_and_key_knows_its_line_and_column()
    {
        var root = Resolve("# first\r\na {\r\n\tb.c = \"x\"\n  \"😀\" = 1, d = [ 1,\n 2 ]\n}\ne = ${a.b.c}");
        Assert.Equal(
            [
                "a.b.c key test.conf:3:4 value test.conf:3:8",
                "a.\"😀\" key test.conf:4:3 value test.conf:4:9",
                "a.d key test.conf:4:12 value test.conf:4:16",
                "e key test.conf:7:1 value test.conf:3:8",
            ],
            root.Leaves().Select(leaf => $"{leaf.Path} key {leaf.KeyOrigin} value {leaf.Origin}"));
        Assert.Equal("test.conf:5:2", root.GetList("a.d")[1].Origin.ToString());
        Assert.Equal("test.conf:2:3", root.GetObject("a").Origin.ToString());
    }

    [Fact]
    public void Of_a_merged_object_the_part_that_wins_gives_the_origin()
    {
        var root = Parse("\na { x = 1 }", "file.conf").WithFallback(Parse("a { y = 2 }", "reference.conf")).Resolve();
        Assert.Equal("file.conf:2:3", root.GetObject("a").Origin.ToString());
        Assert.Equal("file.conf:2:1", root.Get("a").KeyOrigin.ToString());
        Assert.Equal("reference.conf:1:5", root.Get("a.y").KeyOrigin.ToString());
    }

    [Fact]
    public void All_values_are_listed_in_order_also_null_and_empty_objects() =>
        Assert.Equal(["a.b", "a.c", "a.d", "e", "f"], Resolve("a { b = 1, c {}, d = null }, e = [{ x = 1 }], f = 2").Leaves().Select(leaf => leaf.Path));

    [Theory]
    [InlineData("scan-intervall", "scan-interval")]
    [InlineData("scan_interval", "scan-interval")]
    [InlineData("scanInterval", "scan-interval")]
    [InlineData("sacn-interval", "scan-interval")]
    [InlineData("Source", "source")]
    [InlineData("soruce", "source")]
    [InlineData("targe", "target")]
    [InlineData("frobnicate", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void The_nearest_key_is_suggested_only_when_it_is_near(string name, string? expected) =>
        Assert.Equal(expected, KeySuggestion.Nearest(name, ["scan-interval", "source", "target", "a"]));

    [Fact]
    public void Two_swapped_characters_are_one_edit() => Assert.Equal("ab", KeySuggestion.Nearest("ba", ["ab"]));
}
