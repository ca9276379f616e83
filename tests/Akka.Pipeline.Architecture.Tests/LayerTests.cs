namespace Akka.Pipeline.Architecture.Tests;

using System.Reflection;
using System.Reflection.Emit;
using System.Xml.Linq;

/// <summary>The arrows between the assemblies, held in what was built and in the project files.</summary>
public sealed class LayerTests
{
    private static readonly Layer Core = new("Akka.Pipeline.Core", [], Akka: false, Packages: false, Outside: false);

    private static readonly Layer[] Layers =
    [
        Core,
        new("Akka.Pipeline.Actors", [Core.Name], Akka: true, Packages: false, Outside: false),
        new("Akka.Pipeline.Storage", [Core.Name], Akka: false, Packages: true, Outside: true),
        new("Akka.Pipeline.Hocon", [], Akka: false, Packages: false, Outside: true),
        new("Akka.Pipeline.Sandbox", [], Akka: false, Packages: false, Outside: true),
        new("Akka.Local", [], Akka: false, Packages: false, Outside: true),
        new("Akka.Pipeline.Node", [Core.Name, "Akka.Pipeline.Actors", "Akka.Pipeline.Storage", "Akka.Pipeline.Hocon", "Akka.Pipeline.Sandbox"], Akka: true, Packages: true, Outside: true),
    ];

    public static TheoryData<string> Names => [.. Layers.Select(layer => layer.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_assembly_knows_only_what_its_layer_may_know(string name)
    {
        var layer = Layers.Single(l => l.Name == name);
        if (Repository.Assembly(name) is { } assembly)
        {
            Assert.Empty(layer.Violations(AssemblyFacts.Read(assembly)));
        }
        else
        {
            // Built on Akka.NET's own packages, there is no Akka.Local; everything else has to be there.
            Assert.Equal("Akka.Local", name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_project_names_only_what_its_layer_may_know(string name) =>
        Assert.Empty(Layers.Single(l => l.Name == name).Violations(XDocument.Load(Path.Combine(Repository.Root, "src", name, name + ".csproj"))));

    [Fact]
    public void Every_project_has_a_layer() =>
        Assert.Equal(Layers.Select(l => l.Name).Order(StringComparer.Ordinal), Repository.Projects.Select(p => Path.GetFileNameWithoutExtension(p)!).Order(StringComparer.Ordinal));

    // The canary: what these tests hold has to be seen when it is broken.
    [Fact]
    public void A_core_that_deletes_files_and_reads_the_clock_is_found_out()
    {
        var broken = Emit(il =>
        {
            il.Emit(OpCodes.Ldstr, "file");
            il.Emit(OpCodes.Call, typeof(File).GetMethod(nameof(File.Delete), [typeof(string)])!);
            il.Emit(OpCodes.Call, typeof(DateTime).GetProperty(nameof(DateTime.UtcNow))!.GetMethod!);
            il.Emit(OpCodes.Pop);
            il.Emit(OpCodes.Call, typeof(Environment).GetProperty(nameof(Environment.MachineName))!.GetMethod!);
            il.Emit(OpCodes.Pop);
        });
        var violations = Core.Violations(AssemblyFacts.Read(broken));
        Assert.Contains("Akka.Pipeline.Core uses System.IO.File", violations);
        Assert.Contains("Akka.Pipeline.Core uses System.DateTime.get_UtcNow", violations);
        Assert.Contains("Akka.Pipeline.Core uses System.Environment.get_MachineName", violations);
    }

    [Fact]
    public void A_core_that_knows_a_test_framework_is_found_out()
    {
        var broken = Emit(il =>
        {
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Call, typeof(Assert).GetMethod(nameof(Assert.True), [typeof(bool)])!);
        });
        Assert.Contains("Akka.Pipeline.Core references xunit.assert", Core.Violations(AssemblyFacts.Read(broken)));
    }

    [Fact]
    public void An_assembly_that_knows_what_it_may_not_is_found_out_whatever_it_is()
    {
        var node = AssemblyFacts.Read(Repository.Assembly("Akka.Pipeline.Node")!);
        Assert.Empty(Layers[^1].Violations(node));
        foreach (var layer in Layers[..^1])
        {
            Assert.Contains($"{layer.Name} references Akka.Pipeline.Storage", layer.Violations(node));
        }
    }

    [Fact]
    public void A_project_that_names_what_it_may_not_is_found_out()
    {
        var broken = XDocument.Parse("""
            <Project><PropertyGroup><UsesAkka>true</UsesAkka></PropertyGroup><ItemGroup>
              <ProjectReference Include="../Akka.Pipeline.Storage/Akka.Pipeline.Storage.csproj" />
              <PackageReference Include="Dapper" />
              <PackageReference Include="Akka" />
            </ItemGroup></Project>
            """);
        Assert.Equal(5, Core.Violations(broken).Count);
    }

    private static byte[] Emit(Action<ILGenerator> body)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Canary"), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule("Canary").DefineType("Canary", TypeAttributes.Public);
        var il = type.DefineMethod("Sing", MethodAttributes.Public | MethodAttributes.Static).GetILGenerator();
        body(il);
        il.Emit(OpCodes.Ret);
        type.CreateType();
        using var stream = new MemoryStream();
        assembly.Save(stream);
        return stream.ToArray();
    }
}
