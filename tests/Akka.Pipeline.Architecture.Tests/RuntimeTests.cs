namespace Akka.Pipeline.Architecture.Tests;

using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

/// <summary>The sources compile on both actor runtimes; a build has only one of them, so what it uses of Akka.NET is looked for in the other.</summary>
public sealed class RuntimeTests
{
    private static readonly HashSet<string> InAkkaLocal = MembersOf(Repository.AssemblyBeside("Akka.Local.TestKit", "Akka.Local"))
        .Concat(MembersOf(Repository.AssemblyBeside("Akka.Local.TestKit", "Akka.Local.TestKit")))
        .ToHashSet(StringComparer.Ordinal);

    [Theory]
    [InlineData("Akka.Pipeline.Actors")]
    [InlineData("Akka.Pipeline.Node")]
    [InlineData("Akka.Pipeline.Actors.Tests")]
    public void What_is_used_of_Akka_is_in_Akka_Local_too(string name)
    {
        var used = AssemblyFacts.Read(Repository.AssemblyBeside(name, name)).Members
            .Where(member => member.StartsWith("Akka.", StringComparison.Ordinal) && !member.StartsWith("Akka.Pipeline.", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, member => !member.EndsWith("..ctor", StringComparison.Ordinal) && !InAkkaLocal.Contains(member[(member.LastIndexOf('.') + 1)..]));
    }

    [Fact]
    public void What_only_Akka_NET_has_is_found_out()
    {
        Assert.Contains("ScheduleTellOnce", InAkkaLocal);
        Assert.DoesNotContain("get_Advanced", InAkkaLocal);
    }

    private static IEnumerable<string> MembersOf(byte[] assembly)
    {
        using var file = new PEReader(ImmutableArray.Create(assembly));
        var reader = file.GetMetadataReader();
        return
        [
            .. reader.MethodDefinitions.Select(handle => reader.GetString(reader.GetMethodDefinition(handle).Name)),
            .. reader.FieldDefinitions.Select(handle => reader.GetString(reader.GetFieldDefinition(handle).Name)),
        ];
    }
}
