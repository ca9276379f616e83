namespace Akka.Pipeline.Fleet.Tests;

using System.Globalization;
using Akka.Pipeline.Fleet.Tests.Scenes;
using Akka.Pipeline.Fleet.Tests.Stage;
using Xunit.Abstractions;

/// <summary>The scenes, small. The large ones: dotnet run -c Release --project tests/Akka.Pipeline.Fleet.Tests -- killed.</summary>
public sealed class FleetTests(ITestOutputHelper output)
{
    private const double MostPutsPerFileInCalm = 1.01;

    private static readonly SceneOptions Small = new(
        Nodes: 3, Files: 1000, Large: 2, LargeBytes: 24 << 20, SessionTimeout: TimeSpan.FromSeconds(2), Pause: TimeSpan.FromSeconds(1.5), Seed: 0, Limit: TimeSpan.FromSeconds(90), Work: Path.GetTempPath());

    [Fact]
    public async Task Nodes_share_the_work_and_nothing_is_done_twice()
    {
        var figures = await RightAsync(Calm.RunAsync, Small with { Nodes = 4, Files = 2000, Large = 3 });

        Assert.True(figures.PutsPerFile <= MostPutsPerFileInCalm, $"{figures}");
        Assert.True(figures.ObjectsTwice + figures.PartsTwice == 0, $"{figures}");
        Assert.All(figures.Shares, share => Assert.True(share.Files > 0, $"{share.Node} did nothing.\n{figures}"));
    }

    [Fact]
    public Task Nodes_are_killed_and_replaced() => RightAsync(Killed.RunAsync, Small with { Nodes = 4, Files = 2000, Large = 3 });

    [Fact]
    public Task Nodes_freeze_at_random_and_come_back() => RightAsync(Frozen.RunAsync, Small);

    [Fact]
    public Task A_node_that_freezes_while_it_removes_files_removes_nothing_once_others_have_them() => RightAsync(FrozenAtWork.RemovingAsync, Small);

    [Fact]
    public Task A_node_that_freezes_while_it_sends_parts_writes_nothing_once_others_have_them() => RightAsync(FrozenAtWork.SendingAsync, Small);

    [Fact]
    public Task The_database_stops_and_dies_and_work_goes_on_by_itself() => RightAsync(Outage.RunAsync, Small with { Large = 1, Pause = TimeSpan.FromSeconds(4) });

    [Fact]
    public Task A_node_is_cut_off_from_the_database_the_store_and_both() => RightAsync(Cut.RunAsync, Small with { Files = 600, Large = 1, LargeBytes = 50 << 20 });

    [Fact]
    public Task A_node_that_is_told_to_go_finishes_its_parts_and_another_goes_on_from_them() => RightAsync(Spot.RunAsync, Small with { Nodes = 2, LargeBytes = 96 << 20 });

    [Fact]
    public Task A_node_that_must_go_in_the_middle_of_parts_gives_them_back_at_once() => RightAsync(Spot.HastilyAsync, Small with { Nodes = 2, LargeBytes = 40 << 20 });

    [Theory]
    [InlineData(60)]
    [InlineData(5)]
    public Task A_machine_that_is_taken_leaves_its_parts_to_others_and_is_gone_in_time(int seconds) =>
        RightAsync(SpotNotice.RunAsync, Small with { LargeBytes = 96 << 20, Notice = TimeSpan.FromSeconds(seconds) });

    [Fact]
    public Task A_node_leaves_in_time_while_the_database_or_the_store_or_both_are_silent() => RightAsync(Silence.RunAsync, Small with { Files = 900, Large = 1, Grace = TimeSpan.FromSeconds(2) });

    private async Task<Figures> RightAsync(Func<SceneOptions, Task<Figures>> scene, SceneOptions options)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FLEET_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"FLEET_SEED={seed}");
        var figures = await scene(options with { Seed = seed });
        output.WriteLine($"{figures}");
        Assert.True(figures.Violations.Count == 0, $"{figures}");
        return figures;
    }
}
