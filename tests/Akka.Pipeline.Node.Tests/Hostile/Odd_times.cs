namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;

/// <summary>Files whose times are far away in either direction are neither held back for ever nor taken too early.</summary>
public sealed class Odd_times : NodeTest
{
    private static readonly string[] Times = ["1901-12-14", "1969-12-31 23:59:59", "1970-01-01", "2038-01-20", "2099-01-01", "2400-01-01", "now + 1 hour", "now - 10 years"];

    [Fact]
    public async Task Every_time_of_a_file_is_as_good_as_another()
    {
        for (var n = 0; n < Times.Length; n++)
        {
            Assert.Equal(0, Shell.Run($"touch -d '{Times[n]}' '{Write($"{Bucket}/{n}", "x")}'"));
        }

        (await OnceAsync()).Exits(0).Says($"removed {Times.Length}");
    }

    [Fact]
    public async Task A_file_that_is_written_all_the_time_is_not_taken_early_because_its_time_is_old()
    {
        Configure("pipeline { route-defaults { stable-after = 1s }, once.writer-wait = 500ms }");
        var file = Write($"{Bucket}/written", "0");
        await using var writer = Start(["--version"], "sh", "-c", $"while :; do echo x >> '{file}'; touch -d 1970-01-01 '{file}'; sleep 0.05; done");

        (await OnceAsync()).Exits(1).Says("1 still being written");

        Assert.Equal(0, Sandbox.Statistics.Total);
        Assert.Single(Left());
    }
}
