namespace Akka.Pipeline.Node.Tests.Background;

using Akka.Pipeline.Node.Display;

public sealed class The_log_file : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-log-").FullName;

    private string Log => Path.Combine(folder, "logs", "pipeline.log");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void It_stays_within_bounds_and_keeps_the_lines_before()
    {
        using var log = new LogFile(Log, maximumBytes: 1000);
        for (var n = 0; n < 1000; n++)
        {
            log.WriteLine($"line {n:0000}");
        }

        var lines = File.ReadAllLines(Log + ".1").Concat(File.ReadAllLines(Log)).ToList();
        Assert.True(new FileInfo(Log).Length <= 1000);
        Assert.True(new FileInfo(Log + ".1").Length <= 1000);
        Assert.Equal(Enumerable.Range(1000 - lines.Count, lines.Count).Select(n => $"line {n:0000}"), lines);
        Assert.True(lines.Count >= 100);
        Assert.Equal(2, Directory.GetFiles(Path.GetDirectoryName(Log)!).Length);
    }

    [Fact]
    public void It_goes_on_where_it_stopped()
    {
        for (var n = 0; n < 3; n++)
        {
            using var log = new LogFile(Log);
            log.WriteLine($"run {n}");
        }

        Assert.Equal(["run 0", "run 1", "run 2"], File.ReadAllLines(Log));
    }

    [Fact]
    public void Where_it_cannot_be_written_nothing_breaks()
    {
        using var log = new LogFile(Path.Combine("/proc", "no", "such", "place.log"));
        log.WriteLine("nobody hears this");
    }
}
