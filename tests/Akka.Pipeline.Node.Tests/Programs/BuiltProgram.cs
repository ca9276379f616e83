namespace Akka.Pipeline.Node.Tests.Programs;

/// <summary>The program that tests run. `./test` names the one that it has published (TEST_PROGRAM), which is what users have; without that it is the plain build beside the tests.</summary>
internal static class BuiltProgram
{
    /// <summary>What is put before its arguments.</summary>
    public static IReadOnlyList<string> Command { get; } = Find();

    /// <summary>How a program is called: one that is no executable by `dotnet`.</summary>
    public static IReadOnlyList<string> CommandOf(string program) => program.EndsWith(".dll", StringComparison.Ordinal) ? [Dotnet(), program] : [program];

    private static IReadOnlyList<string> Find()
    {
        // artifacts/<runtime>/bin/<this project>/<configuration>/ stands beside that of the program.
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var file = Environment.GetEnvironmentVariable("TEST_PROGRAM") is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.Combine(here.Parent!.Parent!.FullName, "Akka.Pipeline.Node", here.Name, "Akka.Pipeline.Node.dll");
        return File.Exists(file) ? CommandOf(file) : throw new FileNotFoundException("There is no program where these tests look for it.", file);
    }

    private static string Dotnet() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host
        : string.Equals(Path.GetFileName(Environment.ProcessPath), "dotnet", StringComparison.Ordinal) ? Environment.ProcessPath!
        : "dotnet";
}
