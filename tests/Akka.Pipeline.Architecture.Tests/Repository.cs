namespace Akka.Pipeline.Architecture.Tests;

/// <summary>The sources that this build was made from, and the assemblies that it made.</summary>
internal static class Repository
{
    private static readonly string BuildOutput = Path.GetDirectoryName(typeof(Repository).Assembly.Location)!;

    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Projects => Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    /// <summary>The C# files below src, without what a build makes.</summary>
    public static IEnumerable<string> Sources(string below = "src") => Directory
        .EnumerateFiles(Path.Combine(Root, below), "*.cs", SearchOption.AllDirectories)
        .Where(file => !Relative(file).Split('/').Any(folder => folder is "obj" or "bin"))
        .Order(StringComparer.Ordinal);

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    /// <summary>The built assembly of that name, or null when this build does not have it.</summary>
    public static byte[]? Assembly(string name) =>
        Path.Combine(BuildOutput, name + ".dll") is var file && File.Exists(file) ? File.ReadAllBytes(file) : null;

    /// <summary>An assembly as another project's build left it.</summary>
    public static byte[] AssemblyBeside(string project, string name) =>
        File.ReadAllBytes(Path.Combine(BuildOutput, "..", "..", project, Path.GetFileName(BuildOutput), name + ".dll"));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(BuildOutput); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Akka.Pipeline.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"There is no Akka.Pipeline.sln in any folder above {BuildOutput}.");
    }
}
