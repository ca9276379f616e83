namespace Akka.Pipeline.Storage.Tests.Sources;

using System.Text;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Sources;

public sealed class Opening_files : IDisposable
{
    private readonly ScratchFolder scratch = new();
    private readonly Clock clock = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Files_of_several_folders_are_opened_one_after_the_other()
    {
        foreach (var path in new[] { "a/1", "a/2", "b/c/3", "a/4", "5" })
        {
            scratch.Write(path, path);
        }

        using var folder = Source();
        using var opener = folder.StartOpening();
        foreach (var path in new[] { "a/1", "a/2", "b/c/3", "a/4", "5" })
        {
            using var file = opener.Open(path);
            Assert.Equal((path, folder.Observe([path])[0].Sighting!.Fingerprint), (TextOf(file), file.OpenedAs));
        }
    }

    [Fact]
    public void A_file_that_is_not_there_does_not_keep_the_next_from_being_opened()
    {
        scratch.Write("a/1");
        using var folder = Source();
        using var opener = folder.StartOpening();
        foreach (var missing in new[] { "a/0", "none/1", "../1" })
        {
            Assert.Throws<SourceException>(() => opener.Open(missing));
            using var file = opener.Open("a/1");
            Assert.Equal("content", TextOf(file));
        }
    }

    [Fact]
    public void What_was_opened_stays_open_after_its_opener()
    {
        scratch.Write("a/1");
        using var folder = Source();
        var opener = folder.StartOpening();
        using var file = opener.Open("a/1");
        opener.Dispose();
        Assert.Equal("content", TextOf(file));
    }

    [Fact]
    public void A_folder_that_was_moved_away_and_made_again_is_seen_within_a_second()
    {
        scratch.Write("a/1", "old");
        using var folder = Source();
        using var opener = folder.StartOpening();
        opener.Open("a/1").Dispose();
        Directory.Move(scratch.At("a"), scratch.At("b"));
        scratch.Write("a/1", "new");

        clock.Now += FileOpener.LongestKept + TimeSpan.FromTicks(1);
        using var file = opener.Open("a/1");
        Assert.Equal("new", TextOf(file));
    }

    [Fact]
    public void A_source_that_is_gone_fails_with_the_file_and_is_found_when_it_is_back()
    {
        using var folder = Source();
        using var opener = folder.StartOpening();
        Directory.Delete(scratch.Source);
        Assert.Equal("SourceMissing", Assert.Throws<SourceException>(() => opener.Open("a")).Failure.Code);
        scratch.Write("a");
        opener.Open("a").Dispose();
    }

    private static string TextOf(ISourceFile file)
    {
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, file.Read(buffer, 0));
    }

    private LinuxSourceFolder Source() => new(scratch.Settings, clock);

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
