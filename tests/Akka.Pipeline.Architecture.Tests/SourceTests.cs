namespace Akka.Pipeline.Architecture.Tests;

/// <summary>House rules that a compiler does not hold.</summary>
public sealed class SourceTests
{
    // Longer than usual, each with what justifies it; none may grow further without being looked at.
    private static readonly Dictionary<string, int> Long = new(StringComparer.Ordinal)
    {
        ["src/Akka.Local/Event/LoggingExtensions.cs"] = 360, // One overload a number of arguments, as Akka.NET has them.
        ["src/Akka.Pipeline.Actors/Scanning/ScannerActor.cs"] = 395, // Walk, watch and returning files are one state.
        ["src/Akka.Pipeline.Storage/Folders/FolderStore.cs"] = 400,
        ["src/Akka.Pipeline.Storage/S3/S3ObjectStore.cs"] = 340,
        ["src/Akka.Pipeline.Storage/Sources/FileRemoval.cs"] = 400, // One protocol, step by step.
        ["src/Akka.Pipeline.Storage/Sources/FolderWalk.cs"] = 360,
        ["src/Akka.Pipeline.Storage/Sources/FolderWatch.cs"] = 380,
    };

    [Fact]
    public void Source_files_are_short()
    {
        var lengths = Repository.Sources().ToDictionary(Repository.Relative, file => File.ReadLines(file).Count(), StringComparer.Ordinal);
        Assert.Empty(lengths.Where(file => file.Value > Long.GetValueOrDefault(file.Key, SourceRules.UsualLines)).Select(file => $"{file.Key} has {file.Value} lines"));
        Assert.Empty(Long.Keys.Where(file => lengths.GetValueOrDefault(file) <= SourceRules.UsualLines).Select(file => $"{file} is short now, and no exception any more"));
        Assert.DoesNotContain(Long.Values, lines => lines > SourceRules.MostLines);
    }

    [Fact]
    public void Usings_stand_inside_the_namespace() =>
        Assert.Equal("", string.Join('\n', Repository.Sources().Concat(Repository.Sources("tests")).Where(file => SourceRules.UsingOutside(File.ReadAllLines(file)) is not null).Select(Repository.Relative)));

    [Fact]
    public void No_source_of_the_actors_is_conditional() =>
        Assert.DoesNotContain(Repository.Sources("src/Akka.Pipeline.Actors"), file => SourceRules.HasConditions(File.ReadLines(file)));

    [Fact]
    public void No_type_namespace_or_folder_has_a_name_that_says_nothing()
    {
        var types = ProductTypes().SelectMany(type => new[] { type.Namespace, type.Name });
        var folders = Repository.Sources().Select(file => Path.GetDirectoryName(Repository.Relative(file))!).Where(folder => !folder.StartsWith("src/Akka.Local", StringComparison.Ordinal)).SelectMany(folder => folder.Split('/'));
        Assert.DoesNotContain(types.Concat(folders), SourceRules.SaysNothing);
    }

    [Fact]
    public void No_namespace_of_ours_hides_one_of_Akka() =>
        Assert.DoesNotContain(ProductTypes().Select(type => type.Namespace), SourceRules.HidesAkka);

    [Fact]
    public void Every_key_of_the_reference_configuration_has_a_comment()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "hocon", "reference.conf"));
        Assert.Contains(lines, line => line.Trim().StartsWith("stable-after", StringComparison.Ordinal));
        Assert.Empty(SourceRules.KeysWithoutComment(lines));
    }

    // The canaries: every rule above has to see what breaks it, and nothing else.
    [Theory]
    [InlineData("StringUtils", true)]
    [InlineData("FileHelper", true)]
    [InlineData("HelperOfFiles", true)]
    [InlineData("Common", true)]
    [InlineData("Akka.Pipeline.Common.Files", true)]
    [InlineData("SessionManager", true)]
    [InlineData("Uncommonly", false)]
    [InlineData("Manageress", false)]
    [InlineData("CommonPrefixes", true)]
    [InlineData("Utilisation", false)]
    public void A_name_that_says_nothing_is_seen(string name, bool seen) => Assert.Equal(seen, SourceRules.SaysNothing(name));

    [Theory]
    [InlineData("Akka.Pipeline.Actors.Event", true)]
    [InlineData("Akka.Pipeline.IO", true)]
    [InlineData("Akka.Pipeline.Actors.Events", false)]
    [InlineData("Akka.Actor", false)]
    public void A_namespace_that_hides_one_of_Akka_is_seen(string name, bool seen) => Assert.Equal(seen, SourceRules.HidesAkka(name));

    [Theory]
    [InlineData("using System;\nnamespace A;", "using System;")]
    [InlineData("global using System;", "global using System;")]
    [InlineData("namespace A;\n\nusing System;", null)]
    [InlineData("// using System;\nnamespace A;", null)]
    [InlineData("using System;\n\nConsole.WriteLine();", null)]
    public void A_using_before_the_namespace_is_seen(string text, string? seen) => Assert.Equal(seen, SourceRules.UsingOutside(text.Split('\n')));

    [Theory]
    [InlineData("#if NUGET", true)]
    [InlineData("  # elif X", true)]
    [InlineData("#pragma warning disable", false)]
    [InlineData("// #if", false)]
    public void A_condition_is_seen(string line, bool seen) => Assert.Equal(seen, SourceRules.HasConditions([line]));

    [Fact]
    public void A_key_without_a_comment_is_seen() =>
        Assert.Equal(
            ["b = 2", "c = 3", "d = 4"],
            SourceRules.KeysWithoutComment("# A.\na = 1\n\nb = 2\n# Of a group.\ngroup {\n c = 3\n # E.\n e = 5\n f = 6\n}\nd = 4".Split('\n')));

    private static IEnumerable<(string Namespace, string Name)> ProductTypes() =>
        Repository.Projects
            .Select(project => Path.GetFileNameWithoutExtension(project)!)
            .Where(name => name.StartsWith("Akka.Pipeline.", StringComparison.Ordinal))
            .SelectMany(name => AssemblyFacts.Read(Repository.Assembly(name)!).Defined);
}
