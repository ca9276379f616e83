namespace Akka.Pipeline.Hocon.Tests;

using static Akka.Pipeline.Hocon.Tests.Reading;

/// <summary>The specification's sections from "Unchanged from JSON" to "Multi-line strings", example by example.</summary>
public sealed class SyntaxTests
{
    [Theory]
    [InlineData("""{ "a" : 1, "b" : [ true, null, "x" ] }""", """{"a":1,"b":[true,null,"x"]}""")]
    [InlineData("{\"a\"\n:\n1\n,\n\"b\"\n:\n{\n}\n}", """{"a":1,"b":{}}""")]
    [InlineData("a = [1, -2.5, 1e5, 1E+5, -0, 1e-3]", """{"a":[1,-2.5,1e5,1E+5,-0,1e-3]}""")]
    public void Json_means_the_same_as_in_json(string text, string json) => Assert.Equal(json, Json(text));

    [Fact]
    public void All_json_escapes_are_decoded() =>
        Assert.Equal("\"\\/\b\f\n\r\té€", Resolve(@"a = ""\""\\\/\b\f\n\r\t\u00e9\u20AC""").GetString("a"));

    [Theory]
    [InlineData("a = 1 # one\n# two\nb = 2")]
    [InlineData("a = 1 // one\n// two\nb = 2")]
    [InlineData("//\n#\na = //x\n1#\nb = 2//")]
    public void Comments_are_ignored_up_to_the_end_of_the_line(string text) => Assert.Equal("""{"a":1,"b":2}""", Json(text));

    [Fact]
    public void A_comment_sign_inside_quotes_is_text() => Assert.Equal("""{"a":"x # y // z"}""", Json("a = \"x # y // z\""));

    [Theory]
    [InlineData("a = 1")]
    [InlineData("{ a = 1 }")]
    [InlineData("\n # comment\n { a = 1 } // end\n")]
    [InlineData("\uFEFFa = 1")]
    public void The_outer_braces_may_be_left_out(string text) => Assert.Equal("""{"a":1}""", Json(text));

    [Theory]
    [InlineData("")]
    [InlineData(" \n # nothing")]
    [InlineData("{}")]
    public void An_empty_text_is_an_empty_object(string text) => Assert.Equal("{}", Json(text));

    [Theory]
    [InlineData("a = 1 }", "1:7: a '}' closes nothing; remove it, or open a '{' before it")]
    [InlineData("a = 1\n}", "2:1: a '}' closes nothing; remove it, or open a '{' before it")]
    [InlineData("{ a = 1", "1:1: '{' is never closed; close it with '}'")]
    [InlineData("{ a = 1 } }", "1:11: '}' follows the end of the outermost object; remove it, or the '}' before it that closes too much")]
    [InlineData("[1]", "1:1: the text is a list, but keys with values are expected; remove the brackets and name a key for it")]
    public void Braces_have_to_be_balanced(string text, string message) => Fails(text, message);

    [Theory]
    [InlineData("a : 1")]
    [InlineData("a = 1")]
    [InlineData("a=1")]
    [InlineData("a\n=\n1")]
    public void Colon_and_equals_mean_the_same(string text) => Assert.Equal("""{"a":1}""", Json(text));

    [Theory]
    [InlineData("\"foo\" {}")]
    [InlineData("foo{}")]
    [InlineData("foo : {}")]
    public void A_separator_may_be_left_out_before_a_brace(string text) => Assert.Equal("""{"foo":{}}""", Json(text));

    [Theory]
    [InlineData("a = [1,2,3,]")]
    [InlineData("a = [1\n2\n3]")]
    [InlineData("a = [1,2,3]")]
    [InlineData("a = [1\n,2,\n3\n,\n]")]
    public void A_newline_is_as_good_as_a_comma_and_one_last_comma_is_ignored(string text) => Assert.Equal("""{"a":[1,2,3]}""", Json(text));

    [Theory]
    [InlineData("a = 1, b = 2,")]
    [InlineData("a = 1\nb = 2")]
    [InlineData("{a = 1\n,\nb = 2,}")]
    public void Fields_follow_the_same_rule(string text) => Assert.Equal("""{"a":1,"b":2}""", Json(text));

    [Theory]
    [InlineData("a = [1,2,3,,]", "1:12: two commas in a row; remove one")]
    [InlineData("a = [,1,2,3]", "1:6: expected a value in a list but found ','; remove the extra character, or write a value before it")]
    [InlineData("a = [1,,2,3]", "1:8: two commas in a row; remove one")]
    [InlineData("a = 1,,b = 2", "1:7: two commas in a row; remove one")]
    [InlineData(",a = 1", "1:1: expected a key but found ','; write a key before it, or remove it")]
    public void More_commas_are_an_error(string text, string message) => Fails(text, message);

    [Theory]
    [InlineData(0x20)]
    [InlineData(0xA0)]
    [InlineData(0x2007)]
    [InlineData(0x202F)]
    [InlineData(0x2028)]
    [InlineData(0x2029)]
    [InlineData(0x3000)]
    [InlineData(0x09)]
    [InlineData(0x0B)]
    [InlineData(0x0C)]
    [InlineData(0x0D)]
    [InlineData(0x1C)]
    [InlineData(0x1D)]
    [InlineData(0x1E)]
    [InlineData(0x1F)]
    [InlineData(0xFEFF)]
    public void Every_whitespace_of_the_specification_is_whitespace(int c)
    {
        var blank = (char)c;
        Assert.Equal("""{"a":"x"}""", Json($"{blank}a{blank}={blank}x{blank}"));
    }

    [Fact]
    public void Only_the_ascii_newline_ends_a_value() => Assert.Equal("a\u2028b\rc", Resolve("x = a\u2028b\rc\r\n").GetString("x"));

    [Theory]
    [InlineData("""{ "foo" : { "a" : 42 }, "foo" : { "b" : 43 } }""", """{"foo":{"a":42,"b":43}}""")]
    [InlineData("""{ "foo" : { "a" : 42 }, "foo" : null, "foo" : { "b" : 43 } }""", """{"foo":{"b":43}}""")]
    [InlineData("foo = 1, foo = 2", """{"foo":2}""")]
    [InlineData("foo = { a = 1 }, foo = 2", """{"foo":2}""")]
    [InlineData("foo = { a = { x = 1, y = 2 } }, foo = { a = { y = 3, z = 4 } }", """{"foo":{"a":{"x":1,"y":3,"z":4}}}""")]
    [InlineData("foo = [1], foo = [2]", """{"foo":[2]}""")]
    public void Later_keys_win_and_objects_merge(string text, string json) => Assert.Equal(json, Json(text));

    [Theory]
    [InlineData("truefoo", "\"truefoo\"")]
    [InlineData("footrue", "\"footrue\"")]
    [InlineData("10.0bar", "\"10.0bar\"")]
    [InlineData("bar10.0", "\"bar10.0\"")]
    [InlineData("output/s3", "\"output/s3\"")]
    [InlineData("2026-11-20", "\"2026-11-20\"")]
    [InlineData("include", "\"include\"")]
    [InlineData("true", "true")]
    [InlineData("10.0", "10.0")]
    [InlineData("null", "null")]
    [InlineData("\"true\"", "\"true\"")]
    [InlineData("(a)", "\"(a)\"")]
    [InlineData("x//y", "\"x\"")]
    public void Unquoted_text_is_a_string_unless_all_of_it_is_something_else(string value, string json) =>
        Assert.Equal($$"""{"a":{{json}}}""", Json($"a = {value}"));

    [Theory]
    [InlineData('$')]
    [InlineData(':')]
    [InlineData('=')]
    [InlineData('+')]
    [InlineData('`')]
    [InlineData('^')]
    [InlineData('?')]
    [InlineData('!')]
    [InlineData('@')]
    [InlineData('*')]
    [InlineData('&')]
    [InlineData('\\')]
    public void A_reserved_character_needs_quotes(char c)
    {
        Fails($"a = x{c}y", $"1:6: '{c}' cannot stand in unquoted text; put the value in double quotes");
        Assert.Equal("x y", Resolve("a = \"x y\"").GetString("a"));
    }

    [Theory]
    [InlineData("\"\"\"foo\"\"\"", "foo")]
    [InlineData("\"\"\"foo\"\"\"\"", "foo\"")]
    [InlineData("\"\"\"\"foo\"\"\"\"\"", "\"foo\"\"")]
    [InlineData("\"\"\"a\n  b\\n\\u00e9 ${x} # y\n\"\"\"", "a\n  b\\n\\u00e9 ${x} # y\n")]
    [InlineData("\"\"\"\"\"\"", "")]
    [InlineData("\"\"", "")]
    public void Text_in_three_quotes_is_taken_unchanged(string text, string value) => Assert.Equal(value, Resolve($"a = {text}").GetString("a"));
}
