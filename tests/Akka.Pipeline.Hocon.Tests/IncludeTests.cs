namespace Akka.Pipeline.Hocon.Tests;

/// <summary>The specification's section on includes, from memory and from disk.</summary>
public sealed class IncludeTests
{
    [Theory]
    [InlineData("include \"foo.conf\"")]
    [InlineData("include\n\n  \"foo.conf\"")]
    [InlineData("include file(\"foo.conf\")")]
    [InlineData("include file( \"foo.conf\" )")]
    [InlineData("include required(\"foo.conf\")")]
    [InlineData("include required( file( \"foo.conf\" ) )")]
    [InlineData("include \"foo\"")]
    public void Every_form_of_include_reads_the_file(string include) =>
        Assert.Equal("""{"a":1,"x":10,"b":2}""", new FilesInMemory().With("main.conf", $"a = 1\n{include}\nb = 2").With("foo.conf", "x = 10").Json("main.conf"));

    [Fact]
    public void A_name_without_extension_reads_json_before_hocon() =>
        Assert.Equal("""{"a":2,"b":1}""", new FilesInMemory().With("main.conf", "include \"foo\"").With("foo.conf", "a = 2").With("foo.json", """{"a":1,"b":1}""").Json("main.conf"));

    [Theory]
    [InlineData("include foo")]
    [InlineData("include ${foo}")]
    [InlineData("include \"a\" \"b\"")]
    [InlineData("include 42")]
    [InlineData("include")]
    [InlineData("include { a = 1 }")]
    [InlineData("include \"\"")]
    [InlineData("include file(\"foo.conf\"")]
    [InlineData("include required file(\"foo.conf\")")]
    [InlineData("include url(\"http://localhost/foo.conf\")")]
    [InlineData("include classpath(\"foo.conf\")")]
    [InlineData("include \"http://localhost/foo.conf\"")]
    public void Anything_else_after_include_is_an_error(string include) =>
        Assert.Throws<HoconException>(() => new FilesInMemory().With("main.conf", include).Resolve("main.conf"));

    [Theory]
    [InlineData("{ foo include : 42 }", """{"foo include":42}""")]
    [InlineData("{ foo : include }", """{"foo":"include"}""")]
    [InlineData("foo = [ include ]", """{"foo":["include"]}""")]
    [InlineData("{ \"include\" : 42 }", """{"include":42}""")]
    [InlineData("include.a = 42", """{"include":{"a":42}}""")]
    [InlineData("includes = 42", """{"includes":42}""")]
    public void The_word_is_special_only_at_the_start_of_a_key(string text, string json) => Assert.Equal(json, Reading.Json(text));

    [Theory]
    [InlineData("include = [\"**\"]")]
    [InlineData("include=[\"**\"]")]
    [InlineData("include : [\"**\"]")]
    [InlineData("include += \"**\"")]
    public void A_key_named_include_needs_no_quotes_where_a_separator_follows(string text) => Assert.Equal("""{"include":["**"]}""", Reading.Json(text));

    [Fact]
    public void Included_keys_stand_in_the_place_of_the_include() =>
        Assert.Equal("""{"a":{"x":2,"z":0,"y":3}}""", new FilesInMemory()
            .With("main.conf", "a { x = 1, z = 0 }\na { include \"foo.conf\" }\na.y = 3")
            .With("foo.conf", "x = 2, y = 2").Json("main.conf"));

    [Theory]
    [InlineData("{ a : { include \"foo.conf\" } }", """{"a":{"x":10,"y":10}}""")]
    [InlineData("{ a : { include \"foo.conf\" }\na : { x : 42 } }", """{"a":{"x":42,"y":42}}""")]
    [InlineData("a.b : { include \"foo.conf\" }", """{"a":{"b":{"x":10,"y":10}}}""")]
    public void A_substitution_in_an_included_file_is_relative_to_its_place(string text, string json) =>
        Assert.Equal(json, new FilesInMemory().With("main.conf", text).With("foo.conf", "{ x : 10, y : ${x} }").Json("main.conf"));

    [Fact]
    public void What_the_included_file_lacks_is_looked_up_from_each_file_around_it() =>
        Assert.Equal("""{"top":1,"a":{"middle":2,"b":{"own":3,"all":"1 2 3"}}}""", new FilesInMemory()
            .With("main.conf", "top = 1\na { include \"middle.conf\" }")
            .With("middle.conf", "middle = 2\nb { include \"inner.conf\" }")
            .With("inner.conf", "own = 3\nall = ${top} ${middle} ${own}").Json("main.conf"));

    [Fact]
    public void A_value_that_refers_to_itself_works_in_an_included_file() =>
        Assert.Equal("""{"a":{"p":"/bin:/x"}}""", new FilesInMemory().With("main.conf", "a { p = /bin\ninclude \"foo.conf\" }").With("foo.conf", "p = ${p}\":/x\"").Json("main.conf"));

    [Fact]
    public void Names_are_relative_to_the_including_file() =>
        Assert.Equal("""{"c":1}""", new FilesInMemory()
            .With("conf/main.conf", "include \"more/b.conf\"").With("conf/more/b.conf", "include file(\"c.conf\")").With("conf/more/c.conf", "c = 1").Json("conf/main.conf"));

    [Fact]
    public void A_missing_file_is_as_if_it_were_empty() =>
        Assert.Equal("""{"a":1}""", new FilesInMemory().With("main.conf", "include \"none.conf\"\na = 1").Json("main.conf"));

    [Fact]
    public void A_missing_required_file_is_an_error_at_the_include()
    {
        var error = Assert.Throws<HoconException>(() => new FilesInMemory().With("main.conf", "a {\n  include required(\"none.conf\")\n}").Resolve("main.conf"));
        Assert.Equal("main.conf:2:3: the required file 'none.conf' does not exist; create it, correct its name, or leave 'required' out", error.Message);
    }

    [Fact]
    public void A_missing_first_file_is_an_error() =>
        Assert.Equal("main.conf: there is no such file; name an existing file", Assert.Throws<HoconException>(() => new FilesInMemory().Resolve("main.conf")).Message);

    [Fact]
    public void A_circle_of_includes_is_an_error_that_shows_it()
    {
        var files = new FilesInMemory().With("a.conf", "include \"b.conf\"").With("b.conf", "x = 1\n include \"a.conf\"");
        Assert.Equal(
            "b.conf:2:2: the file includes itself: a.conf -> b.conf -> a.conf; remove one of these includes",
            Assert.Throws<HoconException>(() => files.Resolve("a.conf")).Message);
    }

    [Fact]
    public void A_list_cannot_be_included()
    {
        var files = new FilesInMemory().With("a.conf", "include \"b.conf\"").With("b.conf", "[1]");
        Assert.Equal("b.conf:1:1", Assert.Throws<HoconException>(() => files.Resolve("a.conf")).Origin.ToString());
    }

    [Fact]
    public void An_include_inside_a_list_may_not_have_substitutions()
    {
        var files = new FilesInMemory().With("a.conf", "a = [{ include \"b.conf\" }, { include \"c.conf\" }]").With("b.conf", "x = 1").With("c.conf", "y = ${x}");
        Assert.Equal("c.conf:1:5", Assert.Throws<HoconException>(() => files.Resolve("a.conf")).Origin.ToString());
        Assert.Equal("""{"a":[{"x":1},{"y":2}]}""", files.With("c.conf", "y = 2").Json("a.conf"));
    }

    [Fact]
    public void A_text_cannot_include() =>
        Reading.Fails("a = 1\ninclude \"b.conf\"", "2:1: this text cannot include files; put the include into a file");

    [Fact]
    public void Bytes_that_are_not_utf8_are_an_error_at_their_place()
    {
        var files = new FilesInMemory().With("a.conf", [.. "x = 1\ny = é"u8, 0xFF, .. "z"u8]);
        Assert.Equal("a.conf:2:6: the file is not valid UTF-8; save it as UTF-8", Assert.Throws<HoconException>(() => files.Resolve("a.conf")).Message);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error_at_the_include_even_if_it_is_not_required()
    {
        var files = new FilesInMemory().With("a.conf", "x = 1\ninclude \"b.conf\"").WithUnreadable("b.conf");
        var error = Assert.Throws<HoconException>(() => files.Resolve("a.conf"));
        Assert.Equal("a.conf:2:1: 'b.conf' cannot be read: Permission denied; make it a file that this user may read", error.Message);
        Assert.IsType<UnauthorizedAccessException>(error.InnerException);
    }

    [Fact]
    public void Files_on_disk_are_found_beside_one_another()
    {
        var folder = Directory.CreateTempSubdirectory("hocon-");
        try
        {
            var main = Path.Combine(folder.FullName, "main.conf");
            Directory.CreateDirectory(Path.Combine(folder.FullName, "more"));
            File.WriteAllText(main, "include \"more/b.conf\"\ninclude \"none/c.conf\"\ninclude required(\"more\")");
            File.WriteAllText(Path.Combine(folder.FullName, "more.conf"), "m = 3");
            File.WriteAllText(Path.Combine(folder.FullName, "more", "b.conf"), "include \"../d.conf\"\nb = 1");
            File.WriteAllText(Path.Combine(folder.FullName, "d.conf"), "d = 2");
            var root = HoconDocument.ParseFile(main, new HoconFiles()).Resolve();
            Assert.Equal("""{"d":2,"b":1,"m":3}""", Reading.Json(root));
            Assert.Equal($"{folder.FullName}/d.conf:1:5", root.Get("d").Origin.ToString());

            var error = Assert.Throws<HoconException>(() => HoconDocument.ParseFile(folder.FullName, new HoconFiles()));
            Assert.Equal($"{folder.FullName}: there is no such file; name an existing file", error.Message);
            Assert.Throws<HoconException>(() => HoconDocument.ParseFile("a\0b", new HoconFiles()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
