namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;

/// <summary>However many entries a folder has, memory is bounded, and what is to go goes.</summary>
public sealed class A_crowded_folder : NodeTest
{
    private const int Entries = 50_000;

    [Fact]
    public async Task Fifty_thousand_entries_fit_into_a_heap_of_64_MiB()
    {
        Assert.Equal(0, Shell.Run($"mkdir -p '{Source}/{Bucket}' && cd '{Source}/{Bucket}' && seq -f 'a-name-of-usual-length-%06.0f.txt' 1 {Entries} | xargs touch"));
        Environment["DOTNET_GCHeapHardLimit"] = "0x4000000";

        var dry = await OnceAsync("--dry-run", "--json");
        Assert.Equal(Entries, dry.Exits(0).Output.Count(c => c == '\n'));

        Configure("pipeline.route-defaults.include = [\"**/*0.txt\"]");
        (await OnceAsync()).Exits(0).Says($"removed {Entries / 10:N0};");
        Assert.Equal(Entries - (Entries / 10), Left().Count);
    }
}
