namespace Akka.Pipeline.Node.Tests.Settings;

using Akka.Pipeline.Hocon;
using Akka.Pipeline.Node.Settings;

/// <summary>reference.conf and the code that reads it say the same.</summary>
public sealed class Every_key : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public static TheoryData<string> KeysOfTheReference()
    {
        var keys = new TheoryData<string>();
        foreach (var leaf in ConfigurationReader.Reference().Resolve().Leaves().Select(leaf => leaf.Path))
        {
            keys.Add(leaf);
        }

        return keys;
    }

    [Theory]
    [MemberData(nameof(KeysOfTheReference))]
    public void A_key_of_the_reference_is_read_and_a_wrong_kind_of_value_is_shown_with_its_place(string key)
    {
        // An object where a value belongs, and a text where an object belongs.
        var isObject = ConfigurationReader.Reference().Resolve().Get(key).Kind == HoconKind.Map;
        var wrong = isObject ? "text" : "{ no = value }";
        File.WriteAllText(file, $"# a line\n\n  {key} = {wrong}\n");

        var error = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(file, new Overrides(), once: false, _ => null));

        // Where it begins: the value, or the key.
        Assert.Matches($"^{System.Text.RegularExpressions.Regex.Escape(file)}:3:({3 + key.Length + 3}|3): ", error.Message);
        Assert.Contains(key.Split('.')[^1], error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(KeysOfTheReference))]
    public void A_mistyped_key_is_shown_with_its_place_and_the_right_one(string key)
    {
        if (key is "pipeline.routes")
        {
            return; // Its keys are the user's own; it has no neighbour whose name could be mistyped into it.
        }

        var typed = key + "z";
        File.WriteAllText(file, $"\n    {typed} = 1\n");

        var error = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(file, new Overrides(), once: false, _ => null));

        Assert.StartsWith($"{file}:2:{5 + typed.LastIndexOf('.') + 1}: there is no key '{typed}'; did you mean '{key.Split('.')[^1]}'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_code_reads_no_key_that_the_reference_does_not_have()
    {
        // Reading throws for a key that is not there; `store` of a route is the only one that may be missing.
        var configuration = ConfigurationReader.Read(null, new Overrides(), once: false, _ => null);

        var route = Assert.Single(configuration.Routes);
        Assert.Equal("default", route.Settings.Name);
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(2)), (route.Settings.ScanInterval, route.Settings.StableAfter));
        Assert.EndsWith("/output/s3", route.Settings.Source.Folder, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(file);
}
