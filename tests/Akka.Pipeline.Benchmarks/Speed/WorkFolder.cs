namespace Akka.Pipeline.Benchmarks.Speed;

/// <summary>Where the data lies, and what each run leaves behind. Gone at the end.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly string _root;
    private DataSet? _present;
    private int _runs;

    public WorkFolder(string? parent)
    {
        _root = Path.Combine(Path.GetFullPath(parent ?? Path.GetTempPath()), $"pipeline-speed-{Environment.ProcessId}");
        Directory.CreateDirectory(_root);
    }

    public string DataFolder => Path.Combine(_root, "data");

    /// <summary>Has the files of a set ready; makes them if they are not there, or not all of them.</summary>
    public void Provide(DataSet set)
    {
        if (_present == set)
        {
            return;
        }

        Forget();
        Directory.CreateDirectory(DataFolder);
        set.Make(DataFolder);
        _present = set;
    }

    /// <summary>How many files are left.</summary>
    public int CountFiles() => Directory.EnumerateFiles(DataFolder, "*", SearchOption.AllDirectories).Count();

    /// <summary>The files are not what they were any more.</summary>
    public void Consumed() => _present = null;

    /// <summary>Removes the files of the present set.</summary>
    public void Forget()
    {
        _present = null;
        if (Directory.Exists(DataFolder))
        {
            Directory.Delete(DataFolder, recursive: true);
        }
    }

    /// <summary>A fresh folder for one run.</summary>
    public string NewRun() => Directory.CreateDirectory(Path.Combine(_root, $"run-{++_runs}")).FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
