namespace Akka.Pipeline.Hocon.Tests;

using static Akka.Pipeline.Hocon.Tests.Reading;

/// <summary>The specification's sections "Value concatenation", "Path expressions" and "Paths as keys".</summary>
public sealed class JoiningAndPathTests
{
    [Theory]
    [InlineData(" foo bar baz ", "\"foo bar baz\"")]
    [InlineData("\"foo bar\"", "\"foo bar\"")]
    [InlineData("foo \"  \" bar", "\"foo    bar\"")]
    [InlineData("true foo", "\"true foo\"")]
    [InlineData("null and 1e5", "\"null and 1e5\"")]
    [InlineData("1 2 3 4", "\"1 2 3 4\"")]
    [InlineData("\"a\"b\"c\"", "\"abc\"")]
    [InlineData("true", "true")]
    public void Simple_values_on_a_line_are_one_text_with_the_blanks_between(string value, string json) =>
        Assert.Equal($$"""{"a":{{json}}}""", Json($"a = {value}"));

    [Theory]
    [InlineData("a : { b : 1, c : 2 }")]
    [InlineData("a : { b : 1 } { c : 2 }")]
    [InlineData("a : { b : 1 }\na : { c : 2 }")]
    [InlineData("a : { b : 7 } { b : 1, c : 2 }")]
    public void Objects_on_a_line_are_merged(string text) => Assert.Equal("""{"a":{"b":1,"c":2}}""", Json(text));

    [Theory]
    [InlineData("a : [ 1, 2, 3, 4 ]")]
    [InlineData("a : [ 1, 2 ] [ 3, 4 ]")]
    [InlineData("a : [ 1, 2 ]\na : ${a} [ 3, 4 ]")]
    [InlineData("a : [ 1, 2 ]\na : ${a}[ 3\n4 ]")]
    public void Lists_on_a_line_are_one_list(string text) => Assert.Equal("""{"a":[1,2,3,4]}""", Json(text));

    [Fact]
    public void Objects_inherit_by_joining() =>
        Assert.Equal("""{"cluster-size":6,"name":"east"}""", Json(Resolve("generic = { cluster-size = 6 }, east = ${generic} { name = \"east\" }").GetObject("east")));

    [Theory]
    [InlineData("[ 1 2 3 4 ]", "[\"1 2 3 4\"]")]
    [InlineData("[ 1\n  2\n  3\n  4 ]", "[1,2,3,4]")]
    [InlineData("[ [ 1, 2 ] [ 3, 4 ] ]", "[[1,2,3,4]]")]
    [InlineData("[ [ 1, 2 ]\n [ 3, 4 ] ]", "[[1,2],[3,4]]")]
    [InlineData("[ my name is ${name}, Hello ${world} ]", "[\"my name is N\",\"Hello W\"]")]
    [InlineData("[ ${name} ${world}, ${one} ${one} ]", "[\"N W\",[1,1]]")]
    public void Blanks_never_part_the_elements_of_a_list(string value, string json) =>
        Assert.Equal($$"""{"name":"N","world":"W","one":[1],"a":{{json}}}""", Json($"name = N, world = W, one = [1], a = {value}"));

    [Theory]
    [InlineData("a = [1] {b = 1}", "1:9: an object stands beside a list on one line; put them on lines of their own, or a comma between them")]
    [InlineData("a = [1] x", "1:9: text stands beside an object or a list on one line; put them on lines of their own, or a comma between them")]
    [InlineData("a = {} x", "1:8: text stands beside an object or a list on one line; put them on lines of their own, or a comma between them")]
    [InlineData("o = {}, a = ${o} x", "1:18: text stands beside an object or a list on one line; put them on lines of their own, or a comma between them")]
    [InlineData("o = [], a = ${o}\" \"${o}", "1:17: text stands beside an object or a list on one line; put them on lines of their own, or a comma between them")]
    public void Different_kinds_cannot_be_joined(string text, string message) => Fails(text, message);

    [Theory]
    [InlineData("10.0foo", new[] { "10", "0foo" })]
    [InlineData("foo10.0", new[] { "foo10", "0" })]
    [InlineData("foo\"10.0\"", new[] { "foo10.0" })]
    [InlineData("1.2.3", new[] { "1", "2", "3" })]
    [InlineData("foo.bar.\"hello.world\"", new[] { "foo", "bar", "hello.world" })]
    [InlineData("a.\"\".b", new[] { "a", "", "b" })]
    [InlineData("\"\"", new[] { "" })]
    [InlineData("a b c", new[] { "a b c" })]
    [InlineData("true", new[] { "true" })]
    public void A_path_expression_is_split_at_unquoted_dots(string expression, string[] keys)
    {
        Assert.Equal(keys, HoconPath.Parse(expression));
        Assert.Equal(keys, HoconPath.Parse(HoconPath.Join(keys)));
        Assert.Equal("v", Resolve($"{expression} = v").GetString(expression));
        Assert.Equal("v", Resolve($"{expression} = v, x = ${{{expression}}}").GetString("x"));
    }

    [Theory]
    [InlineData("a..b = 1", "1:3: a path has an empty key; remove the extra '.', or write \"\" for a key that is empty")]
    [InlineData(".a = 1", "1:1: a path has an empty key; remove the extra '.', or write \"\" for a key that is empty")]
    [InlineData("a. = 1", "1:4: a path has an empty key; remove the extra '.', or write \"\" for a key that is empty")]
    [InlineData("a = ${b.}", "1:9: a path has an empty key; remove the extra '.', or write \"\" for a key that is empty")]
    public void An_empty_key_has_to_be_quoted(string text, string message) => Fails(text, message);

    [Theory]
    [InlineData("foo.bar : 42", """{"foo":{"bar":42}}""")]
    [InlineData("foo.bar.baz : 42", """{"foo":{"bar":{"baz":42}}}""")]
    [InlineData("a.x : 42, a.y : 43", """{"a":{"x":42,"y":43}}""")]
    [InlineData("a b c : 42", """{"a b c":42}""")]
    [InlineData("true : 42", """{"true":42}""")]
    [InlineData("3 : 42", """{"3":42}""")]
    [InlineData("3.14 : 42", """{"3":{"14":42}}""")]
    [InlineData("a.b { c.d = 1 }", """{"a":{"b":{"c":{"d":1}}}}""")]
    [InlineData("\"a.b\" = 1", """{"a.b":1}""")]
    [InlineData("a = [{b.c = 1}]", """{"a":[{"b":{"c":1}}]}""")]
    public void A_path_as_a_key_makes_objects(string text, string json) => Assert.Equal(json, Json(text));
}
