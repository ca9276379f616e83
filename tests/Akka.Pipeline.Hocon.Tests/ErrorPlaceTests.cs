namespace Akka.Pipeline.Hocon.Tests;

using static Akka.Pipeline.Hocon.Tests.Reading;

/// <summary>Errors name the place, the thing and the cure.</summary>
public sealed class ErrorPlaceTests
{
    [Theory]
    [InlineData("routes {\n  shots {\n    source = }\n}", "3:14: expected a value after '=' but found '}'; give routes.shots.source a value or remove the key")]
    [InlineData("a = ", "1:5: expected a value after '=' but found the end of the text; give a a value or remove the key")]
    [InlineData("a =\n\n, b = 1", "3:1: expected a value after '=' but found ','; give a a value or remove the key")]
    [InlineData("a += ]", "1:6: expected a value after '+=' but found ']'; give a a value or remove the key")]
    [InlineData("foo\nbar = 1", "1:1: the key foo has no value: expected '=', ':' or '{' after it but found 'b'; write key = value")]
    [InlineData("a { foo }", "1:5: the key a.foo has no value: expected '=', ':' or '{' after it but found '}'; write key = value")]
    [InlineData("a = 1 = 2", "1:7: '=' cannot stand in unquoted text; put the value in double quotes")]
    [InlineData("target = s3://bucket", "1:12: ':' cannot stand in unquoted text; put the value in double quotes")]
    [InlineData("include = [**/*.exr]", "1:12: '*' cannot stand in unquoted text; put the value in double quotes")]
    [InlineData("a*b = 1", "1:2: '*' cannot stand in an unquoted key; put the key in double quotes")]
    [InlineData("[a] = 1\n", "1:1: the text is a list, but keys with values are expected; remove the brackets and name a key for it")]
    [InlineData("a = [1, 2", "1:5: '[' is never closed; close it with ']'")]
    [InlineData("a = [1, 2}", "1:10: expected ',', ']' or a new line after the element but found '}'; remove it, or open it before")]
    [InlineData("a = {b = 1]", "1:11: expected ',', '}' or a new line after the field but found ']'; remove it, or open it before")]
    [InlineData("a = \"x\ny\"", "1:5: a quoted text has no end on its line; close it with '\"', or use \"\"\" for a text of several lines")]
    [InlineData("a = \"x", "1:5: a quoted text has no end on its line; close it with '\"', or use \"\"\" for a text of several lines")]
    [InlineData("a = \"\"\"x\n\n", "1:5: a text that begins with \"\"\" has no end; close it with \"\"\"")]
    [InlineData("a = \"x\ty\"", "1:7: the control character U+0009 stands in a quoted text; write it as \\u0009, or use \"\"\"")]
    [InlineData("a = \"x\\q\"", "1:7: a backslash before 'q' means nothing; write \\\\ for a backslash; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")]
    [InlineData("a = \"\\u12g4\"", "1:6: \\u needs four hexadecimal digits; write for example \\u00e9")]
    [InlineData("a = ${b", "1:5: a substitution has no end; close it with '}'")]
    [InlineData("a = ${}", "1:5: a substitution names nothing; write ${path}")]
    [InlineData("${a} = 1", "1:1: a substitution stands in a key or in another substitution; write the path out")]
    public void The_message_is_exactly(string text, string message) => Fails(text, message);

    [Fact]
    public void The_parts_of_the_message_are_at_hand()
    {
        var error = Error("\n a = }");
        Assert.Equal(new HoconOrigin("test.conf", 2, 6), error.Origin);
        Assert.Equal($"{error.Origin}: {error.Problem}; {error.Cure}", error.Message);
    }

    [Fact]
    public void Control_characters_and_long_texts_do_not_reach_messages()
    {
        var message = Error($"a.\"\u001b[31m{new string('x', 1000)}\" = }}").Message;
        Assert.DoesNotContain('\u001b', message);
        Assert.InRange(message.Length, 10, 300);
    }
}
