namespace Akka.Pipeline.Benchmarks.Measuring;

using System.Diagnostics;

/// <summary>Where the sources are, and how programs are made of them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Publishes a project as its users do, and returns the executable.</summary>
    /// <param name="project">Folder below the root, named as the executable is.</param>
    public static string Publish(string project)
    {
        var name = Path.GetFileName(project);
        var target = Path.Combine(Root, "artifacts", "measured", name);
        Console.Error.WriteLine($"publishing {name}");
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Root, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { "publish", Path.Combine(Root, project), "-c", "Release", "-o", target, "--nologo", "-v", "q" })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? Path.Combine(target, name) : throw new InvalidOperationException($"{name} cannot be published:\n{output}");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Akka.Pipeline.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The benchmarks run from the project's own folder: there is no Akka.Pipeline.sln above the program.");
    }
}
