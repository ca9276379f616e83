namespace Akka.Pipeline.Storage.Tests.Sources;

using System.Diagnostics;
using Akka.Pipeline.Storage.Sources;

public sealed class Globs
{
    [Theory]
    [InlineData("**", "a", true)]
    [InlineData("**", "a/b/.c", true)]
    [InlineData("*", "a/b/c", true)]
    [InlineData("*.txt", "a/b/c.txt", true)]
    [InlineData("*.txt", "a/b/c.txt/d", false)]
    [InlineData("*.txt", "a/b/c.TXT", false)]
    [InlineData("/*.txt", "c.txt", true)]
    [InlineData("/*.txt", "a/c.txt", false)]
    [InlineData("a/*.txt", "a/c.txt", true)]
    [InlineData("a/*.txt", "a/b/c.txt", false)]
    [InlineData("a/*.txt", "b/a/c.txt", false)]
    [InlineData("a/**", "a/b", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "a", false)]
    [InlineData("a/", "a/b/c", true)]
    [InlineData("a/", "a", false)]
    [InlineData("**/a/**", "a/b", true)]
    [InlineData("**/a/**", "x/y/a/b/c", true)]
    [InlineData("**/a/**", "x/y/b", false)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("a/**/z", "a/b/c/y", false)]
    [InlineData("a/**/b/**/z", "a/b/b/x/z", true)]
    [InlineData("a/**/b/**/z", "a/x/z", false)]
    [InlineData("?", "a/x", true)]
    [InlineData("?", "a/🎉", true)]
    [InlineData("?", "a/xy", false)]
    [InlineData("??", "🎉", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[a-c]x", "dx", false)]
    [InlineData("[!a-c]x", "dx", true)]
    [InlineData("[^a-c]x", "ax", false)]
    [InlineData("[]]x", "]x", true)]
    [InlineData("[a-]x", "-x", true)]
    [InlineData("[🎉-🎏]", "🎊", true)]
    [InlineData("*.{jpg,png}", "x/p.png", true)]
    [InlineData("*.{jpg,png}", "x/p.gif", false)]
    [InlineData("{a,b/{c,d}}/*", "b/d/f", true)]
    [InlineData("{a,b/{c,d}}/*", "b/f", false)]
    [InlineData("x{,.bak}", "x.bak", true)]
    [InlineData("x{,.bak}", "x", true)]
    [InlineData("[{]x", "{x", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("\\{a,b\\}", "{a,b}", true)]
    [InlineData(".nfs*", "a/.nfs0001", true)]
    [InlineData("*a*b*c*", "xxaxxbxxcxx", true)]
    [InlineData("*a*b*c*", "xxaxxcxxbxx", false)]
    [InlineData("a*", "a", true)]
    [InlineData("a**b", "axxb", true)]
    public void A_glob_takes_a_path_or_not(string glob, string path, bool taken)
    {
        Assert.Equal(taken, PathGlobs.Compile([glob], []).Matches(path));
        Assert.Equal(!taken, PathGlobs.Compile(["**"], [glob]).Matches(path));
    }

    [Theory]
    [InlineData("[abc", "not closed")]
    [InlineData("{a,b", "not closed")]
    [InlineData("a\\", "escapes nothing")]
    [InlineData("a//b", "empty")]
    [InlineData("../b", "'..'")]
    [InlineData("[z-a]", "backwards")]
    [InlineData("", "empty")]
    public void A_malformed_glob_is_named_with_its_fault(string glob, string fault)
    {
        var error = Assert.Throws<FormatException>(() => PathGlobs.Compile(["**"], [glob]));
        Assert.Contains($"'{glob}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_glob_takes_exponential_time_or_memory()
    {
        var started = Stopwatch.GetTimestamp();
        var hostile = PathGlobs.Compile([string.Concat(Enumerable.Repeat("*a", 60)) + "b", string.Join("/", Enumerable.Repeat("**/a", 20))], []);
        Assert.False(hostile.Matches(new string('a', 255)));
        Assert.False(hostile.Matches(string.Join('/', Enumerable.Repeat("a", 400)) + "/c"));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
        Assert.Throws<FormatException>(() => PathGlobs.Compile([string.Concat(Enumerable.Repeat("{a,b}", 30))], []));
    }

    [Theory]
    [InlineData("a/*.txt", "a", true)]
    [InlineData("a/*.txt", "b", false)]
    [InlineData("a/*.txt", "a/b", false)]
    [InlineData("*.txt", "any/where", true)]
    public void A_folder_in_which_nothing_can_match_is_not_entered(string include, string folder, bool entered) =>
        Assert.Equal(entered, PathGlobs.Compile([include], []).CanMatchBelow(folder));

    [Theory]
    [InlineData("tmp/**", "tmp", false)]
    [InlineData("tmp/", "tmp", false)]
    [InlineData("**/tmp/**", "a/tmp", false)]
    [InlineData("tmp/**", "a/tmp", true)]
    [InlineData("tmp", "tmp", true)]
    [InlineData("tmp/*.x", "tmp", true)]
    public void An_excluded_folder_is_not_entered(string exclude, string folder, bool entered) =>
        Assert.Equal(entered, PathGlobs.Compile(["**"], [exclude]).CanMatchBelow(folder));

    [Theory]
    [InlineData("a.txt", 1, "a.recovered-1.txt")]
    [InlineData("a.tar.gz", 12, "a.tar.recovered-12.gz")]
    [InlineData("plain", 1, "plain.recovered-1")]
    [InlineData(".hidden", 1, ".hidden.recovered-1")]
    public void A_recovered_file_keeps_its_extension(string name, int number, string recovered) => Assert.Equal(recovered, RecoveredName.Of(name, number));

    [Fact]
    public void A_recovered_name_is_never_too_long()
    {
        var recovered = RecoveredName.Of(new string('€', 83) + ".txt", 7);
        Assert.EndsWith("€.recovered-7.txt", recovered, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(recovered), 250, 255);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(RecoveredName.Of(string.Concat(Enumerable.Repeat("🎉", 63)), 7)), 250, 255);
    }
}
