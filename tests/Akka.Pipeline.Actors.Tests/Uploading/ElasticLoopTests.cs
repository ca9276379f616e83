namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Pipeline.Actors.Uploading;
using Xunit;

/// <summary>Items of which as many are worked on as may be at that moment.</summary>
public sealed class ElasticLoopTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource[] ends = [.. Enumerable.Range(0, 6).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
    private readonly SemaphoreSlim begun = new(0);
    private readonly SemaphoreSlim asked = new(0);
    private readonly List<int> order = [];
    private volatile int atOnce = 2;

    [Fact]
    public async Task More_are_begun_when_more_may_be_under_way_and_fewer_when_fewer_may()
    {
        var all = RunAsync();
        await BeginAsync(2);
        atOnce = 4;
        ends[0].SetResult();
        await BeginAsync(3);
        Assert.Equal(5, order.Count);

        atOnce = 1;
        foreach (var end in ends[1..4])
        {
            end.SetResult();
        }

        Assert.False(begun.Wait(0));
        ends[4].SetResult();
        await BeginAsync(1);
        ends[5].SetResult();
        await all;
        Assert.Equal([0, 1, 2, 3, 4, 5], order.Order());
    }

    [Fact]
    public async Task Never_fewer_than_one()
    {
        atOnce = 0;
        Array.ForEach(ends, end => end.SetResult());
        await RunAsync();
        Assert.Equal(6, order.Count);
    }

    [Fact]
    public async Task Of_nothing_nothing_is_left() => await ElasticLoop.RunAsync<int>([], () => 1, (_, _) => throw new InvalidOperationException(), _ => true, CancellationToken.None);

    [Fact]
    public async Task After_a_failure_nothing_is_begun_and_what_is_under_way_comes_to_its_end()
    {
        var all = RunAsync();
        await BeginAsync(2);
        ends[0].SetException(new IOException("first"));
        await AskedAsync(2);
        Assert.False(all.IsCompleted);
        ends[1].SetResult();
        Assert.Equal("first", (await Assert.ThrowsAsync<IOException>(() => all)).Message);
        Assert.Equal(2, order.Count);
    }

    [Fact]
    public async Task A_failure_that_ends_the_others_cancels_them()
    {
        var all = RunAsync(endsOthers: _ => true);
        await BeginAsync(2);
        ends[0].SetException(new IOException("first"));
        Assert.Equal("first", (await Assert.ThrowsAsync<IOException>(() => all)).Message);
    }

    [Fact]
    public async Task Who_cancels_it_hears_so()
    {
        using var stop = new CancellationTokenSource();
        var all = RunAsync(cancellation: stop.Token);
        await BeginAsync(2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all);
        Assert.Equal(2, order.Count);
    }

    private Task RunAsync(Func<Exception, bool>? endsOthers = null, CancellationToken cancellation = default) =>
        ElasticLoop.RunAsync(
            Enumerable.Range(0, ends.Length).ToList(),
            () =>
            {
                asked.Release();
                return atOnce;
            },
            async (item, stop) =>
            {
                lock (order)
                {
                    order.Add(item);
                }

                begun.Release();
                await ends[item].Task.WaitAsync(stop);
            },
            endsOthers ?? (_ => false),
            cancellation).WaitAsync(Deadline, CancellationToken.None);

    private Task BeginAsync(int count) => TakeAsync(begun, count);

    // At first, and whenever one has ended.
    private Task AskedAsync(int count) => TakeAsync(asked, count);

    private static async Task TakeAsync(SemaphoreSlim signal, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await signal.WaitAsync(Deadline));
        }
    }
}
