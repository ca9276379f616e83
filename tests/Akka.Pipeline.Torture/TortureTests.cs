namespace Akka.Pipeline.Torture;

using System.Globalization;
using Xunit.Abstractions;

/// <summary>The short run. The long one: dotnet run -c Release --project tests/Akka.Pipeline.Torture -- --kills 1000.</summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    private const int ShortRunKills = 25;

    /// <summary>A mutation is given this many lives to be found out; most need one.</summary>
    private const int MutationLives = 4;

    private static readonly TimeSpan ShortRunLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MutationLimit = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Guards { get; } = [.. Scenario.Mutations];

    [Fact]
    public async Task No_byte_is_lost_or_wrong_when_the_program_is_killed_at_every_step_and_at_random_moments()
    {
        var seed = SeedOf("TORTURE_SEED");
        var report = await RunAsync(seed, ShortRunKills, ShortRunLimit, Scenario.Everything(seed), stopAtViolation: false);

        Assert.True(report.Violations.Count == 0, $"{report}\n{string.Join('\n', report.Violations)}");
        Assert.True(report.Writes > 0, "Nothing was uploaded.");
    }

    [Fact]
    public async Task Nor_on_a_real_server_over_a_wire_that_breaks()
    {
        var seed = SeedOf("TORTURE_SEED");
        var report = await RunAsync(seed, Killer.Steps.Count, ShortRunLimit, Scenario.OnCeph(seed), stopAtViolation: false, onCeph: true);

        Assert.True(report.Violations.Count == 0, $"{report}\n{string.Join('\n', report.Violations)}");
        Assert.True(report.Writes > 0, "Nothing was uploaded.");
    }

    [Theory]
    [MemberData(nameof(Guards))]
    public async Task Without_a_guard_the_torture_finds_a_violation(string mutation)
    {
        var report = await RunAsync(SeedOf("TORTURE_SEED"), MutationLives, MutationLimit, Scenario.For(mutation), stopAtViolation: true);

        Assert.True(report.Violations.Count > 0, $"{mutation} was not noticed: {report}");
    }

    private static int SeedOf(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();

    private async Task<TortureReport> RunAsync(int seed, int kills, TimeSpan limit, Scenario scenario, bool stopAtViolation, bool onCeph = false)
    {
        output.WriteLine($"TORTURE_SEED={seed}");
        var options = new TortureOptions(seed, kills, limit, scenario, Path.GetTempPath(), onCeph, stopAtViolation, Keep: false);
        var report = await new Torture(options, output.WriteLine).RunAsync();
        output.WriteLine(report.ToString());
        return report;
    }
}
