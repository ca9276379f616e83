namespace Akka.Pipeline.Architecture.Tests;

using System.Xml.Linq;

/// <summary>What one assembly may know.</summary>
/// <param name="Name">Of the assembly, its project and its folder.</param>
/// <param name="Product">Assemblies of this product that it may know.</param>
/// <param name="Akka">It may know the actor runtime.</param>
/// <param name="Packages">It may know packages; otherwise only the framework.</param>
/// <param name="Outside">It may reach for files, clocks, chance and the environment by itself.</param>
internal sealed record Layer(string Name, IReadOnlyList<string> Product, bool Akka, bool Packages, bool Outside)
{
    private const string Prefix = "Akka.Pipeline.";

    private static readonly HashSet<string> OutsideTypes = new(StringComparer.Ordinal)
    {
        "System.IO.File", "System.IO.Directory", "System.IO.FileInfo", "System.IO.DirectoryInfo", "System.IO.FileSystemInfo", "System.IO.FileStream", "System.IO.RandomAccess",
        "System.IO.FileSystemWatcher", "System.IO.DriveInfo", "System.Diagnostics.Stopwatch", "System.Diagnostics.Process", "System.Net.Sockets.Socket",
        "System.Net.Http.HttpClient", "System.Threading.Thread",
    };

    private static readonly HashSet<string> OutsideMembers = new(StringComparer.Ordinal)
    {
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.TimeProvider.get_System", "System.Random.get_Shared", "System.Random..ctor", "System.Guid.NewGuid", "System.Threading.Tasks.Task.Delay",
    };

    /// <summary>What a built assembly knows and should not.</summary>
    public IReadOnlyList<string> Violations(AssemblyFacts facts)
    {
        var known = facts.References.Where(reference => !MayKnow(reference)).Select(reference => $"{Name} references {reference}");
        return Outside
            ? [.. known]
            :
            [
                .. known,
                .. facts.Types.Where(OutsideTypes.Contains).Select(type => $"{Name} uses {type}"),
                .. facts.Members.Where(member => (OutsideMembers.Contains(member) || IsEnvironment(member)) && !IsOnTheGivenClock(facts, member)).Select(member => $"{Name} uses {member}"),
            ];
    }

    /// <summary>What a project file names and should not.</summary>
    public IReadOnlyList<string> Violations(XDocument project)
    {
        var projects = project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        var packages = project.Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value);
        var usesAkka = project.Descendants("UsesAkka").Any(e => e.Value.Trim() == "true");
        return
        [
            .. projects.Where(name => !MayKnow(name)).Select(name => $"{Name}.csproj references the project {name}"),
            .. packages.Where(_ => !Packages).Select(name => $"{Name}.csproj references the package {name}"),
            .. packages.Where(name => name == "Akka" || name.StartsWith("Akka.", StringComparison.Ordinal)).Select(name => $"{Name}.csproj references {name} by itself, so it builds on one runtime only"),
            .. usesAkka && !Akka ? [$"{Name}.csproj uses Akka"] : Array.Empty<string>(),
        ];
    }

    // Task.Delay with a TimeProvider waits by the clock that came in; only the type tells them apart, so a user of one has to know TimeProvider.
    private static bool IsOnTheGivenClock(AssemblyFacts facts, string member) =>
        member == "System.Threading.Tasks.Task.Delay" && facts.Types.Contains("System.TimeProvider");

    // An iterator asks for the number of its thread; the compiler writes that.
    private static bool IsEnvironment(string member) =>
        member.StartsWith("System.Environment.", StringComparison.Ordinal) && member != "System.Environment.get_CurrentManagedThreadId";

    private bool MayKnow(string reference)
    {
        if (reference.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Product.Contains(reference, StringComparer.Ordinal);
        }

        if (reference == "Akka" || reference.StartsWith("Akka.", StringComparison.Ordinal))
        {
            return Akka;
        }

        return Packages || reference is "System" or "netstandard" or "mscorlib" || reference.StartsWith("System.", StringComparison.Ordinal)
            || reference.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || reference.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
            || reference == "Microsoft.Win32.Primitives";
    }
}
