namespace Akka.Pipeline.Core.Tests.Files;

using System.Text;
using Akka.Pipeline.Core.Files;
using FsCheck;
using FsCheck.Fluent;

public sealed class Source_paths
{
    /// <summary>Bytes that are partly valid UTF-8, partly broken, so that both ways through the code meet.</summary>
    private static readonly Gen<byte[]> Names =
        Gen.ListOf(Gen.OneOf(
            Gen.Choose(1, 255).Select(b => new[] { (byte)b }),
            Gen.Elements("é", "🎉", "e\u0301", "\ud7ff", "\ue000", "\U0010ffff", "a\nb", "日本").Select(Encoding.UTF8.GetBytes),
            Gen.Elements(new byte[] { 0xed, 0xb3, 0xbf }, [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82])))
        .Select(parts => parts.SelectMany(p => p).ToArray());

    [Fact]
    public void Any_name_comes_back_byte_for_byte() => Prop.ForAll(Names.ToArbitrary(), name =>
    {
        var path = SourcePath.FromBytes(name);
        var buffer = new byte[3 * path.Length];
        var written = SourcePath.ToBytes(path, buffer);
        return name.AsSpan().SequenceEqual(buffer.AsSpan(0, written));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Different_names_become_different_paths() => Prop.ForAll(Names.ToArbitrary(), Names.ToArbitrary(), (a, b) =>
        a.AsSpan().SequenceEqual(b) == (SourcePath.FromBytes(a) == SourcePath.FromBytes(b))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_path_is_text_exactly_when_its_bytes_are_utf_8() => Prop.ForAll(Names.ToArbitrary(), name =>
        SourcePath.IsText(SourcePath.FromBytes(name)) == System.Text.Unicode.Utf8.IsValid(name)).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_displayed_is_one_line_of_text() => Prop.ForAll(Names.ToArbitrary(), name =>
    {
        var shown = SourcePath.ForDisplay(SourcePath.FromBytes(name));
        return SourcePath.IsText(shown) && !shown.Any(char.IsControl);
    }).QuickCheckThrowOnFailure();

    // Facts and no theories: a lone surrogate does not survive an attribute.
    [Fact]
    public void Control_characters_and_stray_bytes_are_shown_as_such()
    {
        Assert.Equal("a\\nb\\r\\tc\\x1b", SourcePath.ForDisplay("a\nb\r\tc\u001b"));
        Assert.Equal("\\xff\\x85", SourcePath.ForDisplay("\udcff\u0085"));
        Assert.Equal("plain é 🎉", SourcePath.ForDisplay("plain é 🎉"));
    }

    [Fact]
    public void A_surrogate_that_no_name_gave_is_refused()
    {
        foreach (var path in new[] { "\ud800", "a\udc7f", "\udd00x" })
        {
            Assert.Throws<ArgumentException>(() => SourcePath.ToBytes(path, new byte[100]));
        }
    }

    [Fact]
    public void A_buffer_that_is_too_small_is_refused()
    {
        foreach (var (path, size) in new[] { ("abc", 2), ("é\udcff", 2), ("\udcff🎉", 4) })
        {
            Assert.Throws<ArgumentException>(() => SourcePath.ToBytes(path, new byte[size]));
        }
    }
}
