namespace Akka.Pipeline.Sandbox.Tests;

using System.Text;
using Akka.Pipeline.Sandbox.Store;

public sealed class KeyPathTests
{
    [Theory]
    [InlineData("a/b c.txt", "a/b c.txt")]
    [InlineData("a//b", "a/%_/b")]
    [InlineData("/a/", "%_/a/%_")]
    [InlineData("../../etc", "%2E%2E/%2E%2E/etc")]
    [InlineData(".", "%2E")]
    [InlineData("...", "...")]
    [InlineData("50%d", "50%25d")]
    [InlineData("nul\0new\n", "nul%00new%0A")]
    [InlineData("é😀", "é😀")]
    public void A_key_has_the_documented_path(string key, string path)
    {
        Assert.Equal(path, string.Join('/', KeyPath.Components(key)));
        Assert.Equal(key, KeyPath.ToKey(path));
    }

    [Theory]
    [InlineData("a%d/b", "a/b")]
    [InlineData("a/b%f", "a/b")]
    [InlineData("%_%d/b", "/b")]
    [InlineData("a%zz", null)]
    [InlineData("abc%+", null)]
    public void Marks_for_clashes_are_read_back(string path, string? key) => Assert.Equal(key, KeyPath.ToKey(path));

    [Fact]
    public void Any_key_comes_back_from_a_path_that_a_file_system_can_hold()
    {
        const int Seed = 20261120;
        var random = new Random(Seed);
        string[] pieces = ["/", ".", "..", "%", "%2E", "a", "é", "😀", "\0", "\u007F", "%d", "%f", "%+", "%_", " ", "\\", "\uFFFF"];
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var run = 0; run < 5000; run++)
        {
            var key = new StringBuilder();
            while (key.Length < random.Next(1, 400))
            {
                key.Append(pieces[random.Next(pieces.Length)]).Append(random.Next(4) == 0 ? new string('x', random.Next(300)) : "");
            }

            var names = KeyPath.Components(key.ToString());
            Assert.All(names, name =>
            {
                Assert.InRange(Encoding.UTF8.GetByteCount(name + KeyPath.FolderMark), 1, 255);
                Assert.DoesNotContain(name, new[] { ".", ".." });
                Assert.DoesNotContain('\0', name);
            });
            var path = string.Join('/', names);
            Assert.Equal(key.ToString(), KeyPath.ToKey(path));
            Assert.True(paths.TryAdd(path, key.ToString()) || paths[path] == key.ToString(), $"Two keys share the path {path}; seed {Seed}.");
        }
    }
}
