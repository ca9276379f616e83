namespace Akka.Pipeline.Benchmarks.Micro;

using System.Globalization;
using System.IO.Enumeration;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.Sources;
using BenchmarkDotNet.Attributes;

/// <summary>A walk over 10,000 files in 100 folders, for each file; and what .NET's own enumeration of path and length takes.</summary>
public class WalkBenchmark
{
    private const int Folders = 100;
    private const int FilesEach = 100;
    private const int BatchFiles = 1024;

    private string _folder = "";
    private LinuxSourceFolder _source = null!;

    [GlobalSetup]
    public void Start()
    {
        _folder = Directory.CreateTempSubdirectory("walk-benchmark-").FullName;
        for (var number = 0; number < Folders; number++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, number.ToString("d4", CultureInfo.InvariantCulture))).FullName;
            for (var file = 0; file < FilesEach; file++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"image-{file.ToString("d4", CultureInfo.InvariantCulture)}.jpeg"), [1]);
            }
        }

        var settings = new SourceSettings(_folder, ["**"], ["*.tmp", "*.part", "*~", ".nfs*"], 0, null, TimeSpan.Zero, null, FollowLinks: false, Watch: false);
        _source = new LinuxSourceFolder(settings, TimeProvider.System);
    }

    [GlobalCleanup]
    public void Stop()
    {
        _source.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Folders * FilesEach)]
    public int Walk()
    {
        using var walk = _source.StartWalk();
        var found = 0;
        bool ended;
        do
        {
            var batch = walk.Next(BatchFiles);
            found += batch.Files.Count;
            ended = batch.Ended;
        }
        while (!ended);

        return found == Folders * FilesEach ? found : throw new InvalidOperationException($"{found} files were found.");
    }

    [Benchmark(OperationsPerInvoke = Folders * FilesEach, Baseline = true)]
    public long Enumerate()
    {
        var files = new FileSystemEnumerable<(string Path, long LengthBytes)>(
            _folder, (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.Length), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
        };
        return files.Sum(file => file.LengthBytes);
    }
}
