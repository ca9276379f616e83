namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;

/// <summary>A process that may open few files works, or says what to raise before it has begun anything.</summary>
public sealed class Few_handles : NodeTest
{
    [Theory]
    [InlineData(500)]
    [InlineData(600)]
    public async Task With_few_handles_everything_arrives(int limit)
    {
        WriteMany();

        await using var run = Start(["run", "--once", "--endpoint", Endpoint], "prlimit", $"--nofile={limit}:{limit}");

        (await run.EndAsync()).Exits(0);
        Assert.Empty(Left());
        Assert.Equal(Count, (await Store.KeysAsync(Bucket)).Count);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(300)]
    public async Task With_too_few_handles_it_ends_with_exit_code_2_and_names_the_limit(int limit)
    {
        Write($"{Bucket}/stays", "stays");

        await using var run = Start(["run", "--once", "--endpoint", Endpoint], "prlimit", $"--nofile={limit}:{limit}");

        (await run.EndAsync()).Exits(2).Says($"may have {limit} files open", "LimitNOFILE=");
        Assert.Equal(0, Sandbox.Statistics.Total);
        Assert.Single(Left());
    }

    [Fact]
    public async Task Fewer_slots_and_requests_need_fewer_handles()
    {
        WriteMany();
        Configure("pipeline.upload { slots = 4, requests-at-once = 4 }");

        await using var run = Start(["run", "--once", "--endpoint", Endpoint], "prlimit", "--nofile=400:400");

        (await run.EndAsync()).Exits(0);
        Assert.Empty(Left());
    }

    private const int Count = 1200;

    private void WriteMany()
    {
        for (var n = 0; n < Count; n++)
        {
            Write($"{Bucket}/{n:0000}", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{n}"));
        }
    }
}
