namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Pipeline.Actors.Uploading;

public sealed class ByteBudgetTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Takers_wait_in_order_until_enough_is_free()
    {
        var budget = new ByteBudget(10);
        var first = await budget.TakeAsync(7, default);
        var large = budget.TakeAsync(8, default).AsTask();
        var small = budget.TakeAsync(1, default).AsTask();
        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted); // It would fit, and would starve the large one.
        first.Dispose();
        (await large.WaitAsync(Deadline)).Dispose();
        (await small.WaitAsync(Deadline)).Dispose();
        (await budget.TakeAsync(10, default).AsTask().WaitAsync(Deadline)).Dispose();
    }

    [Fact]
    public async Task More_than_the_whole_budget_is_given_alone()
    {
        var budget = new ByteBudget(10);
        var small = await budget.TakeAsync(1, default);
        var huge = budget.TakeAsync(1000, default).AsTask();
        Assert.False(huge.IsCompleted);
        small.Dispose();
        var share = await huge.WaitAsync(Deadline);
        var next = budget.TakeAsync(1, default).AsTask();
        Assert.False(next.IsCompleted);
        share.Dispose();
        await next.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Giving_back_twice_gives_back_once()
    {
        var budget = new ByteBudget(10);
        var one = await budget.TakeAsync(5, default);
        var other = await budget.TakeAsync(5, default);
        one.Dispose();
        one.Dispose();
        Assert.True(budget.TakeAsync(5, default).AsTask().IsCompleted);
        Assert.False(budget.TakeAsync(1, default).AsTask().IsCompleted);
        other.Dispose();
    }

    [Fact]
    public async Task A_taker_that_gives_up_makes_way_for_those_behind_it()
    {
        var budget = new ByteBudget(10);
        using var share = await budget.TakeAsync(5, default);
        using var stop = new CancellationTokenSource();
        var large = budget.TakeAsync(8, stop.Token).AsTask();
        var small = budget.TakeAsync(5, default).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small.WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_takes_nothing()
    {
        var budget = new ByteBudget(10);
        using var share = await budget.TakeAsync(10, default);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => budget.TakeAsync(1, new CancellationToken(canceled: true)).AsTask());
        share.Dispose();
        Assert.True(budget.TakeAsync(10, default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Under_a_crowd_that_gives_up_at_random_nothing_is_lost_and_nothing_is_given_twice()
    {
        var seed = Environment.GetEnvironmentVariable("TEST_SEED") is { } given ? int.Parse(given) : Environment.TickCount;
        var random = new Random(seed);
        var plans = Enumerable.Range(0, 400).Select(_ => (Bytes: random.Next(0, 150), GivesUp: random.Next(3) == 0, Yields: random.Next(4))).ToList();
        var budget = new ByteBudget(100);
        var (inUse, most) = (0L, 0L);
        await Task.WhenAll(plans.Select(plan => Task.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            if (plan.GivesUp)
            {
                stop.CancelAfter(TimeSpan.FromMilliseconds(plan.Yields));
            }

            try
            {
                using var share = await budget.TakeAsync(plan.Bytes, stop.Token);
                var now = Interlocked.Add(ref inUse, Math.Min(plan.Bytes, 100));
                InterlockedMax(ref most, now);
                for (var n = 0; n < plan.Yields; n++)
                {
                    await Task.Yield();
                }

                Interlocked.Add(ref inUse, -Math.Min(plan.Bytes, 100));
            }
            catch (OperationCanceledException)
            {
                // It gave up.
            }
        }))).WaitAsync(Deadline);
        Assert.True(most <= 100, $"{most} bytes were in use at once (TEST_SEED={seed})");
        Assert.True(budget.TakeAsync(100, default).AsTask().IsCompleted, $"Something was not given back (TEST_SEED={seed})");
    }

    private static void InterlockedMax(ref long most, long value)
    {
        var seen = Interlocked.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
            seen = Interlocked.Read(ref most);
        }
    }
}
