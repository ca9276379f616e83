namespace Akka.Pipeline.Storage.Tests.Sources;

using System.Text;
using Akka.Pipeline.Core.Files;

public sealed class Seeing_writers : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_file_that_another_process_has_open_for_writing_is_seen_until_it_is_closed()
    {
        var path = scratch.Write("log");
        using var folder = scratch.Open();
        Assert.Equal(WriterState.None, folder.Observe(["log"])[0].Writer);

        using var writer = ScratchFolder.Bash($"exec 3>>'{path}'; echo open; read; exec 3>&-; echo closed; read");
        writer.ReadLine();
        Assert.Equal(WriterState.Open, folder.Observe(["log"])[0].Writer);
        using var open = folder.Open("log");
        Assert.Equal(WriterState.Open, open.Check().Writer);

        writer.SendLine();
        writer.ReadLine();
        Assert.Equal(WriterState.None, folder.Observe(["log"])[0].Writer);
        Assert.Equal(WriterState.None, open.Check().Writer);
    }

    [Fact]
    public void A_reader_is_no_writer()
    {
        var path = scratch.Write("log");
        using var folder = scratch.Open();
        using var reader = ScratchFolder.Bash($"exec 3<'{path}'; echo open; read");
        reader.ReadLine();

        Assert.Equal(WriterState.None, folder.Observe(["log"])[0].Writer);
    }

    [Fact]
    public void A_writable_mapping_without_a_handle_is_seen()
    {
        var path = scratch.Write("mapped", "0123456789");
        using var folder = scratch.Open();
        var map = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using (map.CreateViewAccessor())
        {
            Assert.Equal(WriterState.Open, folder.Observe(["mapped"])[0].Writer);
        }

        map.Dispose();
        Assert.Equal(WriterState.None, folder.Observe(["mapped"])[0].Writer);
    }

    [Fact]
    public void Writers_that_open_at_the_very_moment_of_the_question_do_not_end_this_process()
    {
        // Each open for writing that meets our lease makes the kernel send a signal whose default action, for SIGIO, would end the test run.
        var path = scratch.Write("busy");
        using var folder = scratch.Open();
        using var writer = ScratchFolder.Bash($"echo go; while :; do : >>'{path}'; done");
        writer.ReadLine();
        using var open = folder.Open("busy");
        var seen = new int[3];
        for (var i = 0; i < 100_000; i++)
        {
            seen[(int)open.Check().Writer]++;
        }

        // Both answers occurred, so the two did run at once.
        Assert.True(seen[(int)WriterState.Open] > 0 && seen[(int)WriterState.None] > 0, $"{seen[0]} {seen[1]} {seen[2]}");
        Assert.Equal(0, seen[(int)WriterState.Unknown]);
    }

    [Fact]
    public void Several_threads_that_ask_at_once_are_no_writers_to_each_other()
    {
        scratch.Write("shared");
        using var folder = scratch.Open();

        Parallel.For(0, 2_000, _ => Assert.Equal(WriterState.None, folder.Observe(["shared"])[0].Writer));
    }

    [Fact]
    public void An_open_file_reads_at_any_offset_and_tells_when_it_has_changed()
    {
        var path = scratch.Write("data", "0123456789");
        using var folder = scratch.Open();
        using var file = folder.Open("data");
        Span<byte> buffer = stackalloc byte[8];

        Assert.Equal(8, file.Read(buffer, 0));
        Assert.Equal("01234567", Encoding.ASCII.GetString(buffer));
        Assert.Equal(2, file.Read(buffer, 8));
        Assert.Equal(0, file.Read(buffer, 10));
        Assert.Equal(file.OpenedAs, file.Check().Fingerprint);

        File.AppendAllText(path, "!");
        Assert.Equal(11, file.Check().Fingerprint.SizeBytes);
    }

    [Fact]
    public void What_is_no_regular_file_is_gone()
    {
        Directory.CreateDirectory(scratch.At("folder"));
        using var made = ScratchFolder.Bash($"mkfifo '{scratch.At("pipe")}'").WaitForEnd();
        using var folder = scratch.Open();

        foreach (var path in new[] { "folder", "pipe", "missing", "missing/below", "folder/../folder" })
        {
            Assert.Null(folder.Observe([path])[0].Sighting);
            var isGone = Assert.Throws<SourceException>(() => folder.Open(path)).IsGone;
            Assert.Equal(path != "folder/../folder", isGone);
        }
    }
}
