namespace Akka.Pipeline.Hocon.Tests;

using static Akka.Pipeline.Hocon.Tests.Reading;

/// <summary>The specification's sections on substitutions.</summary>
public sealed class SubstitutionTests
{
    [Theory]
    [InlineData("animal.favorite = cat, key : ${animal.favorite} is my favorite animal")]
    [InlineData("key : ${animal.favorite}\" is my favorite animal\"\nanimal.favorite = cat")]
    public void A_substitution_is_joined_with_the_text_around_it(string text) =>
        Assert.Equal("cat is my favorite animal", Resolve(text).GetString("key"));

    [Fact]
    public void A_substitution_inside_quotes_is_text() => Assert.Equal("${a}", Resolve("a = 1, b = \"${a}\"").GetString("b"));

    [Theory]
    [InlineData("x = 1", "1")]
    [InlineData("x = true", "true")]
    [InlineData("x = null", "null")]
    [InlineData("x = [1, 2]", "[1,2]")]
    [InlineData("x = { y = 1 }", "{\"y\":1}")]
    [InlineData("x = text", "\"text\"")]
    public void A_substitution_alone_keeps_the_type(string text, string json) => Assert.Equal(json, Json($"a = ${{x}}, {text}")[5..^(json.Length + 6)]);

    [Fact]
    public void A_substitution_sees_the_last_value_even_if_it_comes_later() => Assert.Equal("""{"a":3,"b":3}""", Json("a = 1, b = ${a}, a = 2, a = 3"));

    [Fact]
    public void What_the_document_lacks_comes_from_the_environment_and_names_it()
    {
        var root = Resolve("a = ${HOME}, b = ${?HOME}\"/x\", c = ${EMPTY}", name => name switch { "HOME" => "/root", "EMPTY" => "", _ => null });
        Assert.Equal("""{"a":"/root","b":"/root/x","c":""}""", Json(root));
        Assert.Equal("environment HOME", root.Get("a").Origin.ToString());
        Assert.Equal("test.conf:1:1", root.Get("a").KeyOrigin.ToString());
    }

    [Fact]
    public void The_document_wins_over_the_environment_even_with_null() =>
        Assert.Equal("""{"HOME":null,"a":null,"b":"null/x"}""", Json("HOME = null, a = ${HOME}, b = ${HOME}/x", _ => "/root"));

    [Theory]
    [InlineData("a = ${b.c}", "1:5: ${b.c} names nothing: neither the configuration nor the environment has it; set it, or write ${?b.c} if it may be missing")]
    [InlineData("\n  a = [ 1, x ${b} ]", "2:14: ${b} names nothing: neither the configuration nor the environment has it; set it, or write ${?b} if it may be missing")]
    public void An_undefined_substitution_is_an_error_at_its_place(string text, string message) => Fails(text, message);

    [Theory]
    [InlineData("foo : ${?bar}", "{}")]
    [InlineData("foo : ${?bar}${?baz}", "{}")]
    [InlineData("foo : ${?bar} ${?baz}", "{}")]
    [InlineData("foo : 1, foo : ${?bar}", """{"foo":1}""")]
    [InlineData("foo : { a = 1 }, foo : ${?bar}, foo : { b = 2 }", """{"foo":{"a":1,"b":2}}""")]
    [InlineData("foo : [ 1, ${?bar}, 2 ]", """{"foo":[1,2]}""")]
    [InlineData("foo : x${?bar}y", """{"foo":"xy"}""")]
    [InlineData("foo : ${?bar} [ 1 ]", """{"foo":[1]}""")]
    [InlineData("foo : { a = 1 } ${?bar}", """{"foo":{"a":1}}""")]
    public void An_undefined_optional_substitution_leaves_nothing(string text, string json) => Assert.Equal(json, Json(text));

    [Theory]
    [InlineData("a = ${ ?b }")]
    [InlineData("a = ${b${c}}")]
    [InlineData("${a} = 1")]
    [InlineData("a = ${")]
    [InlineData("a = ${}")]
    [InlineData("a = ${b\n}")]
    [InlineData("a = $b")]
    public void A_malformed_substitution_is_an_error(string text) => Error(text);

    [Theory]
    [InlineData("path : \"a:b:c\"\npath : ${path}\":d\"", """{"path":"a:b:c:d"}""")]
    [InlineData("path = [ /bin ]\npath = ${path} [ /usr/bin ]", """{"path":["/bin","/usr/bin"]}""")]
    [InlineData("a = 1, a = ${a}2, a = ${a}3", """{"a":"123"}""")]
    [InlineData("foo : { a : 1 }, foo : ${foo}", """{"foo":{"a":1}}""")]
    [InlineData("foo : ${?foo}", "{}")]
    [InlineData("a = ${?a}foo", """{"a":"foo"}""")]
    [InlineData("foo : ${does-not-exist}, foo : 42", """{"foo":42}""")]
    [InlineData("foo : ${foo}, foo : 42", """{"foo":42}""")]
    [InlineData("foo : { a : { c : 1 } }\nfoo : ${foo.a}\nfoo : { a : 2 }", """{"foo":{"a":2,"c":1}}""")]
    [InlineData("x.y = [1], x.y = ${x.y} [2], x { y = ${x.y} [3] }", """{"x":{"y":[1,2,3]}}""")]
    public void A_value_that_refers_to_itself_sees_what_was_there_before(string text, string json) => Assert.Equal(json, Json(text));

    [Theory]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }", """{"bar":{"foo":42,"baz":42}}""")]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }\nbar : { foo : 43 }", """{"bar":{"foo":43,"baz":43}}""")]
    [InlineData("bar : { a : ${foo.d}, b : 1 }\nbar.b = 3\nfoo : { c : ${bar.b}, d : 2 }\nfoo.d = 4", """{"bar":{"a":4,"b":3},"foo":{"c":3,"d":4}}""")]
    public void Objects_may_refer_into_themselves_and_one_another(string text, string json) => Assert.Equal(json, Json(text));

    [Theory]
    [InlineData("foo : ${foo}", "1:7: ${foo} leads back to the value that it stands in, and there is no earlier one; give the key a value before this line, or name another key")]
    [InlineData("foo : ${foo}\nfoo : { a : 1 }", "1:7: ${foo} leads back to the value that it stands in, and there is no earlier one; give the key a value before this line, or name another key")]
    [InlineData("bar : ${foo}\nfoo : ${bar}", "2:7: ${bar} leads back to the value that it stands in, and there is no earlier one; give the key a value before this line, or name another key")]
    [InlineData("a : ${b}\nb : ${c}\nc : ${a}", "3:5: ${a} leads back to the value that it stands in, and there is no earlier one; give the key a value before this line, or name another key")]
    [InlineData("a : { b : ${a} }", "1:11: a value contains itself; break the circle of substitutions")]
    [InlineData("a : [${a}]", "1:6: a value contains itself; break the circle of substitutions")]
    [InlineData("a : { b : ${a} { c : 1 } }", "1:11: a value contains itself; break the circle of substitutions")]
    [InlineData("a : [ 1, ${a} [ 2 ] ]", "1:10: a value contains itself; break the circle of substitutions")]
    public void A_circle_is_an_error(string text, string message) => Fails(text, message);

    [Fact]
    public void An_optional_circle_is_as_if_nothing_were_there() => Assert.Equal("""{"a":{"c":1,"b":2}}""", Json("a : { c : 1, b : 2, b : ${?a} }"));

    [Fact]
    public void Two_values_that_refer_to_one_another_over_earlier_ones_become_the_same()
    {
        var root = Resolve("a : 1\nb : 2\na : ${b}\nb : ${a}");
        Assert.Equal(root.GetInt("a"), root.GetInt("b"));
    }

    [Fact]
    public void A_repeated_object_keeps_the_values_that_it_had_in_its_own_place() =>
        Assert.Equal("""{"x":"12","y":1}""", Json(Resolve("a = { x = 1 }, a = { x = ${a.x}2 }, d = ${a} { y = 1 }").GetObject("d")));

    [Theory]
    [InlineData("a += b", """{"a":["b"]}""")]
    [InlineData("a = [1], a += 2, a += 3", """{"a":[1,2,3]}""")]
    [InlineData("a = ${?a} [b], a += c", """{"a":["b","c"]}""")]
    [InlineData("x { a += 1 }, x.a += { b = 2 }", """{"x":{"a":[1,{"b":2}]}}""")]
    [InlineData("a += [1], a += ${?none}", """{"a":[[1]]}""")]
    [InlineData("a.0 = x, a += y", """{"a":["x","y"]}""")]
    [InlineData("base { l = [1] }, a = ${base} { l += 2 }", """{"base":{"l":[1]},"a":{"l":[1,2]}}""")]
    public void Plus_equals_appends_an_element(string text, string json) => Assert.Equal(json, Json(text));

    [Fact]
    public void Plus_equals_on_something_that_is_no_list_is_an_error() =>
        Fails("a = 1\na += 2", "2:1: '+=' appends to a list, but the value before it (test.conf:1:5) is none; use '=', or make the earlier value a list");

    [Fact]
    public void Plus_equals_appends_to_the_list_of_a_fallback()
    {
        var root = HoconDocument.ParseText("a += 2", "file").WithFallback(HoconDocument.ParseText("a = [1]", "reference")).Resolve();
        Assert.Equal("""{"a":[1,2]}""", Json(root));
    }

    [Fact]
    public void Thousands_of_appends_are_no_deep_recursion() =>
        Assert.Equal(20_000, Resolve(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"a += {i}\n"))).GetList("a").Count);

    [Theory]
    [InlineData("o { \"0\" = a, \"1\" = b }, l = ${o} [c]", """["a","b","c"]""")]
    [InlineData("o { 2 = b, 10 = c, 0 = a, x = y }, l = [] ${o}", """["a","b","c"]""")]
    public void An_object_with_numbers_for_keys_joins_as_a_list(string text, string json) => Assert.Contains("\"l\":" + json, Json(text), StringComparison.Ordinal);
}
