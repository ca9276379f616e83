namespace Akka.Pipeline.Architecture.Tests;

using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

/// <summary>What an assembly knows of others, and what it defines, read from its metadata without loading it.</summary>
/// <param name="References">Names of the assemblies that it references.</param>
/// <param name="Types">Full names of the types of others that it uses.</param>
/// <param name="Members">Members of others that it uses, as "Namespace.Type.Member".</param>
/// <param name="Defined">Namespace and name of its own types, without what the compiler made.</param>
internal sealed record AssemblyFacts(
    IReadOnlyList<string> References, IReadOnlySet<string> Types, IReadOnlySet<string> Members, IReadOnlyList<(string Namespace, string Name)> Defined)
{
    public static AssemblyFacts Read(byte[] assembly)
    {
        using var file = new PEReader(ImmutableArray.Create(assembly));
        var reader = file.GetMetadataReader();
        return new AssemblyFacts(
            [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))],
            reader.TypeReferences.Select(handle => NameOf(reader, handle)).ToHashSet(StringComparer.Ordinal),
            reader.MemberReferences
                .Select(handle => reader.GetMemberReference(handle))
                .Where(member => member.Parent.Kind == HandleKind.TypeReference)
                .Select(member => $"{NameOf(reader, (TypeReferenceHandle)member.Parent)}.{reader.GetString(member.Name)}")
                .ToHashSet(StringComparer.Ordinal),
            [
                .. reader.TypeDefinitions
                    .Select(handle => reader.GetTypeDefinition(handle))
                    .Select(type => (reader.GetString(type.Namespace), reader.GetString(type.Name)))
                    .Where(type => !type.Item2.Contains('<', StringComparison.Ordinal)),
            ]);
    }

    private static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }
}
